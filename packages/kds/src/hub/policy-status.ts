import { keyText, noPolicyReport, type Resource, type ZoneConvergence, type ZonePolicyReport } from "@meridian/model";
import { originOf } from "../sync/to-zone.ts";
import type { Image } from "./image.ts";
import type { PolicyReports, ZoneReports } from "./policy-reports.ts";
import type { Relevance } from "./relevance.ts";

export interface PolicyStatusDeps {
  readonly image: () => Image;
  readonly relevance: Relevance;
  readonly reports: PolicyReports;
  readonly zones: () => readonly ZoneConvergence[];
}

/** For each policy the zones that get it, sorted, with what they say of it. @throws UnavailableError */
export async function policyStatusOf(
  policies: readonly Resource[],
  deps: PolicyStatusDeps,
): Promise<readonly (readonly ZonePolicyReport[])[]> {
  const zones = deps.zones();
  const told = await Promise.all(zones.map(({ zone }) => deps.reports.of(zone)));
  return policies.map((policy) =>
    zones.flatMap((zone, index) => {
      const reports = told[index];
      return (reports && reportIn(zone, policy, reports, deps)) ?? [];
    }),
  );
}

function reportIn(
  { zone, status, lastHeard }: ZoneConvergence,
  policy: Resource,
  { revision, reports }: ZoneReports,
  { image, relevance }: PolicyStatusDeps,
): ZonePolicyReport | undefined {
  const known = { zone, status, ...(lastHeard !== undefined && { lastHeard }) };
  const key = keyText(policy);
  // Written a moment ago, through this replica or another: it has yet to go out.
  if (image().revision < policy.version) return { ...known, isCurrent: false, report: noPolicyReport };
  const isOwn = originOf(policy) === zone;
  const nameThere = isOwn ? key : image().copyFor(zone, key)?.key;
  if (nameThere === undefined) return undefined;
  const isCurrent = isOwn || revision >= relevance.lastUpTo(policy.version, zone);
  return { ...known, isCurrent, report: reports.get(nameThere) ?? noPolicyReport };
}
