import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createLogger, Latest, type Logger, Registry, silentLogger, systemClock } from "@meridian/base";
import type { Resource, ResourceInput, ZoneProgress } from "@meridian/model";
import { canonicalJson, keyText, labelNames } from "@meridian/model";
import { createMemoryStore, type Store } from "@meridian/store";
import { vi } from "vitest";
import { createKdsClient, type KdsClient } from "../client/client.ts";
import { observeInsights } from "../client/observe-insights.ts";
import { createHub, type KdsHub } from "../hub/hub.ts";
import type { ClientOptions, HubOptions } from "../ports.ts";
import { testKinds } from "./kinds.ts";
import { Wire } from "./wire.ts";

const logger: Logger = process.env["KDS_TEST_LOG"] ? createLogger({ name: "test", level: "debug" }) : silentLogger;
export const goodToken = (zone: string): string => `token-of-${zone}`;
const author = { author: "test" };

/** Waits for a condition; fails with what the condition last threw. */
export async function until(condition: () => void | Promise<void>, timeoutMs = 20_000): Promise<void> {
  await vi.waitFor(condition, { timeout: timeoutMs, interval: 3 });
}

export interface TestHub {
  readonly hub: KdsHub;
  readonly store: Store;
  readonly metrics: Registry;
  port: number;
  /** Stops it as a process that ends in order. */
  stop(): Promise<void>;
}

export interface TestZone {
  readonly client: KdsClient;
  readonly store: Store;
  readonly writer: Store;
  readonly progress: Latest<ZoneProgress>;
  readonly wire: Wire;
  readonly applied: { globalRevision: number; localRevision: number }[];
  stop(): Promise<void>;
}

/** A global with zones, over real websockets, in one process. */
export class Fabric {
  readonly #open: (() => Promise<void>)[] = [];

  async close(): Promise<void> {
    for (const close of this.#open.splice(0).reverse()) await close();
  }

  async hub(options: Partial<HubOptions> = {}): Promise<TestHub> {
    const store = options.store ?? createMemoryStore({ clock: systemClock });
    const metrics = new Registry();
    const hub = createHub({
      store,
      kinds: testKinds,
      instanceId: "global-1",
      version: "0.1.0",
      logger,
      clock: systemClock,
      metrics,
      authenticate: async (token, zone) =>
        token === goodToken(zone) ? { ok: true } : { ok: false, reason: token ? "it is revoked" : "no token was sent" },
      heartbeatIntervalMs: 200,
      heartbeatTimeoutMs: 2000,
      statusIntervalMs: 5,
      resyncBackoff: { initialMs: 1, maxMs: 10 },
      ...options,
    });
    const server = createServer();
    server.on("upgrade", (request, socket, head) => hub.handleUpgrade(request, socket, head));
    await hub.start();
    const port = await listen(server);
    let stopped = false;
    const stop = async (): Promise<void> => {
      if (stopped) return;
      stopped = true;
      await hub.stop();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    };
    this.#open.push(stop);
    return { hub, store, metrics, port, stop };
  }

  async zone(target: { port: number }, zone: string, options: Partial<ClientOptions> = {}): Promise<TestZone> {
    const wire = new Wire(() => target.port);
    const port = await wire.open();
    const store = options.store ?? createMemoryStore({ clock: systemClock });
    const { store: writer, insights } = observeInsights(store, testKinds);
    const progress = new Latest<ZoneProgress>(progressAt(0));
    const applied: { globalRevision: number; localRevision: number }[] = [];
    const client = createKdsClient({
      url: `ws://127.0.0.1:${port}`,
      zone,
      token: goodToken(zone),
      kinds: testKinds,
      instanceId: `${zone}-1`,
      version: "0.1.0",
      logger,
      clock: systemClock,
      metrics: new Registry(),
      progress,
      onRequest: async (request) => `${request.type} of ${request.name}`,
      backoff: { initialMs: 5, maxMs: 40 },
      heartbeatIntervalMs: 200,
      heartbeatTimeoutMs: 2000,
      insights,
      insightIntervalMs: 5,
      onApplied: (step) => {
        applied.push(step);
        progress.set(progressAt(step.globalRevision));
      },
      ...options,
      store,
    });
    await client.start();
    let stopped = false;
    const stop = async (): Promise<void> => {
      if (stopped) return;
      stopped = true;
      await client.stop();
      await wire.close();
    };
    this.#open.push(stop);
    return { client, store, writer, progress, wire, applied, stop };
  }
}

export function progressAt(revision: number): ZoneProgress {
  return { revision, convergedRevision: revision, proxies: { connected: 0, pending: 0, rejected: 0 }, rejections: [] };
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  return (server.address() as AddressInfo).port;
}

export function route(name: string, spec: unknown = { weight: 1 }): ResourceInput {
  return { kind: "TrafficRoute", mesh: "default", name, labels: {}, spec };
}

export function dataplane(name: string, spec: unknown = { address: "10.0.0.1" }): ResourceInput {
  return { kind: "Dataplane", mesh: "default", name, labels: {}, spec };
}

export function ingress(name: string, spec: unknown = { port: 10001 }): ResourceInput {
  return { kind: "ZoneIngress", mesh: "", name, labels: {}, spec };
}

export async function put(store: Store, ...resources: readonly ResourceInput[]): Promise<number> {
  const changes = resources.map((resource) => ({ op: "put" as const, resource }));
  return (await store.commit(changes, author)).revision;
}

export async function remove(store: Store, ...keys: readonly ResourceInput[]): Promise<number> {
  const changes = keys.map(({ kind, mesh, name }) => ({ op: "delete" as const, key: { kind, mesh, name } }));
  return (await store.commit(changes, author)).revision;
}

export async function countOf(store: Store, kind: string): Promise<number> {
  return store.count(kind);
}

/** What a zone holds of the global, as comparable text by key. */
export async function replicaOf(store: Store): Promise<ReadonlyMap<string, string>> {
  const replica = new Map<string, string>();
  for (const { kind } of testKinds.all) {
    for (const resource of await store.list(kind, { labels: { [labelNames.origin]: "global" } })) {
      replica.set(keyText(resource), contentOf(resource));
    }
  }
  return replica;
}

export function contentOf({ labels, spec }: Resource | ResourceInput): string {
  return canonicalJson({ labels, spec });
}
