import { type ClientIdentity, isAllowed } from "@meridian/explain";
import { canonicalJson, compareText } from "@meridian/model";
import type { PermissionPlan } from "@meridian/policies";
import type { Focus, Seen, TouchedServer } from "../observe.ts";
import type { Told } from "./lines.ts";
import { serviceList } from "./words.ts";

/** Clients of a mesh that show the same: what their certificates say before and after. */
interface Candidate {
  readonly services: readonly string[];
  readonly before: ClientIdentity;
  readonly after: ClientIdentity;
}

/** Inbounds whose permission differs in the same way. */
interface Difference {
  readonly mesh: string;
  readonly service: string;
  readonly before: PermissionPlan | undefined;
  readonly after: PermissionPlan | undefined;
  readonly servers: TouchedServer[];
}

/** Who may call whom, as far as it differs; each is judged by what its certificate says. */
export function permissionTexts({ servers }: Focus, before: Seen, after: Seen, tell: (told: Told) => void): void {
  const candidates = new Map<string, readonly Candidate[]>();
  for (const difference of differencesOf(servers, before, after)) {
    const { mesh, service } = difference;
    const known = candidates.get(mesh) ?? candidatesOf(before.holders.get(mesh), after.holders.get(mesh));
    candidates.set(mesh, known);
    const policies = [...(difference.before?.origins ?? []), ...(difference.after?.origins ?? [])];
    for (const text of textsOf(difference, known)) {
      for (const { image, id } of difference.servers) {
        tell({ about: "permissions", mesh, text, services: [service], zone: image.zone, proxies: [id], policies });
      }
    }
  }
}

function differencesOf(servers: readonly TouchedServer[], before: Seen, after: Seen): Iterable<Difference> {
  const differences = new Map<string, Difference>();
  for (const server of servers) {
    const was = before.permissions.get(server);
    for (const [section, { service, plan }] of after.permissions.get(server) ?? []) {
      const old = was?.get(section);
      if (!old) continue;
      const texts = [canonicalJson(old.plan?.rbac ?? null), canonicalJson(plan?.rbac ?? null)];
      if (texts[0] === texts[1]) continue;
      const key = [server.mesh, service, ...texts].join("\n");
      const known = differences.get(key);
      if (known) known.servers.push(server);
      else differences.set(key, { mesh: server.mesh, service, before: old.plan, after: plan, servers: [server] });
    }
  }
  return differences.values();
}

function textsOf({ service, before, after }: Difference, candidates: readonly Candidate[]): readonly string[] {
  const gained = new Set<string>();
  const lost = new Set<string>();
  for (const { services, ...shown } of candidates) {
    const was = before ? isAllowed(before.rbac, shown.before) : true;
    const is = after ? isAllowed(after.rbac, shown.after) : true;
    for (const client of services) {
      if (was === false && is === true) gained.add(client);
      if (was === true && is === false) lost.add(client);
    }
  }
  const texts = [
    ...(lost.size > 0 ? [`${service} refuses ${namesText(lost)}, which it lets in now`] : []),
    ...(gained.size > 0 ? [`${service} lets in ${namesText(gained)}, which it refuses now`] : []),
  ];
  if (texts.length > 0) return texts;
  return [`${service} has other permissions, which decide as before for every service that runs`];
}

function namesText(names: ReadonlySet<string>): string {
  return serviceList([...names].sort(compareText));
}

/** Who is there before and after, each pair of certificates once. */
function candidatesOf(before: Holders = new Map(), after: Holders = new Map()): readonly Candidate[] {
  const candidates = new Map<string, Candidate>();
  for (const [id, { services, identity }] of before) {
    const candidate = { services, before: identity, after: after.get(id)?.identity ?? identity };
    candidates.set(canonicalJson(candidate), candidate);
  }
  return [...candidates.values()];
}

type Holders = ReturnType<Seen["holders"]["get"]>;
