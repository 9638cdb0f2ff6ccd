import { type DataplaneSpec, labelNames, type Resource, type Tags, tagNames } from "@meridian/model";
import { isConnected } from "../insight-view.ts";

export type ProxyClass = "standard" | "gatewayBuiltin" | "gatewayDelegated";

/** What an insight says that is counted. Counters of pushes are not among it, so it changes rarely. */
export interface ConnectionFacts {
  readonly isConnected: boolean;
  readonly kumaDp: string;
  readonly envoy: string;
  /** Absent: the proxy has no certificate. */
  readonly issuedBackend?: string;
  readonly supportedBackends: readonly string[];
}

/** What a data plane's resource says that is counted. */
export interface ProxyFacts {
  readonly mesh: string;
  /** "" where a resource does not say: it is of the zone that answers. */
  readonly zone: string;
  readonly proxyClass: ProxyClass;
  /** Some inbound is not ready. */
  readonly isDegraded: boolean;
  /** Each `kuma.io/service` once; `isReady` when every inbound of it is. */
  readonly services: readonly { readonly name: string; readonly isReady: boolean }[];
}

/** As the peer counts a proxy that does not say its version. */
const unknownVersion = "unknown";

/** Of a proxy that has no insight yet. */
export const neverConnected: ConnectionFacts = connectionFacts({});

/** @param insight value of a DataplaneInsight, ZoneIngressInsight or ZoneEgressInsight; anything else says nothing. */
export function connectionFacts(insight: unknown): ConnectionFacts {
  const { subscriptions, mTLS } = Object(insight) as InsightFields;
  const version = subscriptions?.at(-1)?.version;
  return {
    isConnected: isConnected({ ...(subscriptions && { subscriptions }) }),
    kumaDp: version?.kumaDp?.version || unknownVersion,
    envoy: version?.envoy?.version || unknownVersion,
    ...(mTLS?.issuedBackend && { issuedBackend: mTLS.issuedBackend }),
    supportedBackends: [...new Set(mTLS?.supportedBackends ?? [])],
  };
}

interface InsightFields {
  readonly subscriptions?: readonly {
    readonly connectTime?: string;
    readonly disconnectTime?: string;
    readonly version?: { readonly kumaDp?: { readonly version?: string }; readonly envoy?: { readonly version?: string } };
  }[];
  readonly mTLS?: { readonly issuedBackend?: string; readonly supportedBackends?: readonly string[] };
}

export function proxyFacts({ mesh, labels, spec }: Resource): ProxyFacts {
  const { gateway, inbound = [] } = (spec as DataplaneSpec).networking ?? {};
  const offered = inbound.map((one) => ({
    name: (one.tags as Tags | undefined)?.[tagNames.service],
    isReady: one.state !== "NotReady" && one.health?.ready !== false,
  }));
  if (gateway) offered.push({ name: (gateway.tags as Tags | undefined)?.[tagNames.service], isReady: true });
  const services = new Map<string, boolean>();
  for (const { name, isReady } of offered) if (name !== undefined) services.set(name, isReady && services.get(name) !== false);
  return {
    mesh,
    zone: labels[labelNames.zone] ?? "",
    proxyClass: !gateway ? "standard" : gateway.type === "BUILTIN" ? "gatewayBuiltin" : "gatewayDelegated",
    isDegraded: offered.some(({ isReady }) => !isReady),
    services: [...services].map(([name, isReady]) => ({ name, isReady })),
  };
}
