import type { Resource } from "@meridian/model";
import { keyText } from "@meridian/model";
import { decideInbound, type InboundConf } from "../core/effects/decide-inbound.ts";
import type { Decision, InboundHooks, OutboundHooks } from "../core/effects/hooks.ts";
import type { OutboundDecisionInput } from "../core/effects/targets.ts";
import { mergeConfs } from "../core/merge.ts";
import { comparePolicies } from "../core/policy-order.ts";
import type { ProtoJson } from "../core/route.ts";
import { selectsProxy } from "../core/target-ref.ts";
import type { MeshTlsSpec, TlsConf, TlsVersion } from "./schema.ts";

/** Mode, versions and cipher suites of inbounds (reference: policies-envoy.md section 18). */
export const meshTlsInbound: InboundHooks<InboundConf<TlsConf>> = {
  decide: decideInbound,
  security(security, { all = {} }) {
    const tlsParams = parametersOf(all);
    return {
      mode: all.mode === undefined ? security.mode : all.mode === "Strict" ? "STRICT" : "PERMISSIVE",
      ...(tlsParams && { tlsParams }),
    };
  },
};

/** Clients offer what servers of the mesh take: versions and suites stand in policies for the whole mesh only. */
export const meshTlsOutbound: OutboundHooks<ProtoJson> = {
  decide: decideParameters,
  cluster(cluster, tlsParams) {
    const socket = cluster["transportSocket"] as { readonly typedConfig: ProtoJson } | undefined;
    if (!socket) return cluster;
    const context = socket.typedConfig["commonTlsContext"] as ProtoJson;
    const typedConfig = { ...socket.typedConfig, commonTlsContext: { ...context, tlsParams } };
    return { ...cluster, transportSocket: { ...socket, typedConfig } };
  },
};

function decideParameters({ subject, policies }: OutboundDecisionInput): Decision<ProtoJson> | undefined {
  const selecting = (policies as readonly Resource<MeshTlsSpec>[])
    .filter((policy) => selectsProxy(policy, subject))
    .sort(comparePolicies);
  const confs = selecting.flatMap(({ spec }) => (spec.rules?.length ? spec.rules : (spec.from ?? [])));
  const tlsParams = parametersOf(mergeConfs(confs.map(({ default: conf = {} }) => conf)) ?? {});
  return tlsParams && { conf: tlsParams, origins: selecting.map(keyText).sort() };
}

/** Envoy `TlsParameters`; the peer forgets the suites without a version, and the lowest version beside the highest. */
function parametersOf({ tlsVersion, tlsCiphers = [] }: TlsConf): ProtoJson | undefined {
  const { min, max } = tlsVersion ?? {};
  const parameters = {
    ...(min && { tlsMinimumProtocolVersion: envoyVersions[min] }),
    ...(max && { tlsMaximumProtocolVersion: envoyVersions[max] }),
    ...(tlsCiphers.length > 0 && { cipherSuites: tlsCiphers }),
  };
  return Object.keys(parameters).length > 0 ? parameters : undefined;
}

const envoyVersions: Readonly<Record<TlsVersion, string>> = {
  TLSAuto: "TLS_AUTO",
  TLS10: "TLSv1_0",
  TLS11: "TLSv1_1",
  TLS12: "TLSv1_2",
  TLS13: "TLSv1_3",
};
