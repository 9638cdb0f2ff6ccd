import { compareText } from "@meridian/model";
import { destinationText, listText, percent } from "../told/words.ts";
import type { ExplainedDestination, ExplainRequest, Obstacle, Verdict } from "../types.ts";
import type { Routing } from "./routing.ts";

/** Two sums of the same shares may differ by rounding. */
const tolerance = 1e-9;

export function blocked(request: ExplainRequest, reason: Obstacle, why: string, more: Partial<Verdict> = {}): Verdict {
  return {
    outcome: "blocked",
    text: `${request.from} does not reach ${request.to}: ${why}`,
    share: 0,
    reason,
    policies: [],
    ...more,
  };
}

/** A part of the requests with one fate. */
interface Fate {
  readonly share: number;
  readonly destination: ExplainedDestination;
  readonly obstacle?: Obstacle;
  readonly why?: string;
  readonly policies: readonly string[];
  readonly place?: "http" | "network";
}

/** What comes of all requests like this one, once each is followed to its end. */
export function verdictOf(request: ExplainRequest, routing: Routing, destinations: readonly ExplainedDestination[]): Verdict {
  const fates = destinations.flatMap(fatesOf);
  const lost = fates.filter(({ obstacle }) => obstacle !== undefined).sort((a, b) => b.share - a.share);
  const [worst] = lost;
  const share = 1 - sumOf(lost);
  const allPolicies = sorted([...routing.policies, ...fates.flatMap(({ policies }) => policies)]);
  if (!worst?.obstacle || share > 1 - tolerance) {
    return {
      outcome: "reaches",
      text: `${request.from} reaches ${request.to}: ${whereText(destinations)}`,
      share: 1,
      policies: allPolicies,
    };
  }
  const isUnknown = lost.every(({ obstacle }) => obstacle === "unseen" || obstacle === "undecided");
  const policies = worst.policies.length > 0 ? worst.policies : routing.policies;
  const told = { reason: worst.obstacle, policies: sorted(policies) };
  if (isUnknown) {
    const text = `${request.from} reaches ${request.to} as far as can be told here: ${whyText(lost)}`;
    return { outcome: "unknown", text, share: share < tolerance ? 0 : share, ...told };
  }
  if (share > tolerance) {
    const text = `${percent(1 - share)} of ${request.from}'s requests do not reach ${request.to}: ${whyText(lost)}`;
    return { outcome: "partly", text, share, ...told };
  }
  const status = statusOf(worst, routing);
  return blocked(request, worst.obstacle, whyText(lost), { ...told, ...(status !== undefined && { status }) });
}

function fatesOf(destination: ExplainedDestination): readonly Fate[] {
  const { share, obstacle, why, servers } = destination;
  if (obstacle) return [{ share, destination, obstacle, ...(why !== undefined && { why }), policies: [] }];
  return servers
    .filter((server) => server.share > 0)
    .map(({ permission: { policies, place }, ...server }) => ({
      share: share * server.share,
      destination,
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
  if (only && more.length === 0) return `every request goes to ${nameOf(only)}`;
  return listText(destinations.map((destination) => `${percent(destination.share)} go to ${nameOf(destination)}`));
}

export function nameOf({ tags, cluster }: ExplainedDestination): string {
  return destinationText(tags) || cluster;
}

function sumOf(fates: readonly Fate[]): number {
  return fates.reduce((sum, { share }) => sum + share, 0);
}

function sorted(policies: readonly string[]): readonly string[] {
  return [...new Set(policies)].sort(compareText);
}
