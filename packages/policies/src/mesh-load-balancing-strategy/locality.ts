import { at, type TargetRef, type Violation } from "@meridian/model";
import { validateAbove0 } from "../core/fragments/number.ts";
import { validatePercentage } from "../core/fragments/percentage.ts";
import type { CrossZone, LocalityAwareness } from "./schema.ts";

export function validateLocalityAwareness(
  path: string,
  { localZone, crossZone }: LocalityAwareness,
  to: TargetRef,
): readonly Violation[] {
  return [
    ...validateAffinityTags(`${path}.localZone.affinityTags`, localZone?.affinityTags ?? []),
    ...(crossZone ? validateCrossZone(`${path}.crossZone`, crossZone, to) : []),
  ];
}

type AffinityTags = NonNullable<NonNullable<LocalityAwareness["localZone"]>["affinityTags"]>;

function validateAffinityTags(path: string, tags: AffinityTags): readonly Violation[] {
  const weighted = tags.filter(({ weight }) => weight !== undefined).length;
  return [
    ...tags.flatMap(({ key, weight }, index) => [
      ...(key === "" ? [{ path: `${at(path, index)}.key`, message: "must not be empty" }] : []),
      ...validateAbove0(at(path, index), { weight }),
    ]),
    ...(weighted > 0 && weighted < tags.length ? [{ path, message: "all or none affinity tags should have weight" }] : []),
  ];
}

function validateCrossZone(path: string, { failover = [], failoverThreshold }: CrossZone, to: TargetRef): readonly Violation[] {
  const isRealService = Boolean(to.sectionName) || Object.keys(to.labels ?? {}).length > 0;
  const isLocal = to.kind === "MeshService" && isRealService;
  return [
    ...(isLocal ? [{ path, message: "must not be set: MeshService traffic is local" }] : []),
    ...failover.flatMap((step, index) => validateStep(at(`${path}.failover`, index), step)),
    ...validatePercentage(`${path}.failoverThreshold.percentage`, failoverThreshold?.percentage, { above0: true }),
  ];
}

type FailoverStep = NonNullable<CrossZone["failover"]>[number];

function validateStep(path: string, { from, to }: FailoverStep): readonly Violation[] {
  const violations: Violation[] = [];
  if (from && from.zones.length === 0) violations.push({ path: `${path}.from.zones`, message: "must not be empty" });
  for (const [index, zone] of (from?.zones ?? []).entries()) {
    if (zone === "") violations.push({ path: at(`${path}.from.zones`, index), message: "must not be empty" });
  }
  const needsZones = to.type === "Only" || to.type === "AnyExcept";
  if (needsZones !== Boolean(to.zones?.length)) {
    const message = `must ${needsZones ? "not " : ""}be empty when type is ${to.type}`;
    violations.push({ path: `${path}.to.zones`, message });
  }
  return violations;
}
