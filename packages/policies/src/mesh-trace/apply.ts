import { labelNames, type Resource } from "@meridian/model";
import type { ClientTrait } from "../core/define-policy.ts";
import { decideSingle } from "../core/effects/decide-single.ts";
import type { Decision, InboundHooks, OutboundHooks } from "../core/effects/hooks.ts";
import type { InboundDecisionInput, OutboundDecisionInput, World } from "../core/effects/targets.ts";
import { percentageOf } from "../core/fragments/percentage.ts";
import { type CollectorRef, missingCollector, resolveCollector } from "../core/observability/collector.ts";
import { ownService, workloadKri } from "../core/observability/placeholders.ts";
import { traceUrl } from "../core/observability/trace-url.ts";
import {
  addTracing,
  removeTracing,
  type TraceBackend,
  type TraceTag,
  type Tracing,
  traceCluster,
} from "../core/observability/tracing.ts";
import { selectsInbound, selectsProxy } from "../core/target-ref.ts";
import type { ProxySubject } from "../core/types.ts";
import type { MeshTraceSpec, TraceConf } from "./schema.ts";

/** `off`: no requests are traced. */
type Conf = { readonly tracing: Tracing; readonly destination?: string } | "off";

/** Spans of requests that the proxy sends (reference: policies-envoy.md section 14). What leaves the mesh gets none. */
export const outboundTracing: OutboundHooks<Conf> = {
  decide: (input) => (input.outbound.resource?.kind === "MeshExternalService" ? undefined : decideOutbound(input)),
  chain: (chain, conf, { service }) =>
    conf === "off" ? removeTracing(chain) : addTracing(chain, conf.tracing, conf.destination ?? service),
  extraClusters: (conf) => (conf === "off" ? [] : [traceCluster(conf.tracing)]),
};

/** Spans of requests that the proxy receives. */
export const inboundTracing: InboundHooks<Conf> = {
  decide: decideInbound,
  chain: (chain, conf) => (conf === "off" ? removeTracing(chain) : addTracing(chain, conf.tracing)),
  extraClusters: (conf) => (conf === "off" ? [] : [traceCluster(conf.tracing)]),
};

type Written = ReturnType<typeof decideSingle<TraceConf>>;

function ofProxy({ policies, subject }: OutboundDecisionInput | InboundDecisionInput): Written {
  return decideSingle<TraceConf>(policies, (policy) => selectsProxy(policy, subject));
}

function decideOutbound(input: OutboundDecisionInput): Decision<Conf> | undefined {
  const { resource } = input.outbound;
  const decision = decided(ofProxy(input), input, clusterName);
  if (!resource || !decision || decision.conf === "off") return decision;
  const destination = resource.labels[labelNames.displayName] ?? resource.name;
  return { ...decision, conf: { ...decision.conf, destination } };
}

/** An inbound may have a collector of its own: its cluster is then not the one that the rest of the proxy shares. */
function decideInbound(input: InboundDecisionInput): Decision<Conf> | undefined {
  const { policies, subject, inbound } = input;
  const own = decideSingle<TraceConf>(policies, (policy) => selectsInbound(policy, subject, inbound));
  const [backend] = own?.conf.backends ?? [];
  const isOwn = JSON.stringify(backend) !== JSON.stringify(ofProxy(input)?.conf.backends?.[0]);
  return decided(own, input, isOwn ? (each) => `${clusterName(each)}:${inbound.section}` : clusterName);
}

function clusterName({ type }: TraceBackend): string {
  return `meshtrace:${type}`;
}

function decided(
  written: Written,
  { subject, world }: { readonly subject: ProxySubject; readonly world: World },
  nameOf: (backend: TraceBackend) => string,
): Decision<Conf> | undefined {
  const { conf, origins } = written ?? {};
  if (!conf?.backends || !origins) return undefined;
  const [first] = conf.backends;
  if (!first) return { conf: "off", origins };
  const backend = resolveBackend(first, subject, world);
  if (typeof backend === "string") {
    return { conf: "off", origins, notes: origins.map((policy) => ({ policy, message: backend })) };
  }
  const tracing = { backend, cluster: nameOf(backend), sampling: sampling(conf), tags: traceTags(conf, subject, world) };
  return { conf: { tracing }, origins };
}

type WrittenBackend = NonNullable<TraceConf["backends"]>[number];

/** A text says why there is none. */
function resolveBackend(backend: WrittenBackend, { tagSets }: ProxySubject, world: World): TraceBackend | string {
  const { type, zipkin, datadog, openTelemetry } = backend;
  switch (type) {
    case "Zipkin": {
      const url = traceUrl(zipkin?.url ?? "");
      if (!url) return `${zipkin?.url} is no address of a collector`;
      return {
        ...{ type: "zipkin", ...url, traceId128bit: zipkin?.traceId128bit ?? false },
        version: zipkin?.apiVersion === "httpProto" ? "HTTP_PROTO" : "HTTP_JSON",
        sharedSpanContext: zipkin?.sharedSpanContext ?? true,
      };
    }
    case "Datadog": {
      const url = traceUrl(datadog?.url ?? "");
      if (!url) return `${datadog?.url} is no address of a collector`;
      const { host, port } = url;
      return { type: "datadog", host, port, service: ownService(tagSets), splitService: datadog?.splitService ?? false };
    }
    case "OpenTelemetry": {
      const collector = resolveCollector(openTelemetry as CollectorRef, world);
      if (!collector) return missingCollector(openTelemetry as CollectorRef);
      return { type: "opentelemetry", collector, service: ownService(tagSets) };
    }
  }
}

function sampling({ sampling: written = {} }: TraceConf): Tracing["sampling"] {
  const percentages = Object.entries(written).map(([which, value]) => [which, percentageOf(value)]);
  return Object.fromEntries(percentages.filter(([, percentage]) => percentage !== undefined));
}

/** The user's own tags come first, and hide those that every span has. */
function traceTags({ tags = [] }: TraceConf, subject: ProxySubject, world: World): readonly TraceTag[] {
  const own = tags.map(({ name, literal = "", header }): TraceTag => {
    if (!header) return { name, literal };
    return { name, header: header.name, ...(header.default !== undefined && { default: header.default }) };
  });
  const always = { "kuma.mesh": world.name, "kuma.zone": world.zone, "kuma.workload": workloadKri(subject) };
  const added = Object.entries(always)
    .filter(([name, literal]) => literal !== "" && !tags.some((tag) => tag.name === name))
    .map(([name, literal]) => ({ name, literal }));
  return [...own, ...added];
}

/** Who sends, where spans say so: proxies that agree in it share their outbounds. */
export function traceTraits({ spec }: Resource<MeshTraceSpec>): readonly ClientTrait[] {
  const types = (spec.default?.backends ?? []).map(({ type }) => type);
  return [{ label: labelNames.workload }, ...(types.some((type) => type !== "Zipkin") ? [{ tag: "kuma.io/service" }] : [])];
}
