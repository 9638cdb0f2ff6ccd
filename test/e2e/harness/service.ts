import { ports } from "./control-plane.ts";
import type { DataPlane } from "./data-plane.ts";
import type { StatusOf, UpstreamPlan } from "./upstream.ts";
import type { Launcher } from "./world.ts";

/** The port that a sidecar takes traffic of the mesh on, and the workload's own behind it. */
export const inboundPort = 17_080;
const applicationPort = 17_880;
const firstOutboundPort = 17_900;

export interface ServicePlan {
  readonly zone: string;
  readonly service: string;
  /** Tag `version`; v1 when absent. */
  readonly version?: string;
  /** Beside service, protocol and version. */
  readonly tags?: Readonly<Record<string, string>>;
  /** Of the Dataplane. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Of the Dataplane; `<service>-<version>-<zone>` when absent. */
  readonly name?: string;
  readonly mesh?: string;
  /** Services that it calls. */
  readonly calls?: readonly string[];
  /** The same for real services (MeshService …), each under a name of the test's own. */
  readonly backends?: Readonly<Record<string, object>>;
  /** The same by tags, such as for a gateway of another mesh. */
  readonly outbounds?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** How long its sidecar lets connections finish after SIGTERM. */
  readonly drainTime?: string;
  /** Its address; the next of its zone when absent. */
  readonly host?: string;
  /** Runs its data plane. */
  readonly launcher?: Launcher;
  /** Further flags of its data plane. */
  readonly args?: readonly string[];
  /** Of its Dataplane: what is redirected, and what it reaches. */
  readonly transparentProxying?: object;
  /** What its application answers; absent: always 200. */
  readonly statusOf?: StatusOf;
}

/** One instance of a service: where it listens and how it reaches others. */
export class Service {
  readonly plan: ServicePlan;
  readonly host: string;
  readonly sidecar: DataPlane;

  constructor(plan: ServicePlan, host: string, sidecar: DataPlane) {
    this.plan = plan;
    this.host = host;
    this.sidecar = sidecar;
  }

  /** Where the mesh reaches it. */
  get inbound(): string {
    return `${this.host}:${inboundPort}`;
  }

  get upstream(): UpstreamPlan {
    const { service, zone, version = "v1", statusOf } = this.plan;
    return { host: this.host, port: applicationPort, service, version, zone, ...(statusOf && { statusOf }) };
  }

  /** Where its application finds a service that it calls: its own sidecar. */
  to(service: string): string {
    const { calls = [], backends = {}, outbounds = {} } = this.plan;
    const index = [...calls, ...Object.keys(backends), ...Object.keys(outbounds)].indexOf(service);
    if (index < 0) throw new Error(`${this.plan.service} does not call ${service}`);
    return `${this.host}:${firstOutboundPort + index}`;
  }
}

export function sidecarResource(plan: ServicePlan, host: string): { readonly name: string; readonly [field: string]: unknown } {
  const { service, zone, version = "v1", mesh = "default", calls = [], backends = {}, outbounds = {}, labels } = plan;
  const inbound = {
    port: inboundPort,
    servicePort: applicationPort,
    serviceAddress: host,
    tags: { "kuma.io/service": service, "kuma.io/protocol": "http", version, ...plan.tags },
  };
  const targets = [
    ...calls.map((target) => ({ tags: { "kuma.io/service": target } })),
    ...Object.values(backends).map((backendRef) => ({ backendRef })),
    ...Object.values(outbounds).map((tags) => ({ tags })),
  ];
  const outbound = targets.map((target, index) => ({ address: host, port: firstOutboundPort + index, ...target }));
  const { transparentProxying } = plan;
  const networking = { address: host, inbound: [inbound], outbound, ...(transparentProxying && { transparentProxying }) };
  const name = plan.name ?? `${service}-${version}-${zone}`;
  return { type: "Dataplane", mesh, name, ...(labels && { labels }), networking };
}

export function zoneEgressResource(name: string, host: string): object {
  return { type: "ZoneEgress", name, networking: { address: host, port: ports.egress } };
}

export function zoneIngressResource(name: string, host: string): object {
  const networking = { address: host, port: ports.ingress, advertisedAddress: host, advertisedPort: ports.ingress };
  return { type: "ZoneIngress", name, networking };
}
