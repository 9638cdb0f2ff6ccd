import { compareText } from "@meridian/model";
import { listText, percent } from "../told/words.ts";
import type { ExplainedDestination, ExplainRequest, Obstacle, Verdict } from "../types.ts";
import type { Routing } from "./routed.ts";

/** Two sums of the same shares may differ by rounding. */
const tolerance = 1e-9;

type Ends = Pick<ExplainRequest, "from" | "to">;

export function blocked({ from, to }: Ends, reason: Obstacle, why: string, more: Partial<Verdict> = {}): Verdict {
  return { outcome: "blocked", text: `${from} does not reach ${to}: ${why}`, share: 0, reason, policies: [], ...more };
}

export function untold({ from, to }: Ends, reason: Obstacle, why: string, more: Partial<Verdict> = {}): Verdict {
  return {
    outcome: "unknown",
    text: `whether ${from} reaches ${to} cannot be told: ${why}`,
    share: 0,
    reason,
    policies: [],
    ...more,
  };
}

/** What comes of all requests like this one. */
export function verdictOf(ends: Ends, routing: Routing, destinations: readonly ExplainedDestination[]): Verdict {
  const { obstacle, answer, route } = routing;
  const policies = route?.policies ?? routing.policies;
  if (obstacle?.reason === "undecided") return untold(ends, "undecided", obstacle.text, { policies });
  if (obstacle) {
    const { reason, text, status } = obstacle;
    return blocked(ends, reason, text, { policies, ...(status !== undefined && { status }) });
  }
  if (answer) {
    const text = `${ends.from} gets an answer for ${ends.to}, but from no server: ${answer.text}`;
    return { outcome: "answered", text, share: 0, policies, status: answer.status };
  }
  return verdictAtEnds(ends, routing, destinations);
}

/** A part of the requests with one fate. */
interface Fate {
  readonly share: number;
  readonly obstacle?: Obstacle;
  readonly why?: string;
  readonly policies: readonly string[];
  readonly place?: "http" | "network" | "client";
}

/** Once each request is followed to its end. */
function verdictAtEnds(ends: Ends, routing: Routing, destinations: readonly ExplainedDestination[]): Verdict {
  const fates = destinations.flatMap(fatesOf);
  const lost = fates.filter(({ obstacle }) => obstacle !== undefined).sort((a, b) => b.share - a.share);
  const [worst] = lost;
  const share = 1 - sumOf(lost);
  if (!worst?.obstacle || share > 1 - tolerance) {
    const policies = sorted([...(routing.route?.policies ?? routing.policies), ...fates.flatMap((fate) => fate.policies)]);
    return { outcome: "reaches", text: `${ends.from} reaches ${ends.to}: ${whereText(destinations)}`, share: 1, policies };
  }
  const deciders = sorted(lost.flatMap(({ policies }) => policies));
  const told = { reason: worst.obstacle, policies: deciders.length > 0 ? deciders : sorted(routing.policies) };
  if (lost.every(({ obstacle }) => obstacle === "unseen" || obstacle === "undecided")) {
    const text = `${ends.from} reaches ${ends.to} as far as can be told here: ${whyText(lost)}`;
    return { outcome: "unknown", text, share: share < tolerance ? 0 : share, ...told };
  }
  if (share > tolerance) {
    const text = `${percent(1 - share)} of ${ends.from}'s requests do not reach ${ends.to}: ${whyText(lost)}`;
    return { outcome: "partly", text, share, ...told };
  }
  const status = statusOf(worst, routing);
  return blocked(ends, worst.obstacle, whyText(lost), { ...told, ...(status !== undefined && { status }) });
}

function fatesOf({ share, obstacle, why, servers }: ExplainedDestination): readonly Fate[] {
  if (obstacle) return [{ share, obstacle, ...(why !== undefined && { why }), policies: [] }];
  return servers
    .filter((server) => server.share > 0)
    .map(({ permission: { policies, place }, ...server }) => ({
      share: share * server.share,
      policies,
      ...(place && { place }),
      ...(server.obstacle && { obstacle: server.obstacle, why: server.why ?? "" }),
    }));
}

/** A request that RBAC of HTTP refuses gets 403; whatever breaks a connection to the server, 503 of the client's own proxy. */
function statusOf({ obstacle, place }: Fate, { treats }: Routing): number | undefined {
  if (treats !== "http") return undefined;
  return obstacle === "denied" && place === "http" ? 403 : 503;
}

function whyText(lost: readonly Fate[]): string {
  return listText([...new Set(lost.map(({ why = "" }) => why))]);
}

function whereText(destinations: readonly ExplainedDestination[]): string {
  const [only, ...more] = destinations;
  if (only && more.length === 0) return `every request goes to ${only.name}`;
  return listText(destinations.map(({ share, name }) => `${percent(share)} go to ${name}`));
}

function sumOf(fates: readonly Fate[]): number {
  return fates.reduce((sum, { share }) => sum + share, 0);
}

function sorted(policies: readonly string[]): readonly string[] {
  return [...new Set(policies)].sort(compareText);
}
