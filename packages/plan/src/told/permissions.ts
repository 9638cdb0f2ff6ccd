import { type ClientIdentity, clientIdentity, isAllowed } from "@meridian/explain";
import { canonicalJson, compareText } from "@meridian/model";
import type { PermissionPlan } from "@meridian/policies";
import { type Focus, type Seen, servicesOfTags, type TouchedServer } from "../observe.ts";
import type { ZoneImage } from "../zones/zone-image.ts";
import type { Told } from "./lines.ts";
import { serviceList } from "./words.ts";

/** A client of a mesh, whatever its zone. */
interface Candidate {
  readonly services: readonly string[];
  readonly identity: ClientIdentity;
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
export function permissionTexts({ images, servers }: Focus, before: Seen, after: Seen, tell: (told: Told) => void): void {
  const candidates = new Map<string, readonly Candidate[]>();
  for (const difference of differencesOf(servers, before, after)) {
    const { mesh, service } = difference;
    const known = candidates.get(mesh) ?? candidatesOf(images, mesh);
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
  for (const { services, identity } of candidates) {
    const was = before ? isAllowed(before.rbac, identity) : true;
    const is = after ? isAllowed(after.rbac, identity) : true;
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

/** Every distinct certificate that data planes of the mesh hold. */
function candidatesOf(images: readonly ZoneImage[], mesh: string): readonly Candidate[] {
  const candidates = new Map<string, Candidate>();
  for (const image of images) {
    for (const proxy of image.proxies.values()) {
      if (proxy.type !== "dataplane" || proxy.mesh !== mesh) continue;
      const tagSets = image.engine.view.dataplane(mesh, proxy.name)?.tagSets ?? [];
      const key = canonicalJson(tagSets);
      if (!candidates.has(key))
        candidates.set(key, { services: servicesOfTags(tagSets), identity: clientIdentity(mesh, tagSets) });
    }
  }
  return [...candidates.values()];
}
