import type { PolicyCounts, PolicyState, PolicyStatus, Resource, ZonePolicyReport, ZonePolicyStatus } from "@meridian/model";

/** Sums up what zones say of a policy. What cannot be heard, or speaks of an older version of the policy, is not converged. */
export function policyStatus(policy: Resource, reports: readonly ZonePolicyReport[]): PolicyStatus {
  const zones = reports.map(zoneStatus);
  const counted = zones.filter(({ state }) => state !== "disabled");
  return {
    type: policy.kind,
    ...(policy.mesh !== "" && { mesh: policy.mesh }),
    name: policy.name,
    version: policy.version,
    state: worst(counted.map(({ state }) => state as PolicyState)),
    proxies: counted.map(({ proxies }) => proxies).reduce(sum, none),
    zones,
  };
}

type Counts = PolicyStatus["proxies"];
const none: Counts = { applied: 0, converged: 0, pending: 0, rejected: 0, unknown: 0 };

function sum(a: Counts, b: Counts): Counts {
  return {
    applied: a.applied + b.applied,
    converged: a.converged + b.converged,
    pending: a.pending + b.pending,
    rejected: a.rejected + b.rejected,
    unknown: a.unknown + b.unknown,
  };
}

function zoneStatus({ zone, status, lastHeard, isCurrent, report }: ZonePolicyReport): ZonePolicyStatus {
  const { proxies, rejections, notes } = report;
  const told = { zone, rejections, notes };
  if (status === "disabled") return { ...told, state: "disabled", proxies: unheard(proxies) };
  if (status === "unknown") {
    return { ...told, state: "unknown", ...(lastHeard !== undefined && { unknownSince: lastHeard }), proxies: unheard(proxies) };
  }
  if (!isCurrent) {
    const waiting = { ...proxies, converged: 0, pending: proxies.pending + proxies.converged, unknown: 0 };
    return { ...told, state: "pending", proxies: waiting };
  }
  return { ...told, state: stateOf(report), proxies: { ...proxies, unknown: 0 } };
}

/** What the zone said last is all that is known, and may be over. */
function unheard({ applied }: PolicyCounts): Counts {
  return { ...none, applied, unknown: applied };
}

function stateOf({ proxies, rejections }: ZonePolicyReport["report"]): PolicyState {
  if (rejections.length > 0) return "rejected";
  if (proxies.pending > 0) return "pending";
  return proxies.applied > 0 ? "converged" : "unapplied";
}

/** What an operator must know first. A zone that it does not apply to says nothing against the others. */
const byWeight: readonly PolicyState[] = ["rejected", "pending", "unknown", "converged"];

function worst(states: readonly PolicyState[]): PolicyState {
  return byWeight.find((state) => states.includes(state)) ?? "unapplied";
}
