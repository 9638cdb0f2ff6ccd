import type { ExplainedClient, ExplainedDestination, ExplainedOutbound, ExplainRequest, Step } from "../types.ts";
import { barePath } from "../walk/http-routing.ts";
import type { Routing } from "../walk/routed.ts";
import { listText, percent, policiesText, someText } from "./words.ts";

export function clientStep(client: ExplainedClient, { from }: ExplainRequest): Step {
  const { zone, dataplane, services, others } = client;
  const counted = Object.entries(others).map(([where, count]) => `${count} in ${where}`);
  const more = counted.length > 0 ? [`it stands for others of ${from}: ${listText(counted)}`] : [];
  const belongs = services.length === 0 || services.includes(dataplane) ? "" : ` (${listText(services)})`;
  return {
    step: "client",
    title: `client: data plane ${dataplane} in zone ${zone}${belongs}`,
    ok: true,
    lines: more,
    policies: [],
  };
}

const treatments = {
  http: "its proxy reads HTTP: what follows holds request by request",
  tcp: "its proxy passes bytes: what follows holds connection by connection, whatever path, method and headers say",
  nothing: "its proxy closes every connection",
} as const;

/** @param isGateway who calls is outside of the mesh. */
export function outboundStep({ address, port, name, hosts, also, treats }: ExplainedOutbound, isGateway: boolean): Step {
  const more = [
    ...(hosts.length > 0 ? [`also known as ${someText(hosts)}`] : []),
    ...(also.length > 0 ? [`also at ${someText(also)}`] : []),
  ];
  const who = isGateway ? `clients come to ${name}` : `the application finds ${name}`;
  const title = `outbound: ${who} at ${address}:${port}`;
  return { step: "outbound", title, ok: treats !== "nothing", lines: [...more, treatments[treats]], policies: [] };
}

/** @param names of the outbounds that there are. */
export function noOutboundStep({ to }: ExplainRequest, names: readonly string[]): Step {
  const known = names.length > 0 ? `it has outbounds for ${someText(names)}` : "it has no outbound at all";
  return { step: "outbound", title: `outbound: none for ${to}`, ok: false, lines: [known], policies: [] };
}

export function routeStep(routing: Routing, destinations: readonly ExplainedDestination[], request: ExplainRequest): Step {
  const { route, policies, uncertain, notes, answer, obstacle } = routing;
  const by = route?.policies ?? policies;
  const otherwise = obstacle ? "none" : "no policy routes, so the outbound decides";
  const shares = destinations.map(({ share, name, cluster }) => `${percent(share)} to ${name} (cluster ${cluster})`);
  return {
    step: "route",
    title: `route: ${by.length > 0 ? policiesText(by) : otherwise}`,
    ok: !obstacle,
    lines: [
      ...placeText(routing, request),
      ...uncertain.map((match) => `by chance, or by what is not known here, a route before it may take it: ${match}`),
      ...notes,
      ...(obstacle ? [obstacle.text] : []),
      ...(answer ? [answer.text] : []),
      ...(shares.length > 0 ? [listText(shares)] : []),
    ],
    policies: by,
  };
}

function placeText({ route }: Routing, { method, path }: ExplainRequest): readonly string[] {
  if (!route) return [];
  const match = route.match === "" ? ", which takes everything" : `, ${route.match}`;
  return [`${method} ${barePath(path)} takes route ${route.place} of ${route.of}${match}`];
}
