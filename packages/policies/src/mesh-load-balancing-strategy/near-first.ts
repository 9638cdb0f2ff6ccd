import { compareText, type Tags } from "@meridian/model";
import { decimalOf } from "../core/fragments/number.ts";
import type { ProxySubject } from "../core/types.ts";
import type { CrossZone, LocalityAwareness } from "./schema.ts";

/** Which endpoints come first, as far as one client is concerned. */
export type Nearness =
  /** Wherever they are. */
  | { readonly order: "alike" }
  /** Other zones when the own one does not do. */
  | { readonly order: "ownZoneFirst" }
  | StepwiseNearness;

/** By affinity in the own zone, then step by step to other zones; zones that no step names get nothing. */
export interface StepwiseNearness {
  readonly order: "stepwise";
  /** Absent: the own zone's endpoints are alike. */
  readonly affinities?: readonly Affinity[];
  readonly steps: readonly FailoverStep[];
  /** Per cent: how many times the hosts of a step are counted before the next step gets some of the traffic. */
  readonly overprovisioningFactor: number;
}

/** Endpoints whose tag, or label, has one of these values. */
export interface Affinity {
  readonly key: string;
  readonly values: readonly string[];
  /** Share beside the other affinities and the rest, which weighs 1. */
  readonly weight: number;
}

export interface FailoverStep {
  /** Absent: every zone but those of `except`. */
  readonly only?: readonly string[];
  readonly except?: readonly string[];
}

/**
 * A kind that says nothing of locality prefers the own zone all the same; as soon as `localZone` or `crossZone` is there, other
 * zones are only those of the failover (reference: multizone.md section 6).
 */
export function nearness(
  { disabled, localZone, crossZone }: LocalityAwareness,
  subject: Pick<ProxySubject, "zone" | "tagSets" | "labels">,
): Nearness {
  if (disabled) return { order: "alike" };
  if (!localZone && !crossZone) return { order: "ownZoneFirst" };
  const tags = localZone?.affinityTags ?? [];
  return {
    order: "stepwise",
    ...(tags.length > 0 && { affinities: affinities(tags, subject) }),
    steps: (crossZone?.failover ?? []).flatMap((step) => failoverStep(step, subject.zone)),
    overprovisioningFactor: overprovisioningFactor(crossZone?.failoverThreshold),
  };
}

type AffinityTags = NonNullable<NonNullable<LocalityAwareness["localZone"]>["affinityTags"]>;

/** Nine of ten parts go to the first tag, and so on. A tag that the client does not have is nobody's, but keeps its place. */
function affinities(tags: AffinityTags, subject: Pick<ProxySubject, "tagSets" | "labels">): readonly Affinity[] {
  return tags.flatMap(({ key, weight }, index): readonly Affinity[] => {
    const values = ownValues(key, subject);
    return values.length === 0 ? [] : [{ key, values, weight: weight ?? 9 * 10 ** (tags.length - 1 - index) }];
  });
}

function ownValues(key: string, { tagSets, labels }: Pick<ProxySubject, "tagSets" | "labels">): readonly string[] {
  const ofTags = tagSets.map((tags) => tags[key]).filter((value) => value !== undefined);
  const label = labels[key];
  return ofTags.length > 0 ? [...new Set(ofTags)].sort(compareText) : label === undefined ? [] : [label];
}

/** Nothing for a step of other zones' clients, and for `None`, which selects no zone and does not stop later steps. */
function failoverStep({ from, to }: NonNullable<CrossZone["failover"]>[number], ownZone: string): readonly FailoverStep[] {
  if (from && !from.zones.includes(ownZone)) return [];
  const { zones = [] } = to;
  if (to.type === "Only") return [{ only: zones }];
  if (to.type === "AnyExcept") return [{ except: zones }];
  return to.type === "Any" ? [{}] : [];
}

const defaultFactor = 200;
/** Envoy multiplies it with numbers of hosts in 32 bits. */
const largestFactor = 100_000;

/** In whole hundreds, as the peer: traffic fails over below 50 %, 33 %, 25 % …, and above 50 % with the first unhealthy host. */
function overprovisioningFactor(threshold: CrossZone["failoverThreshold"]): number {
  const percentage = threshold && decimalOf(threshold.percentage);
  return percentage ? Math.min(largestFactor, Math.floor(100 / percentage) * 100) : defaultFactor;
}

/** The first affinity that an endpoint has, with its own value. Its tags count before the labels of its Dataplane. */
export function affinityOf(
  affinities: readonly Affinity[],
  { tags = {}, labels = {} }: { readonly tags?: Tags; readonly labels?: Tags },
): { readonly subZone: string; readonly weight: number } | undefined {
  for (const { key, values, weight } of affinities) {
    const value = tags[key] ?? labels[key];
    if (value !== undefined && values.includes(value)) return { subZone: `${key}=${value}`, weight };
  }
  return undefined;
}

/** Which step takes an endpoint of another zone; -1: none. The zone "" is that of an endpoint which does not tell its own. */
export function stepOf(steps: readonly FailoverStep[], zone: string): number {
  return steps.findIndex(({ only, except }) => (only ? only.includes(zone) : !except?.includes(zone)));
}
