import type { ExplainedClient, ExplainedDestination, ExplainedEndpoint, ExplainedServer, Step } from "../types.ts";
import { countText, percent, policiesText, someLines, someText } from "./words.ts";

/** What becomes of the requests to one destination. Who is nobody is asked for nothing. */
export function destinationSteps(client: ExplainedClient, destination: ExplainedDestination): readonly Step[] {
  const { servers, obstacle } = destination;
  return [
    endpointsStep(destination),
    ...(obstacle ? [] : [identityStep(client, destination)]),
    ...(servers.length > 0 ? [permissionStep(destination)] : []),
  ];
}

function endpointsStep({ name, share, endpoints, arrangedBy, leftOut, obstacle, why = "" }: ExplainedDestination): Step {
  const skipped = leftOut.map((each) => `not ${each.name}${each.zone === "" ? "" : ` in ${each.zone}`}: ${each.reason}`);
  return {
    step: "endpoints",
    title: `endpoints of ${name}${share < 1 ? ` (${percent(share)} of the requests)` : ""}`,
    ok: endpoints.length > 0,
    lines: [
      ...(obstacle ? [why] : []),
      ...someLines(endpoints.map(endpointLine), "endpoint"),
      ...(arrangedBy.length > 0 ? [`arranged by ${policiesText(arrangedBy)}`] : []),
      ...someLines(skipped, "instance"),
    ],
    policies: arrangedBy,
  };
}

function endpointLine({ address, port, zone, share, via, name, why }: ExplainedEndpoint): string {
  const at = `${address}:${port}`;
  const who = {
    dataplane: `${name} at ${at}`,
    ingress: `through zone ingress ${name} at ${at}`,
    egress: `through zone egress ${name} at ${at}`,
    external: name === at ? at : `${name} at ${at}`,
    address: `somebody unknown at ${at}`,
  }[via];
  const reason = why === "" ? "" : ` (${why})`;
  return `${share > 0 ? percent(share) : "only if those before fail"}: ${who}${zone === "" ? "" : ` in ${zone}`}${reason}`;
}

function identityStep({ identity }: ExplainedClient, { servers, sni }: ExplainedDestination): Step {
  const mismatch = servers.find(({ obstacle }) => obstacle === "tls-mismatch");
  const trouble = mismatch?.why === undefined ? [] : [mismatch.why];
  const [first, ...more] = identity.filter((uri) => uri.startsWith("spiffe:"));
  if (first === undefined || sni === undefined) {
    const lines = trouble.length > 0 ? trouble : [plainText(identity.length > 0)];
    return { step: "identity", title: "identity: none", ...(mismatch && { ok: false }), lines, policies: [] };
  }
  const tags = identity.filter((uri) => !uri.startsWith("spiffe:"));
  return {
    step: "identity",
    title: `identity: mTLS as ${first}${more.length > 0 ? ` and ${countText(more.length, "other service")}` : ""}`,
    ok: !mismatch,
    lines: [...(tags.length > 0 ? [`with the tags ${tags.join(" ")}`] : []), `asks for server name ${sni}`, ...trouble],
    policies: [],
  };
}

function plainText(hasIdentity: boolean): string {
  return hasIdentity
    ? "the destination is outside of the mesh: it is not shown who calls"
    : "the mesh has no mTLS: everybody may call, and nobody knows who";
}

function permissionStep({ name, servers }: ExplainedDestination): Step {
  const groups = new Map<string, ExplainedServer[]>();
  for (const server of servers) {
    const line = permissionLine(server);
    groups.set(line, [...(groups.get(line) ?? []), server]);
  }
  const decided = servers.filter(({ permission }) => permission.decision !== "unknown");
  const policies = [...new Set(servers.flatMap(({ permission }) => permission.policies))];
  return {
    step: "permission",
    title: `permission at ${name}: ${decisionText(servers)}`,
    ...(decided.length > 0 && { ok: !decided.some(({ permission }) => permission.decision === "denied") }),
    lines: [...groups].map(([line, group]) => `${someText(group.map(serverText))}: ${line}`),
    policies,
  };
}

function decisionText(servers: readonly ExplainedServer[]): string {
  const decisions = new Set(servers.map(({ permission }) => permission.decision));
  const [only = "unknown"] = decisions;
  if (decisions.size > 1) return "not all servers agree";
  return { allowed: "allowed", denied: "denied", open: "nobody asks", unknown: "not known here" }[only];
}

function permissionLine({ permission, why = "", obstacle }: ExplainedServer): string {
  const { decision, policies, shadowDenied } = permission;
  const by = policies.length > 0 ? ` by ${policiesText(policies)}` : "";
  if (decision === "allowed") return `allowed${by}${shadowDenied ? ", and counted as if denied" : ""}`;
  if (decision === "open") return obstacle ? why : "open to everybody";
  return why || "not known here";
}

function serverText({ zone, dataplane, through }: ExplainedServer): string {
  const way = through.length > 0 ? ` through ${through.join(" and ")}` : "";
  return `${dataplane}${zone === "" ? "" : ` in ${zone}`}${way}`;
}
