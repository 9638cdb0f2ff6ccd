import type {
  ExplainedClient,
  ExplainedDestination,
  ExplainedEndpoint,
  ExplainedOutbound,
  ExplainedServer,
  ExplainRequest,
  Setting,
  Step,
} from "../types.ts";
import type { Routing } from "../walk/routing.ts";
import { nameOf } from "../walk/verdict.ts";
import { countText, listText, percent, policiesText } from "./words.ts";

/** More than these are counted, not listed. */
const listedAtMost = 8;

export function clientStep(client: ExplainedClient, { from }: ExplainRequest): Step {
  const { zone, dataplane, services, others } = client;
  const counted = Object.entries(others).map(([where, count]) => `${count} in ${where}`);
  const more = counted.length > 0 ? [`it stands for others of ${from}: ${listText(counted)}`] : [];
  const title = `client: data plane ${dataplane} in zone ${zone}${services.includes(dataplane) ? "" : ` (${listText(services)})`}`;
  return { step: "client", title, ok: true, lines: more, policies: [] };
}

export function outboundStep({ address, port, service, treats }: ExplainedOutbound): Step {
  const how = { http: "as HTTP, request by request", tcp: "as bytes, connection by connection", nothing: "by closing them" }[
    treats
  ];
  const title = `outbound: the application finds ${service} at ${address}:${port}`;
  return { step: "outbound", title, ok: treats !== "nothing", lines: [`its proxy treats connections ${how}`], policies: [] };
}

export function noOutboundStep({ to }: ExplainRequest, services: readonly string[]): Step {
  const known = services.length > 0 ? `it has outbounds for ${someOf(services)}` : "it has no outbound at all";
  return { step: "outbound", title: `outbound: none for ${to}`, ok: false, lines: [known], policies: [] };
}

export function routeStep(
  routing: Routing,
  destinations: readonly ExplainedDestination[],
  { method, path }: ExplainRequest,
): Step {
  const { route, policies, uncertain, answer, obstacle } = routing;
  const by = route?.policies ?? policies;
  const what = routing.treats === "http" ? `${method} ${path}` : "every connection";
  const title =
    by.length > 0
      ? `route: ${policiesText(by)}`
      : `route: ${obstacle ? "none" : "no policy routes, so the outbound's tags decide"}`;
  const place =
    route &&
    `${what} takes route ${route.place} of ${route.of}${route.match === "" ? ", which takes everything" : `, ${route.match}`}`;
  const shares = destinations.map(
    (destination) => `${percent(destination.share)} to ${nameOf(destination)} (${destination.cluster})`,
  );
  return {
    step: "route",
    title,
    ok: !obstacle,
    lines: [
      ...(place === undefined ? [] : [place]),
      ...uncertain.map((match) => `by chance, or by what is not known here, a route before it may take it: ${match}`),
      ...(obstacle ? [obstacle.text] : []),
      ...(answer ? [answer.text] : []),
      ...(shares.length > 0 ? [listText(shares)] : []),
    ],
    policies: by,
  };
}

export function endpointsStep(destination: ExplainedDestination): Step {
  const { endpoints, leftOut, share, obstacle, why } = destination;
  const title = `endpoints of ${nameOf(destination)}${share < 1 ? ` (${percent(share)} of the requests)` : ""}`;
  const seen = endpoints.slice(0, listedAtMost).map(endpointLine);
  const more = endpoints.length - seen.length;
  const skipped = leftOut.slice(0, listedAtMost).map(({ zone, name, reason }) => `not ${name} in ${zone}: ${reason}`);
  const moreSkipped = leftOut.length - skipped.length;
  return {
    step: "endpoints",
    title,
    ok: !obstacle,
    lines: [
      ...(obstacle ? [why ?? ""] : []),
      ...seen,
      ...(more > 0 ? [`and ${more} more`] : []),
      ...skipped,
      ...(moreSkipped > 0 ? [`and ${moreSkipped} more that get nothing`] : []),
    ],
    policies: [],
  };
}

function endpointLine({ address, port, zone, priority, share, via, name }: ExplainedEndpoint): string {
  const who = via === "dataplane" ? `${name}` : via === "ingress" ? `through ingress ${name}` : "somebody unknown";
  const when = share > 0 ? percent(share) : `priority ${priority}, only when those before fail`;
  return `${when}: ${who} in ${zone === "" ? "no zone" : zone}, ${address}:${port}`;
}

export function identityStep(client: ExplainedClient, destination: ExplainedDestination): Step {
  const { identity } = client;
  const mismatch = destination.servers.find(({ obstacle }) => obstacle === "tls-mismatch");
  if (identity.length === 0 && destination.sni === undefined) {
    const lines =
      mismatch?.why === undefined ? ["the mesh has no mTLS: everybody may call, and nobody knows who"] : [mismatch.why];
    return { step: "identity", title: "identity: none", ...(mismatch && { ok: false }), lines, policies: [] };
  }
  const [first = "nobody", ...more] = identity.filter((uri) => uri.startsWith("spiffe:"));
  const tags = identity.filter((uri) => !uri.startsWith("spiffe:"));
  return {
    step: "identity",
    title: `identity: mTLS as ${first}${more.length > 0 ? ` and ${countText(more.length, "other service")}` : ""}`,
    ok: !mismatch,
    lines: [
      ...(tags.length > 0 ? [`with the tags ${tags.join(" ")}`] : []),
      ...(destination.sni === undefined ? ["the client speaks plaintext"] : [`asks for server name ${destination.sni}`]),
      ...(mismatch?.why === undefined ? [] : [mismatch.why]),
    ],
    policies: [],
  };
}

/** None where nobody is there to decide. */
export function permissionSteps(destination: ExplainedDestination): readonly Step[] {
  const { servers } = destination;
  if (servers.length === 0) return [];
  const groups = new Map<string, ExplainedServer[]>();
  for (const server of servers) {
    const line = permissionLine(server);
    groups.set(line, [...(groups.get(line) ?? []), server]);
  }
  const decided = servers.filter(({ permission }) => permission.decision !== "unknown");
  const denied = decided.some(({ permission }) => permission.decision === "denied");
  const policies = [...new Set(servers.flatMap(({ permission }) => permission.policies))];
  const step: Step = {
    step: "permission",
    title: `permission at ${nameOf(destination)}: ${decisionText(servers)}`,
    ...(decided.length > 0 && { ok: !denied }),
    lines: [...groups].map(([line, group]) => `${namesText(group)}: ${line}`),
    policies,
  };
  return [step];
}

function decisionText(servers: readonly ExplainedServer[]): string {
  const decisions = new Set(servers.map(({ permission }) => permission.decision));
  const [only] = decisions;
  if (decisions.size !== 1) return "not all servers agree";
  return { allowed: "allowed", denied: "denied", open: "nobody asks", unknown: "not known here" }[only ?? "unknown"];
}

function permissionLine({ permission, why, obstacle }: ExplainedServer): string {
  const { decision, policies, rule, shadowDenied } = permission;
  const by = policies.length > 0 ? ` by ${policiesText(policies)}` : "";
  const shadow = shadowDenied ? ", and counted as if denied" : "";
  if (decision === "allowed") return `allowed${by}${shadow}`;
  if (decision === "open") return obstacle ? (why ?? "") : "open to everybody";
  if (decision === "unknown") return why ?? "not known here";
  return rule === undefined ? `denied: no rule${by === "" ? "" : ` of ${policiesText(policies)}`} lets it in` : `denied${by}`;
}

function namesText(servers: readonly ExplainedServer[]): string {
  return someOf(servers.map(({ zone, dataplane }) => `${dataplane} in ${zone}`));
}

function someOf(names: readonly string[]): string {
  if (names.length <= listedAtMost) return listText(names);
  return `${names.slice(0, listedAtMost).join(", ")} and ${names.length - listedAtMost} more`;
}

export function settingsStep(settings: readonly Setting[], destination: ExplainedDestination): Step {
  const lines = settings.map(({ about, name, value, where, origin, policies }) => {
    const from = { policy: policiesText(policies), default: "built-in default", envoy: "Envoy's default" }[origin];
    return `${about}: ${name} ${value} (${where}; ${from})`;
  });
  const policies = [...new Set(settings.flatMap((setting) => setting.policies))];
  return { step: "settings", title: `in force on the way to ${nameOf(destination)}`, lines, policies };
}
