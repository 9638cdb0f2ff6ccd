import { topicOrder } from "./settings/catalogue.ts";
import { settingsOnTheWay } from "./settings/index.ts";
import { destinationSteps } from "./told/destination-steps.ts";
import { settingsStep } from "./told/settings-step.ts";
import { clientStep, noOutboundStep, outboundStep, routeStep } from "./told/way-steps.ts";
import type { ExplainedOutbound, ExplainRequest, Explanation, Setting } from "./types.ts";
import { type Journey, passesUnknown } from "./walk/client.ts";
import { type Followed, followTarget } from "./walk/destination.ts";
import { findClient, noOutboundText } from "./walk/find-client.ts";
import type { Outbound } from "./walk/outbounds.ts";
import { routingOf } from "./walk/routing.ts";
import { blocked, untold, verdictOf } from "./walk/verdict.ts";
import type { Worlds } from "./worlds/worlds.ts";

/** Walks the way of a request from the client's application to the server's. */
export function explain(worlds: Worlds, request: ExplainRequest): Explanation {
  const nothing = { revision: worlds.revision, request, steps: [], destinations: [], settings: [] };
  const client = findClient(worlds, request);
  if ("reason" in client) {
    const tell = client.reason === "unseen" ? untold : blocked;
    return { ...nothing, verdict: tell(request, client.reason, client.text) };
  }
  const { fitting, told, outbounds } = client;
  const [outbound, ...others] = fitting;
  if (outbound) return walkOn({ worlds, client, request }, outbound, others);
  const names = [...new Set(outbounds.map(({ name }) => name))];
  const why = noOutboundText(worlds, client, request.to);
  return {
    ...nothing,
    verdict: passesUnknown(client) ? untold(request, "no-outbound", `${why}. ${passedOn}`) : blocked(request, "no-outbound", why),
    steps: [clientStep(told, request), noOutboundStep(request, names)],
    client: told,
  };
}

const passedOn = "Its proxy passes on what goes to addresses that it does not know: without mTLS, and by no policy";

function walkOn(journey: Journey, outbound: Outbound, others: readonly Outbound[]): Explanation {
  const { worlds, client, request } = journey;
  const routing = routingOf(client, outbound, request);
  const followed = routing.targets.map((target) => followTarget(journey, target));
  const destinations = followed.map(({ told }) => told);
  const { address, port, name, tags, hosts = [] } = outbound;
  const also = others.map((other) => `${other.address}:${other.port}`);
  const toldOutbound: ExplainedOutbound = { address, port, name, tags, hosts, also, treats: routing.treats };
  const main = mainOf(followed);
  const settings = main ? settingsTo(journey, main, outbound) : [];
  return {
    revision: worlds.revision,
    request,
    verdict: verdictOf(request, routing, destinations),
    steps: [
      clientStep(client.told, request),
      outboundStep(toldOutbound, outbound.listener !== undefined),
      routeStep(routing, destinations, request),
      ...destinations.flatMap((destination) => destinationSteps(client.told, destination)),
      ...(main ? [settingsStep(settings, main.told)] : []),
    ],
    client: client.told,
    outbound: toldOutbound,
    ...(routing.route && { route: routing.route }),
    destinations,
    settings,
  };
}

/** The destination with the largest share; the first of several. */
function mainOf(followed: readonly Followed[]): Followed | undefined {
  return followed.reduce<Followed | undefined>(
    (best, each) => (best && best.told.share >= each.told.share ? best : each),
    undefined,
  );
}

function settingsTo(
  { client, request }: Journey,
  { told: { cluster }, server }: Followed,
  outbound: Outbound,
): readonly Setting[] {
  return settingsOnTheWay({ client, outbound, request, cluster, ...(server && { server }) }).toSorted(
    (a, b) => topicOrder.indexOf(a.about) - topicOrder.indexOf(b.about),
  );
}
