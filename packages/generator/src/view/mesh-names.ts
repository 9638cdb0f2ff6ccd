import { compareText, type Resource, type Tags, tagNames } from "@meridian/model";
import type { PolicyNote } from "@meridian/policies";
import { hostOf, type NameSpec } from "@meridian/services";
import { viewKeys } from "./keys.ts";
import { type OutboundFacts, type OutboundList, outboundList } from "./outbound-list.ts";
import { tagsText } from "./tags.ts";

interface NameFacts {
  readonly text: string;
  readonly outbounds: readonly OutboundFacts[];
  readonly conflicts: readonly PolicyNote[];
}

const nobody = outboundList([]);

/** The host names by tags of one mesh, and the addresses that they stand for. Each change adds the keys of what became different. */
export class MeshNames {
  readonly #mesh: string;
  /** By host. */
  readonly #names = new Map<string, NameFacts>();
  /** Hosts by the services that they lead to. */
  readonly #byService = new Map<string, Set<string>>();
  readonly #ofService = new Map<string, OutboundList>();
  #outbounds: OutboundList | undefined;

  constructor(mesh: string) {
    this.#mesh = mesh;
  }

  /** An outbound for each port of each name; the same list while none of them changes. */
  get outbounds(): OutboundList {
    this.#outbounds ??= listOf(this.#names.values());
    return this.#outbounds;
  }

  /** Those that lead to one service. */
  of(service: string): OutboundList {
    const known = this.#ofService.get(service);
    if (known) return known;
    const hosts = this.#byService.get(service);
    if (!hosts) return nobody;
    const names = [...hosts].map((host) => this.#names.get(host) as NameFacts);
    const list = listOf(names, service);
    this.#ofService.set(service, list);
    return list;
  }

  /** What VirtualOutbounds ask for in vain. */
  get conflicts(): readonly PolicyNote[] {
    return [...this.#names].sort(([a], [b]) => compareText(a, b)).flatMap(([, { conflicts }]) => conflicts);
  }

  /** False, and nothing else: it is no name. */
  put(resource: Resource, touched: Set<string>): boolean {
    const host = hostOf(resource);
    if (host !== undefined) this.#set(host, nameFacts(resource as Resource<NameSpec>), touched);
    return host !== undefined;
  }

  /** As `put`. */
  delete(kind: string, name: string, touched: Set<string>): boolean {
    const host = hostOf({ kind, mesh: this.#mesh, name });
    if (host !== undefined) this.#set(host, undefined, touched);
    return host !== undefined;
  }

  #set(host: string, after: NameFacts | undefined, touched: Set<string>): void {
    const before = this.#names.get(host);
    if (before?.text === after?.text) return;
    if (after) this.#names.set(host, after);
    else this.#names.delete(host);
    this.#outbounds = undefined;
    touched.add(viewKeys.names(this.#mesh));
    if ((before?.conflicts.length ?? 0) + (after?.conflicts.length ?? 0) > 0) touched.add(viewKeys.nameConflicts(this.#mesh));
    for (const service of servicesOf(before)) this.#unlink(service, host, touched);
    for (const service of servicesOf(after)) this.#link(service, host, touched);
  }

  #link(service: string, host: string, touched: Set<string>): void {
    this.#byService.set(service, (this.#byService.get(service) ?? new Set()).add(host));
    this.#touchService(service, touched);
  }

  #unlink(service: string, host: string, touched: Set<string>): void {
    const hosts = this.#byService.get(service);
    hosts?.delete(host);
    if (hosts?.size === 0) this.#byService.delete(service);
    this.#touchService(service, touched);
  }

  #touchService(service: string, touched: Set<string>): void {
    this.#ofService.delete(service);
    touched.add(viewKeys.namesOf(this.#mesh, service));
  }
}

/**
 * Instances that names lead to: other zones, which make the same names, ask this zone's ingress for them. What is in another mesh is asked
 * for there.
 */
export function namedTagSets({ spec }: Resource): readonly Tags[] {
  const tagSets = (spec as NameSpec).ports.map(({ tags }) => tags);
  return tagSets.filter((tags) => Object.keys(tags).length > 1 && tags[tagNames.mesh] === undefined);
}

function nameFacts({ spec }: Resource<NameSpec>): NameFacts {
  const { host, aliases, ip, ports, conflicts } = spec;
  return {
    text: JSON.stringify(spec),
    outbounds: ports.map(({ port, tags, by }) => ({
      ...{ address: ip, port, tags, service: tags[tagNames.service] ?? "", hosts: [host, ...aliases] },
      ...(by !== undefined && { by }),
    })),
    conflicts: conflicts.map(({ by, message }) => ({ policy: by, message })),
  };
}

function servicesOf(facts: NameFacts | undefined): ReadonlySet<string> {
  return new Set(facts?.outbounds.map(({ service }) => service));
}

/** What every service has comes first, so that a VirtualOutbound that comes and goes leaves its names alone. */
function listOf(names: Iterable<NameFacts>, service?: string): OutboundList {
  const outbounds = [...names]
    .flatMap((name) => name.outbounds)
    .filter((outbound) => service === undefined || outbound.service === service);
  return outboundList(outbounds.sort(compareOutbounds));
}

function compareOutbounds(a: OutboundFacts, b: OutboundFacts): number {
  return (
    Number(a.by !== undefined) - Number(b.by !== undefined) ||
    compareText(a.service, b.service) ||
    compareText(tagsText(a.tags), tagsText(b.tags)) ||
    compareText(a.address, b.address) ||
    a.port - b.port
  );
}
