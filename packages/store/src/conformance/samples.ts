import type { Clock } from "@meridian/base";
import type { Resource, ResourceInput, Revision } from "@meridian/model";
import type { ChangeEntry, Store } from "../store.ts";

/** What each part of the suite gets; `store` is another one in every test. */
export interface StoreUnderTest {
  readonly store: Store;
  readonly clock: TestClock;
  /** Closes the store and opens an empty one: for several runs inside one test. */
  openAnother(): Promise<Store>;
  /** Closes the store and opens it again with its data. */
  reopen(): Promise<Store>;
  readonly propertyRuns: number;
}

/** Time that only tests move. */
export class TestClock implements Clock {
  #nowMs = Date.parse("2026-01-02T03:04:05.678Z");

  now(): number {
    return this.#nowMs;
  }

  advance(ms: number): void {
    this.#nowMs += ms;
  }

  get time(): string {
    return new Date(this.#nowMs).toISOString();
  }
}

export const alice = { author: "alice", address: "192.0.2.1", message: "more retries" } as const;

export function route(name: string, over: Partial<ResourceInput> = {}): ResourceInput {
  return { kind: "TrafficRoute", mesh: "default", name, labels: {}, spec: { conf: { weight: 1 } }, ...over };
}

export function put(name: string, over: Partial<ResourceInput> = {}): { readonly op: "put"; readonly resource: ResourceInput } {
  return { op: "put", resource: route(name, over) };
}

export function remove(name: string): { readonly op: "delete"; readonly key: ResourceInput } {
  return { op: "delete", key: route(name) };
}

export function names(resources: readonly { readonly name: string }[]): readonly string[] {
  return resources.map((resource) => resource.name);
}

/** Resources after a replay of log entries, in the order of `list` per kind. */
export function replay(entries: readonly ChangeEntry[], into: Map<string, Resource> = new Map()): Map<string, Resource> {
  for (const entry of entries) {
    const id = JSON.stringify([entry.key.kind, entry.key.mesh, entry.key.name]);
    if (entry.resource === undefined) into.delete(id);
    else into.set(id, entry.resource);
  }
  return into;
}

/** Follows the log the way a hub does: woken by `watch`, reading `changes`, until `until` is reached. */
export async function followLog(store: Store, after: Revision, until: () => Revision): Promise<readonly ChangeEntry[]> {
  const abort = new AbortController();
  const entries: ChangeEntry[] = [];
  let seen = after;
  for await (const _ of store.watch(abort.signal)) {
    const page = await store.changes(seen);
    entries.push(...page.entries);
    seen = page.lastRevision;
    if (seen >= until()) abort.abort();
  }
  return entries;
}
