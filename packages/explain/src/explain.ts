import { topicOrder } from "./settings/catalogue.ts";
import { settingsOnTheWay } from "./settings/index.ts";
import {
  clientStep,
  endpointsStep,
  identityStep,
  noOutboundStep,
  outboundStep,
  permissionSteps,
  routeStep,
  settingsStep,
} from "./told/steps.ts";
import type { ExplainedOutbound, ExplainRequest, Explanation, Setting, Step } from "./types.ts";
import { type Client, findClient, type Outbound } from "./walk/client.ts";
import { type Followed, followTarget } from "./walk/destination.ts";
import { type Routing, routingOf } from "./walk/routing.ts";
import { blocked, verdictOf } from "./walk/verdict.ts";
import type { Worlds } from "./worlds/worlds.ts";

/** Walks the way of a request from the client's application to the server's. */
export function explain(worlds: Worlds, request: ExplainRequest): Explanation {
  const nothing = { revision: worlds.revision, request, steps: [], destinations: [], settings: [] };
  const client = findClient(worlds, request);
  if ("reason" in client) return { ...nothing, verdict: blocked(request, client.reason, client.text) };
  const { outbound, told, facts } = client;
  const first = clientStep(told, request);
  if (outbound) return walkOn(worlds, request, { ...client, outbound });
  const services = [...new Set(facts.outbounds.items.map(({ service }) => service))];
  const why = `data plane ${told.dataplane} has no outbound for it`;
  return {
    ...nothing,
    verdict: blocked(request, "no-outbound", why),
    steps: [first, noOutboundStep(request, services)],
    client: told,
  };
}

function walkOn(worlds: Worlds, request: ExplainRequest, client: Client & { readonly outbound: Outbound }): Explanation {
  const { outbound, told } = client;
  const routing = routingOf(worlds, client, request);
  const followed = routing.targets.map((target) => followTarget(worlds, client, target));
  const destinations = followed.map((each) => each.told);
  const { address, port, service, tags } = outbound;
  const toldOutbound: ExplainedOutbound = { address, port, service, tags, treats: routing.treats };
  const main = mainOf(followed);
  const settings = main ? settingsTo(worlds, main, { client, outbound, request }) : [];
  return {
    revision: worlds.revision,
    request,
    verdict: decide(request, routing, destinations),
    steps: [
      clientStep(told, request),
      outboundStep(toldOutbound),
      routeStep(routing, destinations, request),
      ...destinations.flatMap((destination): readonly Step[] => [
        endpointsStep(destination),
        ...(destination.obstacle ? [] : [identityStep(told, destination)]),
        ...permissionSteps(destination),
      ]),
      ...(main ? [settingsStep(settings, main.told)] : []),
    ],
    client: told,
    outbound: toldOutbound,
    ...(routing.route && { route: routing.route }),
    destinations,
    settings,
  };
}

function decide(request: ExplainRequest, routing: Routing, destinations: Explanation["destinations"]): Explanation["verdict"] {
  const { obstacle, answer, policies, route } = routing;
  if (obstacle?.reason === "undecided") {
    return {
      outcome: "unknown",
      text: `${request.from} to ${request.to}: ${obstacle.text}`,
      share: 0,
      reason: "undecided",
      policies,
    };
  }
  if (obstacle) {
    const { reason, text, status } = obstacle;
    return blocked(request, reason, text, { policies, ...(status !== undefined && { status }) });
  }
  if (answer)
    return { outcome: "answered", text: answer.text, share: 0, policies: route?.policies ?? policies, status: answer.status };
  return verdictOf(request, routing, destinations);
}

/** The destination with the largest share; the first of several. */
function mainOf(followed: readonly Followed[]): Followed | undefined {
  return followed.reduce<Followed | undefined>(
    (best, each) => (best && best.told.share >= each.told.share ? best : each),
    undefined,
  );
}

function settingsTo(
  worlds: Worlds,
  { told: { cluster }, server }: Followed,
  way: { readonly client: Client; readonly outbound: Outbound; readonly request: ExplainRequest },
): readonly Setting[] {
  const settings = settingsOnTheWay({ ...way, cluster, ...(server && { server }) });
  return settings
    .map((setting) => ({ ...setting, policies: setting.policies.map((key) => worlds.ownName(key)) }))
    .toSorted((a, b) => topicOrder.indexOf(a.about) - topicOrder.indexOf(b.about));
}
