import { destinationText } from "@meridian/explain";
import { compareText, tagNames } from "@meridian/model";
import type { Focus, Pair, Seen } from "./observe.ts";
import type { Reach } from "./reach/instant.ts";
import type { CutOff, CutOffReason } from "./types.ts";

/** Two sums of the same shares may differ by rounding. */
const tolerance = 1e-9;

/** Pairs of services whose traffic flows now and would be cut off, or thinned; the worst first. */
export function cutOffs({ pairs }: Focus, before: Seen, after: Seen): readonly CutOff[] {
  const found = new Map<string, CutOff>();
  const counted = new Set<string>();
  for (const pair of pairs) {
    const was = before.reaches.get(pair);
    const is = after.reaches.get(pair);
    // Without an outbound afterwards somebody has taken it away knowingly.
    if (!was || !is || was.best === 0 || is.worst >= was.worst - tolerance) continue;
    const cutOff = cutOffOf(pair, was, is);
    const key = [cutOff.mesh, cutOff.from, cutOff.to, cutOff.text].join("\n");
    // Both the client's and the server's change may have led here.
    const place = [key, pair.image.zone, pair.name, pair.outbound].join("\n");
    if (counted.has(place)) continue;
    counted.add(place);
    const known = found.get(key);
    found.set(key, known ? joined(known, cutOff) : cutOff);
  }
  return [...found.values()].sort(
    (a, b) => compareText(a.extent, b.extent) || b.proxies - a.proxies || compareText(a.from, b.from) || compareText(a.to, b.to),
  );
}

function cutOffOf({ image, mesh, from, to, online }: Pair, was: Reach, is: Reach): CutOff {
  const extent = is.best === 0 ? "all" : "part";
  const reason = is.reason ?? "refused";
  const client = from.join(" and ");
  const reaches = extent === "all" ? "no longer reaches" : "no longer fully reaches";
  return {
    ...{ mesh, from: client, to, extent, reason },
    text: `${client} ${reaches} ${to}: ${whyText(is, extent)}`,
    zones: [image.zone],
    proxies: online,
    policies: policiesOf(reason, was, is),
  };
}

function policiesOf(reason: CutOffReason, was: Reach, is: Reach): readonly string[] {
  const policies = reason === "refused" ? [...was.permittedBy, ...is.permittedBy] : [...was.routedBy, ...is.routedBy];
  return [...new Set(policies)].sort(compareText);
}

function whyText({ reason, destination = {} }: Reach, extent: CutOff["extent"]): string {
  if (reason === "no-route") return "the mesh has TrafficRoutes and none fits";
  if (reason === "no-egress") return "the zone has no egress to leave by";
  if (reason === "no-endpoints") return `nobody is ${destinationText(destination)}`;
  // Where nobody lets it in, it does not matter which part of the service was asked.
  const server = extent === "all" ? (destination[tagNames.service] ?? "") : destinationText(destination);
  return `no permission of ${server} lets it in`;
}

function joined(a: CutOff, b: CutOff): CutOff {
  return {
    ...a,
    zones: [...new Set([...a.zones, ...b.zones])].sort(compareText),
    proxies: a.proxies + b.proxies,
    policies: [...new Set([...a.policies, ...b.policies])].sort(compareText),
  };
}
