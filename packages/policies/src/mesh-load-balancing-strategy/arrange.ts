import { type Endpoint, isEgressLocality } from "@meridian/envoy";
import type { Assignment } from "../core/effects/targets.ts";
import { affinityOf, type Nearness, type StepwiseNearness, stepOf } from "./near-first.ts";

/** Envoy adds up the weights of the localities of one priority in 32 bits. */
const largestWeight = 2 ** 32 - 1;

/** Gives each endpoint its priority and its place in the zone; endpoints that get no traffic are left out. */
export function arrange({ endpoints, ...assignment }: Assignment, nearness: Nearness, ownZone: string): Assignment {
  switch (nearness.order) {
    case "alike":
      return { ...assignment, endpoints: endpoints.map((endpoint) => at(endpoint, 0)) };
    case "ownZoneFirst":
      return { ...assignment, endpoints: dense(endpoints.map((endpoint) => at(endpoint, endpoint.zone === ownZone ? 0 : 1))) };
    case "stepwise": {
      const { overprovisioningFactor, affinities } = nearness;
      const inSteps = dense(endpoints.flatMap((endpoint) => inStep(endpoint, nearness, ownZone)));
      return {
        ...assignment,
        endpoints: affinities ? withLocalityWeights(inSteps) : inSteps,
        policy: { ...assignment.policy, overprovisioningFactor },
      };
    }
  }
}

function inStep(endpoint: Endpoint, { affinities = [], steps }: StepwiseNearness, ownZone: string): readonly Endpoint[] {
  const zone = endpoint.zone ?? "";
  if (zone !== ownZone) {
    const step = isEgressLocality(zone) ? firstOf(steps) : stepOf(steps, zone);
    return step < 0 ? [] : [at(endpoint, step + 1)];
  }
  const affinity = affinityOf(affinities, endpoint);
  if (!affinity) return [{ ...at(endpoint, 0), localityWeight: 1 }];
  return [{ ...at(endpoint, 0), subZone: affinity.subZone, localityWeight: affinity.weight }];
}

/** What a zone egress leads to: it goes through the steps by itself. */
function firstOf(steps: StepwiseNearness["steps"]): number {
  return steps.length > 0 ? 0 : -1;
}

function at({ priority: _, ...endpoint }: Endpoint, priority: number): Endpoint {
  return priority === 0 ? endpoint : { ...endpoint, priority };
}

/** Envoy takes no gaps (endpoint_components.proto, `priority`): with nobody in the own zone, the first step comes first. */
function dense(endpoints: readonly Endpoint[]): readonly Endpoint[] {
  const used = [...new Set(endpoints.map(({ priority = 0 }) => priority))].sort((a, b) => a - b);
  return endpoints.map((endpoint) => at(endpoint, used.indexOf(endpoint.priority ?? 0)));
}

/**
 * A locality without a weight gets no traffic as soon as localities are weighted. Those of other zones weigh what their endpoints
 * weigh together, so that instances there get the same share.
 */
function withLocalityWeights(endpoints: readonly Endpoint[]): readonly Endpoint[] {
  const sums = new Map<string, number>();
  for (const endpoint of endpoints) {
    sums.set(placeOf(endpoint), (sums.get(placeOf(endpoint)) ?? 0) + (endpoint.weight ?? 1));
  }
  const largest = Math.floor(largestWeight / Math.max(1, sums.size));
  return endpoints.map((endpoint) => ({
    ...endpoint,
    localityWeight: Math.min(largest, endpoint.localityWeight ?? sums.get(placeOf(endpoint)) ?? 1),
  }));
}

function placeOf({ zone = "", subZone = "", priority = 0 }: Endpoint): string {
  return JSON.stringify([zone, subZone, priority]);
}
