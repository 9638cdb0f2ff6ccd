import { keyText, type MeshSpec, type Resource } from "@meridian/model";
import type { Decision, InboundHooks, OutboundHooks } from "../core/effects/hooks.ts";
import type { InboundDecisionInput, OutboundDecisionInput } from "../core/effects/targets.ts";
import { selectForProxy } from "../core/legacy-selection.ts";
import { ownService } from "../core/observability/placeholders.ts";
import { traceUrl } from "../core/observability/trace-url.ts";
import { addTracing, type TraceBackend, type Tracing, traceCluster } from "../core/observability/tracing.ts";
import type { ProxySubject } from "../core/types.ts";
import type { TrafficTraceSpec } from "./schema.ts";

/** Undefined: the policy names a backend that is missing. */
type Conf = { readonly tracing?: Tracing };

/**
 * Spans of requests that the proxy sends, to a backend of the Mesh (reference: resources-legacy.md section 4). It selects proxies, so
 * all that they send to services of the mesh is traced, however they name these.
 */
export const outboundTrafficTrace: OutboundHooks<Conf> = {
  decide: (input) => (input.outbound.resource?.kind === "MeshExternalService" ? undefined : decide(input)),
  chain: (chain, { tracing }, { service }) => (tracing ? addTracing(chain, tracing, service) : chain),
  extraClusters: ({ tracing }) => (tracing ? [traceCluster(tracing)] : []),
};

/** Spans of requests that it receives. */
export const inboundTrafficTrace: InboundHooks<Conf> = {
  decide,
  chain: (chain, { tracing }) => (tracing ? addTracing(chain, tracing) : chain),
  extraClusters: ({ tracing }) => (tracing ? [traceCluster(tracing)] : []),
};

function decide({ subject, policies, world }: OutboundDecisionInput | InboundDecisionInput): Decision<Conf> | undefined {
  const ofMesh = (policies as readonly Resource<TrafficTraceSpec>[]).filter(({ mesh }) => mesh === subject.mesh);
  const policy = selectForProxy(subject.tagSets, ofMesh);
  if (!policy) return undefined;
  const origins = [keyText(policy)];
  const name = policy.spec.conf?.backend || world.mesh.tracing?.defaultBackend || "";
  const tracing = findBackend(name, world.mesh, subject);
  if (typeof tracing !== "string") return { conf: { tracing }, origins };
  return { conf: {}, origins, notes: origins.map((key) => ({ policy: key, message: tracing })) };
}

/** A text says why there is none. */
function findBackend(name: string, { tracing }: MeshSpec, subject: ProxySubject): Tracing | string {
  const found = tracing?.backends?.find((each) => each.name === name);
  if (!found) return name === "" ? "the Mesh has no default tracing backend" : `the Mesh has no tracing backend ${name}`;
  const backend = found.type === "datadog" ? datadog(found.conf, subject) : zipkin(found.conf);
  if (!backend) return `the tracing backend ${name} of the Mesh has no address`;
  const sampling = found.sampling === undefined ? {} : { overall: found.sampling };
  return { backend, cluster: `tracing:${name}`, sampling, tags: [] };
}

type BackendConf = NonNullable<NonNullable<MeshSpec["tracing"]>["backends"]>[number]["conf"];

function zipkin({ url = "", traceId128bit = false, apiVersion, sharedSpanContext }: BackendConf = {}): TraceBackend | undefined {
  const place = traceUrl(url);
  return (
    place && {
      ...{ type: "zipkin", ...place, traceId128bit },
      version: apiVersion === "httpProto" ? "HTTP_PROTO" : "HTTP_JSON",
      ...(sharedSpanContext !== undefined && { sharedSpanContext }),
    }
  );
}

function datadog({ address, port, splitService = false }: BackendConf = {}, { tagSets }: ProxySubject): TraceBackend | undefined {
  if (!address || !port) return undefined;
  return { type: "datadog", host: address, port, service: ownService(tagSets), splitService };
}
