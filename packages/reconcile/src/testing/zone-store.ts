import { type Admission, createAdmission } from "@meridian/admission";
import { silentLogger, systemClock } from "@meridian/base";
import { coreKinds, createKindRegistry, type Labels, type Resource, type ResourceInput, type ResourceKey } from "@meridian/model";
import { generateCa, generateSigningKey, inspectCa, signToken } from "@meridian/pki";
import type { ServiceStatus } from "@meridian/services";
import { createMemoryStore, type StatusEntry, type Store } from "@meridian/store";
import { vi } from "vitest";
import type { Due } from "../plan.ts";
import { planWrites } from "../plan.ts";
import type { ReconcilerOptions } from "../ports.ts";
import { Reconciler } from "../reconciler.ts";
import { followedKinds, State } from "../state/state.ts";

const kinds = createKindRegistry(coreKinds);
const someone = { author: "test" };
const place = { role: "zone", zone: "east", env: "universal" } as const;

/** Waits for a condition; fails with what the condition last threw. */
export async function until(condition: () => void | Promise<void>): Promise<void> {
  await vi.waitFor(condition, { timeout: 20_000, interval: 5 });
}

/** A federated zone's store, written as the global and data planes would, with a reconciler that can be stopped and started again. */
export class ZoneStore {
  readonly store: Store;
  readonly admission: Admission;
  readonly #insightListeners = new Set<Parameters<NonNullable<ReconcilerOptions["insights"]>["subscribe"]>[0]>();
  readonly #running: Reconciler[] = [];

  constructor(store: Store = createMemoryStore({ clock: systemClock })) {
    this.store = store;
    this.admission = createAdmission({
      ...{ store, kinds, clock: systemClock, role: "zone", zone: place.zone, env: place.env },
      pki: { generateCa, inspectCa, generateSigningKey, signToken },
    });
  }

  async start(options: Partial<ReconcilerOptions> = {}): Promise<Reconciler> {
    const reconciler = new Reconciler({
      ...{ store: this.store, admission: this.admission, clock: systemClock, logger: silentLogger, place },
      countsIntervalMs: 1,
      burstIntervalMs: 1,
      insights: {
        subscribe: (listener) => {
          this.#insightListeners.add(listener);
          return () => this.#insightListeners.delete(listener);
        },
      },
      ...options,
    });
    this.#running.push(reconciler);
    await reconciler.start();
    return reconciler;
  }

  async stop(): Promise<void> {
    for (const reconciler of this.#running.splice(0)) await reconciler.stop();
  }

  async put(...resources: readonly ResourceInput[]): Promise<void> {
    const changes = await Promise.all(
      resources.map(async (resource) => {
        const stored = await this.store.get(resource);
        const status = resource.status ?? stored?.status;
        return { op: "put", resource: { ...resource, ...(status !== undefined && { status }) } } as const;
      }),
    );
    await this.store.commit(changes, someone);
  }

  async remove(...keys: readonly ResourceKey[]): Promise<void> {
    await this.store.commit(
      keys.map(({ kind, mesh, name }) => ({ op: "delete", key: { kind, mesh, name } })),
      someone,
    );
  }

  async insight(name: string, value: object): Promise<void> {
    const entry: StatusEntry = { key: { kind: "DataplaneInsight", mesh: "default", name }, value };
    await this.store.putStatus([entry]);
    for (const listener of this.#insightListeners) listener({ put: [entry], deleted: [] });
  }

  get(kind: string, name: string): Promise<Resource | undefined> {
    return this.store.get({ kind, mesh: "default", name });
  }

  async status(kind: string, name: string): Promise<ServiceStatus> {
    return ((await this.get(kind, name))?.status ?? {}) as ServiceStatus;
  }

  /** Keys that a reconciler that starts now would write: none once everything is as it should be. */
  async unsettled(graceMs = 3_600_000): Promise<readonly string[]> {
    const due = new Map<string, Due>();
    const look = (key: ResourceKey): void => {
      due.set(`${key.kind}/${key.mesh}/${key.name}`, { key, withCounts: true });
    };
    const state = new State({ zone: "east", onMembers: look, onContent: look });
    for (const kind of followedKinds.zone) for (const resource of await this.store.list(kind)) state.put(resource);
    for (const { key, value } of await this.store.listStatus("DataplaneInsight")) {
      const { subscriptions = [], mTLS } = value as { subscriptions?: { disconnectTime?: string }[]; mTLS?: object };
      const isConnected = subscriptions.length > 0 && subscriptions.at(-1)?.disconnectTime === undefined;
      state.dataPlanes.proxyChanged(key, { isConnected, isCertified: mTLS !== undefined });
    }
    for (const mesh of state.unwatched()) state.watch(mesh, await this.store.list("Dataplane", { mesh }));
    const plan = planWrites(due.values(), {
      ...{ state, place, graceMs },
      isZone: true,
      nowMs: Date.now(),
      mayWriteCounts: true,
      lookAgain: () => {},
      onExhausted: () => {},
    });
    return [
      ...plan.requests.map(({ request }) => JSON.stringify(request)),
      ...[...plan.statuses, ...plan.names].map(({ change }) => JSON.stringify(change)),
    ];
  }

  async settled(): Promise<void> {
    await until(async () => {
      const unsettled = await this.unsettled();
      if (unsettled.length > 0) throw new Error(`not settled: ${unsettled.join("\n")}`);
    });
  }
}

const synced: Labels = { "kuma.io/origin": "global" };

export function mesh(mode?: string, spec: object = {}): ResourceInput {
  return { kind: "Mesh", mesh: "", name: "default", labels: synced, spec: { ...(mode && { meshServices: { mode } }), ...spec } };
}

export interface TestDataplane {
  readonly port?: number;
  readonly tags?: Labels;
  readonly labels?: Labels;
  readonly state?: "Ready" | "NotReady";
  readonly protocol?: string;
}

export function dataplane(name: string, service: string, options: TestDataplane = {}): ResourceInput {
  const { port = 8080, tags = {}, labels = {}, state, protocol } = options;
  const inbound = [
    { port, tags: { "kuma.io/service": service, ...tags }, ...(state && { state }), ...(protocol && { protocol }) },
  ];
  return {
    kind: "Dataplane",
    mesh: "default",
    name,
    labels: { "kuma.io/origin": "zone", "kuma.io/zone": "east", ...labels },
    spec: { networking: { address: "10.0.0.1", inbound } },
  };
}

export function hostnameGenerator(name: string, kind: string, template: string, matchLabels?: Labels): ResourceInput {
  const spec = { selector: { [kind]: matchLabels ? { matchLabels } : {} }, template };
  return { kind: "HostnameGenerator", mesh: "", name, labels: synced, spec };
}

export function externalService(name: string): ResourceInput {
  const labels = { ...synced, "kuma.io/display-name": name };
  return { kind: "MeshExternalService", mesh: "default", name, labels, spec: { match: { port: 443, protocol: "tcp" } } };
}

export function remoteService(name: string, zone: string): ResourceInput {
  const labels = { ...synced, "kuma.io/display-name": name, "kuma.io/zone": zone, "kuma.io/env": "universal" };
  const spec = { selector: {}, ports: [{ port: 80, targetPort: 80, appProtocol: "tcp" }], state: "Available" };
  return { kind: "MeshService", mesh: "default", name: `${name}-of-${zone}`, labels, spec };
}

export function multiZoneService(name: string, matchLabels: Labels): ResourceInput {
  const spec = { selector: { meshService: { matchLabels } }, ports: [{ port: 80, appProtocol: "tcp" }] };
  return {
    kind: "MeshMultiZoneService",
    mesh: "default",
    name,
    labels: { ...synced, "kuma.io/display-name": name },
    spec,
  };
}

export function ownService(name: string, spec: object): ResourceInput {
  const labels = { "kuma.io/origin": "zone", "kuma.io/zone": "east", "kuma.io/mesh": "default" };
  return { kind: "MeshService", mesh: "default", name, labels, spec: { state: "Unavailable", ...spec } };
}

export function outside(service: string, address: string): ResourceInput {
  const spec = { networking: { address }, tags: { "kuma.io/service": service } };
  return { kind: "ExternalService", mesh: "default", name: `outside-${service}`, labels: synced, spec };
}

export function virtualOutbound(name: string, host: string): ResourceInput {
  const conf = { host, port: "80", parameters: [{ name: "svc", tagKey: "kuma.io/service" }] };
  const spec = { selectors: [{ match: { "kuma.io/service": "*" } }], conf };
  return { kind: "VirtualOutbound", mesh: "default", name, labels: synced, spec };
}

/** The ingress of another zone. */
export function remoteIngress(zone: string, service: string): ResourceInput {
  const availableServices = [{ mesh: "default", instances: 1, tags: { "kuma.io/service": service } }];
  const spec = { zone, networking: { address: "10.1.0.1", port: 10_001 }, availableServices };
  return { kind: "ZoneIngress", mesh: "", name: `ingress-${zone}`, labels: { ...synced, "kuma.io/zone": zone }, spec };
}
