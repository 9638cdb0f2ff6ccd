import type { AddressInfo } from "node:net";
import { createAdmission } from "@meridian/admission";
import { type ApiDeps, buildApi, InsightBook } from "@meridian/api";
import { type Clock, Registry, silentLogger } from "@meridian/base";
import { createExplainer } from "@meridian/explain";
import {
  type ConvergenceReport,
  coreKinds,
  createKindRegistry,
  type Resource,
  type Revision,
  type ZoneConvergence,
  type ZonePolicyReport,
} from "@meridian/model";
import { Planner } from "@meridian/plan";
import { policyKinds } from "@meridian/policies";
import { createMemoryStore, type Store } from "@meridian/store";

export interface TestControlPlane {
  readonly address: string;
  readonly store: Store;
  readonly zones: SampleZones;
  readonly policies: SamplePolicies;
  close(): Promise<void>;
}

/** Zones whose progress a test moves by hand. */
export class SampleZones {
  #zones: readonly ZoneConvergence[] = [];
  readonly #listeners = new Set<() => void>();
  readonly #subscribed: (() => void)[] = [];

  set(...zones: readonly ZoneConvergence[]): void {
    this.#zones = zones;
    for (const listener of [...this.#listeners]) listener();
  }

  report(revision: Revision = 0): ConvergenceReport {
    const online = this.#zones.filter(({ status }) => status === "online");
    const refused = online.some(({ rejections }) => rejections.some((rejection) => rejection.revision >= revision));
    return { revision, converged: !refused && online.every((zone) => zone.convergedRevision >= revision), zones: this.#zones };
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    for (const resolve of this.#subscribed.splice(0)) resolve();
    return () => this.#listeners.delete(listener);
  }

  /** Resolves when somebody follows the convergence. */
  followed(): Promise<void> {
    return this.#listeners.size > 0 ? Promise.resolve() : new Promise((resolve) => this.#subscribed.push(resolve));
  }
}

export function sampleZone(zone: string, revision: Revision, overrides: Partial<ZoneConvergence> = {}): ZoneConvergence {
  return {
    zone,
    status: "online",
    lastHeard: "2026-01-02T00:00:00.000Z",
    revision,
    convergedRevision: revision,
    behindRevisions: 0,
    behindMs: 0,
    proxies: { connected: 3, pending: 0, rejected: 0 },
    rejections: [],
    ...overrides,
  };
}

/** What zones say of policies, by name, as a test moves it by hand. */
export class SamplePolicies {
  readonly #reports = new Map<string, readonly ZonePolicyReport[]>();
  readonly #listeners = new Set<() => void>();
  readonly #followed: (() => void)[] = [];

  async policyStatus(policies: readonly { readonly name: string }[]): Promise<readonly (readonly ZonePolicyReport[])[]> {
    return policies.map(({ name }) => this.#reports.get(name) ?? []);
  }

  subscribePolicies(listener: () => void): () => void {
    this.#listeners.add(listener);
    for (const resolve of this.#followed.splice(0)) resolve();
    return () => this.#listeners.delete(listener);
  }

  set(policy: string, ...reports: readonly ZonePolicyReport[]): void {
    this.#reports.set(policy, reports);
    for (const listener of [...this.#listeners]) listener();
  }

  /** Resolves when somebody follows a policy. */
  followed(): Promise<void> {
    return this.#listeners.size > 0 ? Promise.resolve() : new Promise((resolve) => this.#followed.push(resolve));
  }
}

/** Of an online zone: so many proxies, of which so many refuse with Envoy's words. */
export function sampleReport(
  zone: string,
  applied: number,
  overrides: Partial<ZonePolicyReport> & { readonly refusal?: string } = {},
): ZonePolicyReport {
  const { refusal, ...rest } = overrides;
  const rejected = refusal === undefined ? 0 : 1;
  const proxies = { applied, converged: applied - rejected, pending: 0, rejected };
  const named = { proxyNames: ["web-1"], resources: ["outbound:api"], revision: 9, time: "2026-01-02T00:00:00.000Z" };
  const rejections = refusal === undefined ? [] : [{ message: refusal, proxies: 1, ...named }];
  return { zone, status: "online", isCurrent: true, report: { proxies, rejections, notes: [] }, ...rest };
}

const clock: Clock = { now: () => Date.UTC(2026, 0, 2) };

/** All is of one zone. */
const east = {
  kinds: ["Mesh", "Dataplane", ...policyKinds.map(({ kind }) => kind)],
  zones: { names: () => ["east"], seenIn: (resource: Resource) => resource },
};

/** A global control plane that listens, on a memory store, with the real kinds and the real admission. */
export async function startControlPlane(overrides: Partial<ApiDeps> = {}): Promise<TestControlPlane> {
  const store = createMemoryStore({ clock });
  const kinds = createKindRegistry([...coreKinds, ...policyKinds]);
  const pki = {
    generateCa: async () => ({ certPem: "certificate", keyPem: "key" }),
    inspectCa: () => [],
    generateSigningKey: async () => "signing key",
    signToken: async () => "token",
  };
  const admission = createAdmission({ store, kinds, role: "global", env: "universal", clock, pki });
  await admission.ensureDefaults();
  const zones = new SampleZones();
  const policies = new SamplePolicies();
  const issue = async (request: object): Promise<string> => JSON.stringify(request);
  const app = await buildApi({
    insights: new InsightBook({ store, kinds }),
    store,
    kinds,
    admission,
    mode: "global",
    info: { product: "Meridian", version: "0.1.0", hostname: "host", instanceId: "host-0001", clusterId: "cluster" },
    convergence: zones,
    planner: new Planner({ store, ...east }),
    explainer: createExplainer({ store, ...east }),
    policies,
    tokens: {
      issueDataplaneToken: issue,
      issueZoneToken: issue,
      issueUserToken: issue,
      verifyUserToken: async () => ({ ok: false, reason: "unknown token" }),
    },
    effectiveConfig: () => ({}),
    authentication: { localhostIsAdmin: true },
    logger: silentLogger,
    metrics: new Registry(),
    ...overrides,
  });
  await app.listen({ host: "127.0.0.1", port: 0 });
  const { port } = app.server.address() as AddressInfo;
  return { address: `http://127.0.0.1:${port}`, store, zones, policies, close: () => app.close() };
}
