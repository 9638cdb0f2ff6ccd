import type { CutOffAnswer, PlanAnswer, PlanLineAnswer } from "@meridian/client";
import { colourDiff } from "./diff.ts";
import { countText, describePolicy, describeResource } from "./format.ts";
import type { TextStyle } from "./style.ts";
import { renderTable } from "./table.ts";

const namedProxies = 3;

/** A plan as a person reads it: what would be written, where, what it means, and what it would break, in red. */
export function renderPlan(plan: PlanAnswer, style: TextStyle): string {
  const parts = [
    plan.results.map((result) => `${outcomeSign(result.outcome, style)} ${describeResource(result)}\n`).join(""),
    zonesText(plan, style),
    plan.summary.map((line) => lineText(line, style)).join(""),
    plan.groups.some(({ resources }) => resources.some(({ diff }) => diff !== undefined)) ? groupsText(plan, style) : "",
    plan.failures
      .map(({ zone, unit, message }) => `${style.bad("Cannot be generated:")} ${unit} in ${zone}: ${message}\n`)
      .join(""),
    plan.cutOffs.map((cutOff) => cutOffText(cutOff, style)).join(""),
    `${verdict(plan)}\n`,
  ];
  return parts.filter((part) => part !== "").join("\n");
}

function outcomeSign(outcome: PlanAnswer["results"][number]["outcome"], style: TextStyle): string {
  if (outcome === "created") return style.good("+");
  if (outcome === "updated") return style.warn("~");
  return outcome === "deleted" ? style.bad("-") : style.dim("=");
}

function zonesText({ zones, proxies }: PlanAnswer, style: TextStyle): string {
  if (proxies === 0) return "";
  const rows = zones.map(({ zone, proxies: known, changed, changedOnline, bytes }) => [
    zone,
    String(known),
    String(changed),
    String(changedOnline),
    sizeText(bytes),
  ]);
  return renderTable(["ZONE", "PROXIES", "CHANGE", "OF THEM CONNECTED", "TO SEND"], rows, style);
}

function lineText(line: PlanLineAnswer, style: TextStyle): string {
  return `${line.text} ${style.dim(`(${aboutText(line, "proxy")})`)}\n`;
}

function cutOffText(cutOff: CutOffAnswer, style: TextStyle): string {
  const title = cutOff.extent === "all" ? "CUTS OFF" : "CUTS OFF IN PART";
  return `${style.bad(`${title}: ${cutOff.text}`)} ${style.dim(`(${aboutText(cutOff, "connected client")})`)}\n`;
}

/** `2 proxies in east; TrafficRoute default/canary` */
function aboutText({ proxies, zones, policies }: PlanLineAnswer | CutOffAnswer, noun: string): string {
  const where = `${countText(proxies, noun)} in ${zones.join(", ")}`;
  return policies.length === 0 ? where : `${where}; ${policies.map(describePolicy).join(", ")}`;
}

function groupsText({ groups, groupsWithoutDiff = 0 }: PlanAnswer, style: TextStyle): string {
  const shown = groups.slice(0, groups.length - groupsWithoutDiff).map(({ proxies, resources }) => {
    const names = proxies.slice(0, namedProxies).map(({ zone, name }) => `${zone}/${name}`);
    const more = proxies.length - names.length;
    const title = `${names.join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
    return `${style.bold(title)}\n${resources.map(({ diff = "" }) => colourDiff(diff, style)).join("")}`;
  });
  const left = groupsWithoutDiff > 0 ? [`${countText(groupsWithoutDiff, "more group")} of proxies not shown\n`] : [];
  return [...shown, ...left].join("\n");
}

function verdict({ changed, results, proxies, zones, bytes }: PlanAnswer): string {
  if (!changed) return "Nothing would change.";
  const total = zones.reduce((sum, zone) => sum + zone.proxies, 0);
  const effect =
    proxies === 0
      ? "no proxy would change"
      : `${proxies} of ${countText(total, "proxy")} would change, ${sizeText(bytes)} to send`;
  return `Plan: ${writesText(results)}; ${effect}. Nothing was written.`;
}

/** `2 resources to create, 1 to delete` */
function writesText(results: PlanAnswer["results"]): string {
  const verbs = { created: "create", updated: "update", deleted: "delete" } as const;
  const counts = Object.entries(verbs)
    .map(([outcome, verb]) => ({ verb, count: results.filter((result) => result.outcome === outcome).length }))
    .filter(({ count }) => count > 0);
  return counts.map(({ verb, count }, index) => `${index === 0 ? countText(count, "resource") : count} to ${verb}`).join(", ");
}

/** `850 B`, `1.2 kB`, `3.4 MB` */
function sizeText(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`;
  return bytes < 1_000_000 ? `${(bytes / 1_000).toFixed(1)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}
