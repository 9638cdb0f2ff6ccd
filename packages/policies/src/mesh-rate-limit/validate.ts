import type { Violation } from "@meridian/model";
import { validateDurationsAbove } from "../core/fragments/duration.ts";
import { validateAbove0 } from "../core/fragments/number.ts";
import { validateRulesAlone } from "../core/fragments/policy-lists.ts";
import {
  includesGateways,
  validateRuleItems,
  validateTargetedItems,
  validateTopLevelRef,
} from "../core/fragments/target-items.ts";
import { topLevelKindsWithRoute } from "../core/fragments/target-kinds.ts";
import { topLevelRef } from "../core/target-ref.ts";
import type { LocalRateLimit, MeshRateLimitSpec, RateLimitConf } from "./schema.ts";

/** Paths and texts: resources.md sections 6 and 7. */
export function validateMeshRateLimit(spec: MeshRateLimitSpec): readonly Violation[] {
  return [...validateRulesAlone(spec), ...validateTopLevelRef(spec, topLevelKindsWithRoute), ...validateItems(spec)];
}

/** Gateways have outbounds (`to`) to limit and sidecars inbounds (`from`, `rules`): a scope with both would be ambiguous. */
function validateItems(spec: MeshRateLimitSpec): readonly Violation[] {
  const { kind } = topLevelRef(spec);
  const refs = { kinds: ["Mesh"] } as const;
  if (!includesGateways(topLevelRef(spec))) {
    return [
      ...validateTargetedItems("spec.from", spec.from, { refs, validateConf }),
      ...validateRuleItems("spec.rules", spec.rules, (path, conf: RateLimitConf, { matches = [] }) => [
        ...validateConf(path, conf),
        ...(matches.some(({ spiffeID }) => spiffeID) ? refuseForClient(`${path}.local.tcp`, conf) : []),
      ]),
      ...(spec.to?.length ? [{ path: "spec.to", message: "must not be defined" }] : []),
    ];
  }
  const reason =
    kind === "MeshHTTPRoute"
      ? "when spec.kind is MeshHTTPRoute"
      : "when the scope includes a Gateway, select only proxyType Sidecar or select only gateways and use spec.to";
  return [
    ...(spec.from?.length ? [{ path: "spec.from", message: `must not be defined ${reason}` }] : []),
    ...(spec.rules?.length ? [{ path: "spec.rules", message: `must not be defined ${reason}` }] : []),
    ...validateTargetedItems("spec.to", spec.to, { refs, validateConf }),
  ];
}

/** A connection is counted before its client is known. */
function refuseForClient(path: string, { local }: RateLimitConf): readonly Violation[] {
  if (!local?.tcp) return [];
  const reason = "because this field cannot be conditioned on source identity";
  return [{ path, message: `can't be specified when matches contain spiffeID ${reason}` }];
}

function validateConf(path: string, { local }: RateLimitConf): readonly Violation[] {
  const where = `${path}.local`;
  if (!local) return [{ path: where, message: "must be defined" }];
  const { http, tcp } = local;
  if (!http && !tcp) return [{ path: where, message: "must have at least one defined: tcp, http" }];
  return [...(http ? validateHttp(`${where}.http`, http) : []), ...(tcp ? validateTcp(`${where}.tcp`, tcp) : [])];
}

function validateHttp(path: string, http: NonNullable<LocalRateLimit["http"]>): readonly Violation[] {
  const { disabled, requestRate, onRateLimit } = http;
  if (disabled === undefined && !requestRate && !onRateLimit) {
    return [{ path, message: "must have at least one defined: disabled, requestRate, onRateLimit" }];
  }
  return [
    ...validateRate(`${path}.requestRate`, requestRate),
    ...validateAbove0(`${path}.onRateLimit`, { status: onRateLimit?.status }),
  ];
}

function validateTcp(path: string, tcp: NonNullable<LocalRateLimit["tcp"]>): readonly Violation[] {
  const { disabled, connectionRate } = tcp;
  if (disabled === undefined && !connectionRate) {
    return [{ path, message: "must have at least one defined: disabled, connectionRate" }];
  }
  return validateRate(`${path}.connectionRate`, connectionRate);
}

interface Rate {
  readonly num: number;
  readonly interval: string;
}

const shortestIntervalMs = 50;

function validateRate(path: string, rate: Rate | undefined): readonly Violation[] {
  if (!rate) return [];
  const { num, interval } = rate;
  return [...validateAbove0(path, { num }), ...validateDurationsAbove(path, { interval }, shortestIntervalMs)];
}
