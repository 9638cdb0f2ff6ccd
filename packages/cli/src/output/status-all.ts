import type { StatusAllAnswer } from "../commands/status-all.ts";
import { describeRejection } from "../waiting/describe.ts";
import { countText, describeResource } from "./format.ts";
import { appliedText, objections } from "./policy-status.ts";
import type { TextStyle } from "./style.ts";
import { renderTable } from "./table.ts";

/** The problems first, worst first, then how everything stands in one line. */
export function renderStatusAll(answer: StatusAllAnswer, style: TextStyle): string {
  const { items, more, rejections } = answer;
  const parts = [
    problemsText(answer, style),
    items.flatMap((item) => objections(item, style).map((line) => withPolicy(line, item))).join("\n"),
    rejections.flatMap(({ zone, ...rejection }) => describeRejection(rejection, zone, style)).join("\n"),
    zonesText(answer, style),
    more > 0 ? `${countText(more, "more policy")} with a problem: --size shows more of them, or meridian status KIND` : "",
    verdict(answer, style),
  ];
  return parts
    .filter((part) => part !== "")
    .map((part) => (part.endsWith("\n") ? part : `${part}\n`))
    .join("\n");
}

function problemsText({ items }: StatusAllAnswer, style: TextStyle): string {
  if (items.length === 0) return "";
  const rows = items.map((item) => [item.type, item.mesh ?? "-", item.name, appliedText(item, style)]);
  return renderTable(["KIND", "MESH", "NAME", "APPLIED"], rows, style);
}

/** The lines of details that follow are indented: only the first of an objection names its policy. */
function withPolicy(line: string, { type: kind, mesh, name }: StatusAllAnswer["items"][number]): string {
  return line.startsWith(" ") ? line : `${describeResource({ kind, ...(mesh !== undefined && { mesh }), name })} ${line}`;
}

function zonesText({ zones }: StatusAllAnswer, style: TextStyle): string {
  const lines = zones.flatMap(({ zone, status, lastHeard, syncError }) => [
    ...(status === "unknown"
      ? [`zone ${zone} ${style.warn(lastHeard === undefined ? "never connected" : `is unknown since ${lastHeard}`)}`]
      : []),
    ...(syncError === undefined ? [] : [`zone ${zone} ${style.bad("cannot apply what it is sent")}: ${syncError}`]),
  ]);
  return lines.join("\n");
}

function verdict({ policies, zones, rejections, items }: StatusAllAnswer, style: TextStyle): string {
  const { total, converged, pending, rejected, unknown, unapplied, withNotes } = policies;
  const counts = [
    [converged, "in force"],
    [rejected, "rejected"],
    [pending, "waiting"],
    [unknown, "unknown"],
    [unapplied, "for no proxy"],
    [withNotes, "with notes"],
  ] as const;
  const told = counts.filter(([count]) => count > 0).map(([count, word]) => `${count} ${word}`);
  const states = zones.map(({ status }) => status).filter((status) => status !== "disabled");
  const online = states.filter((status) => status === "online").length;
  const proxies = zones.reduce((sum, zone) => sum + (zone.status === "online" ? zone.proxies.connected : 0), 0);
  const heard = online === states.length ? countText(online, "zone") : `${online} of ${countText(states.length, "zone")}`;
  const where = `${heard} heard, ${countText(proxies, "proxy")} connected`;
  const isWell =
    items.length + rejections.length === 0 && online === states.length && zones.every(({ syncError }) => syncError === undefined);
  return `${isWell ? style.good("All is well: ") : ""}${countText(total, "policy")}${told.length > 0 ? ` (${told.join(", ")})` : ""}; ${where}.`;
}
