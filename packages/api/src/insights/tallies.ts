import { type KindRegistry, keyText, type Resource, type ResourceKey } from "@meridian/model";
import type { ChangeEntry, StatusEntry } from "@meridian/store";
import { NameCounts, ZonedCounts } from "./counts.ts";
import { type Member, MeshTally } from "./mesh-tally.ts";
import { type ConnectionFacts, connectionFacts, neverConnected, type ProxyFacts, proxyFacts } from "./proxy-facts.ts";

interface Proxy {
  readonly key: ResourceKey;
  /** Absent: there is only an insight, which counts for nothing. */
  facts?: ProxyFacts;
  connection: ConnectionFacts;
}

/** Every resource and every proxy's connection, counted by mesh; one that changes costs the same however many there are. */
export class Tallies {
  readonly #kinds: KindRegistry;
  readonly #meshes = new Map<string, MeshTally>();
  readonly #counts = new NameCounts();
  readonly #zoneProxies = { ZoneIngress: new ZonedCounts(), ZoneEgress: new ZonedCounts() };
  /** What was counted, so that the same is never counted twice. */
  readonly #known = new Set<string>();
  readonly #proxies = new Map<string, Proxy>();
  readonly #externals = new Map<string, Resource>();

  constructor(kinds: KindRegistry) {
    this.#kinds = kinds;
  }

  /** Resources of a kind, over all meshes. */
  countOf(kind: string): number {
    return this.#counts.get(kind);
  }

  zoneProxies(kind: "ZoneIngress" | "ZoneEgress"): ZonedCounts {
    return this.#zoneProxies[kind];
  }

  /** Empty for a mesh that nothing is in. */
  mesh(name: string): MeshTally {
    const tally = this.#meshes.get(name) ?? new MeshTally();
    this.#meshes.set(name, tally);
    return tally;
  }

  /** Every mesh that was counted in. */
  meshes(): Iterable<MeshTally> {
    return this.#meshes.values();
  }

  apply({ key, resource }: ChangeEntry): void {
    if (resource) this.put(resource);
    else this.#delete(key);
  }

  put(resource: Resource): void {
    if (!this.#isCounted(resource.kind)) return;
    const text = keyText(resource);
    if (!this.#known.has(text)) this.#countKind(resource, 1);
    this.#known.add(text);
    if (isProxyKind(resource.kind)) this.#changeProxy(resource, { facts: proxyFacts(resource) });
    if (resource.kind === "ExternalService") this.#setExternal(text, resource);
  }

  #delete(key: ResourceKey): void {
    const text = keyText(key);
    if (!this.#known.delete(text)) return;
    this.#countKind(key, -1);
    if (isProxyKind(key.kind)) this.#changeProxy(key, { facts: undefined });
    if (key.kind === "ExternalService") this.#setExternal(text, undefined);
  }

  /** @param key of the insight; undefined: it has none. */
  setInsight(key: ResourceKey, entry: StatusEntry | undefined): void {
    const kind = key.kind.replace(/Insight$/, "");
    this.#changeProxy({ ...key, kind }, { connection: entry ? connectionFacts(entry.value) : neverConnected });
  }

  /** Keys of insights that say something. */
  insightKeys(): readonly ResourceKey[] {
    const connected = [...this.#proxies.values()].filter(({ connection }) => connection !== neverConnected);
    return connected.map(({ key }) => ({ ...key, kind: `${key.kind}Insight` }));
  }

  #isCounted(kind: string): boolean {
    const definition = this.#kinds.get(kind);
    return definition !== undefined && definition.category !== "insight";
  }

  #countKind({ kind, mesh }: ResourceKey, step: 1 | -1): void {
    this.#counts.count(kind, step);
    if (mesh !== "") this.mesh(mesh).kinds.count(kind, step);
  }

  #setExternal(text: string, resource: Resource | undefined): void {
    const before = this.#externals.get(text);
    if (before) this.mesh(before.mesh).countExternal(before, -1);
    if (resource) {
      this.#externals.set(text, resource);
      this.mesh(resource.mesh).countExternal(resource, 1);
    } else this.#externals.delete(text);
  }

  #changeProxy(
    { kind, mesh, name }: ResourceKey,
    change: { readonly facts?: ProxyFacts | undefined; readonly connection?: ConnectionFacts },
  ): void {
    const key = { kind, mesh, name };
    const text = keyText(key);
    const before = this.#proxies.get(text) ?? { key, connection: neverConnected };
    const after: Proxy = { ...before, ...(change as Partial<Proxy>) };
    this.#countProxy(before, -1);
    this.#countProxy(after, 1);
    if (after.facts === undefined && after.connection === neverConnected) this.#proxies.delete(text);
    else this.#proxies.set(text, after);
  }

  #countProxy({ key, facts, connection }: Proxy, step: 1 | -1): void {
    if (!facts) return;
    const member: Member = { facts, connection };
    if (key.kind === "Dataplane") this.mesh(key.mesh).countProxy(member, step);
    else {
      const { zone, isDegraded } = facts;
      const counts = this.#zoneProxies[key.kind as "ZoneIngress" | "ZoneEgress"];
      counts.count({ zone, isDegraded, isConnected: connection.isConnected }, step);
    }
  }
}

function isProxyKind(kind: string): boolean {
  return kind === "Dataplane" || kind === "ZoneIngress" || kind === "ZoneEgress";
}
