import type { ConvergenceReport, Rejection, Revision, ZoneConvergence } from "@meridian/model";
import { envoyWords } from "../output/envoy-words.ts";
import { describePolicy } from "../output/format.ts";
import type { TextStyle } from "../output/style.ts";
import { formatSpan } from "../output/time.ts";

/** `east 2/3 proxies`, `west unknown since …`. */
export function describeZone(zone: ZoneConvergence, revision: Revision, style: TextStyle): string {
  const { connected, pending, rejected } = zone.proxies;
  if (zone.status === "disabled") return style.dim(`${zone.zone} disabled`);
  if (zone.status === "unknown") {
    return style.warn(`${zone.zone} ${zone.lastHeard ? `unknown since ${zone.lastHeard}` : "never connected"}`);
  }
  if (zone.revision < revision) return `${zone.zone} waits for revision ${revision} (at ${zone.revision})`;
  const done = Math.max(connected - pending - rejected, 0);
  const progress = `${zone.zone} ${done}/${connected} ${connected === 1 ? "proxy" : "proxies"}`;
  return rejected > 0 ? style.bad(`${progress}, ${rejected} rejected`) : progress;
}

/** `revision 42 · east 3/3 proxies · west 2/2 proxies · converged in 12 ms` */
export function summarise(report: ConvergenceReport, end: string, style: TextStyle): string {
  const zones = report.zones.map((zone) => describeZone(zone, report.revision, style));
  return [style.bold(`revision ${report.revision}`), ...(zones.length > 0 ? zones : ["no zone is connected"]), end].join(" · ");
}

/** A proxy's refusal: which policy, which proxy, and Envoy's own words. */
export function describeRejection(rejection: Rejection, zone: string | undefined, style: TextStyle): readonly string[] {
  // A listener of a mesh's own metrics, for instance, is no policy's doing.
  const policies = rejection.policies.length > 0 ? `: ${rejection.policies.map(describePolicy).join(", ")}` : "";
  const where = `${rejection.mesh === "" ? "" : `${rejection.mesh}/`}${rejection.proxy}${zone === undefined ? "" : ` in ${zone}`}`;
  return [
    `${style.bad("rejected")} by ${where}${policies} (revision ${rejection.revision})`,
    ...envoyWords(rejection.message, rejection.resources),
  ];
}

export interface ZoneRejection {
  readonly zone: string;
  readonly rejection: Rejection;
}

/** Refusals of this revision or a later one: older ones were there before. */
export function rejectionsSince(report: ConvergenceReport): readonly ZoneRejection[] {
  return report.zones.flatMap((zone) =>
    zone.rejections.filter(({ revision }) => revision >= report.revision).map((rejection) => ({ zone: zone.zone, rejection })),
  );
}

/** Zones whose proxies may have taken the revision or not: nobody here can tell. Zones that are switched off are not among them. */
export function unheardZones(report: ConvergenceReport): readonly ZoneConvergence[] {
  return report.zones.filter(({ status }) => status === "unknown");
}

/** Every proxy that can answer has answered, with yes or no. */
export function isSettled(report: ConvergenceReport): boolean {
  return report.zones.every((zone) => zone.status !== "online" || zone.convergedRevision >= report.revision);
}

export function elapsedText(elapsedMs: number): string {
  return elapsedMs < 10_000 ? `${Math.round(elapsedMs)} ms` : formatSpan(elapsedMs);
}
