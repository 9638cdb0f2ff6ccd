import { createAdmission, type PkiPort } from "@meridian/admission";
import { type Clock, Registry, silentLogger } from "@meridian/base";
import { type ConvergenceReport, coreKinds, createKindRegistry, type ZoneConvergence } from "@meridian/model";
import { policyKinds } from "@meridian/policies";
import { createMemoryStore, type Store } from "@meridian/store";
import type { FastifyInstance, InjectOptions } from "fastify";
import { buildApi } from "../build.ts";
import { announceInsights } from "../insights/announced-insights.ts";
import { InsightBook } from "../insights/insight-book.ts";
import type { Json } from "../openapi/schema.ts";
import type { ApiDeps, ConvergencePort, DataplaneTokenRequest, TokensPort } from "../ports.ts";
import { type Contract, contractOf } from "./contract.ts";
import { SamplePolicies } from "./sample-policies.ts";

export const clock: Clock = { now: () => Date.UTC(2026, 0, 2) };
export const kinds = createKindRegistry([...coreKinds, ...policyKinds]);

/** Keys and certificates are not what is tested here; `@meridian/admission` tests them with the real ones. */
const samplePki: PkiPort = {
  generateCa: async () => ({ certPem: "certificate", keyPem: "key" }),
  inspectCa: () => [],
  generateSigningKey: async () => "signing key",
  signToken: async () => "token",
};

/** Convergence that a test moves by hand. */
export class SampleConvergence implements ConvergencePort {
  zones: ZoneConvergence[] = [];
  newest = 0;
  readonly #listeners = new Set<() => void>();

  report(revision = this.newest): ConvergenceReport {
    const online = this.zones.filter((zone) => zone.status === "online");
    const converged = online.every((zone) => zone.convergedRevision >= revision && zone.rejections.length === 0);
    return { revision, converged, zones: this.zones };
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  set(...zones: ZoneConvergence[]): void {
    this.zones = zones;
    for (const listener of this.#listeners) listener();
  }
}

export function sampleZone(zone: string, overrides: Partial<ZoneConvergence> = {}): ZoneConvergence {
  return {
    zone,
    status: "online",
    lastHeard: "2026-01-02T00:00:00.000Z",
    revision: 1,
    convergedRevision: 1,
    behindRevisions: 0,
    behindMs: 0,
    proxies: { connected: 0, pending: 0, rejected: 0 },
    rejections: [],
    ...overrides,
  };
}

/** `user:NAME` is a good token of that user. */
class SampleTokens implements TokensPort {
  readonly issued: unknown[] = [];

  async issueDataplaneToken(request: DataplaneTokenRequest): Promise<string> {
    return this.#issue(request);
  }

  async issueZoneToken(request: { readonly zone: string }): Promise<string> {
    return this.#issue(request);
  }

  async issueUserToken(request: { readonly name: string }): Promise<string> {
    return this.#issue(request);
  }

  async verifyUserToken(token: string) {
    const name = /^user:(.+)$/.exec(token)?.[1];
    if (name === undefined) return { ok: false as const, reason: "unknown token" };
    return { ok: true as const, user: { name, groups: name === "root" ? ["mesh-system:admin"] : [] } };
  }

  #issue(request: unknown): string {
    this.issued.push(request);
    return "header.claims.signature";
  }
}

export interface TestApi {
  readonly app: FastifyInstance;
  readonly deps: ApiDeps;
  readonly store: Store;
  readonly convergence: SampleConvergence;
  readonly policies: SamplePolicies;
  readonly tokens: SampleTokens;
  /**
   * Sends a request as an administrator of this machine; `body` goes as JSON. @throws when the answer is not as the app's own
   * OpenAPI document says
   */
  call(method: string, url: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<TestAnswer>;
}

export interface TestAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests read answers of every shape.
  readonly json: any;
}

/** The whole API on a memory store, with the real kinds and the real admission, and the mesh `default`. */
export async function testApi(overrides: Partial<ApiDeps> = {}): Promise<TestApi> {
  const store = announceInsights((overrides.store as Store | undefined) ?? createMemoryStore({ clock }));
  const mode = overrides.mode ?? "global";
  const zone = mode === "global" ? {} : { zone: overrides.zone ?? "east" };
  const admission = createAdmission({ store, kinds, role: mode, env: "universal", clock, pki: samplePki, ...zone });
  const convergence = new SampleConvergence();
  const policies = new SamplePolicies();
  const tokens = new SampleTokens();
  if (mode !== "zone") await admission.ensureDefaults();
  const deps: ApiDeps = {
    kinds,
    admission,
    mode,
    ...zone,
    info: { product: "Meridian", version: "0.1.0", hostname: "host", instanceId: "host-0001", clusterId: "cluster" },
    convergence,
    policies,
    tokens,
    insights: new InsightBook({ store, kinds }),
    effectiveConfig: () => ({ store: "postgres://user:*****@db/meridian" }),
    authentication: { localhostIsAdmin: true },
    logger: silentLogger,
    metrics: new Registry(),
    ...overrides,
    store,
  };
  const app = await buildApi(deps);
  return { app, deps, store, convergence, policies, tokens, call: (...request) => callApi(app, ...request) };
}

export async function callApi(
  app: FastifyInstance,
  method: string,
  url: string,
  body?: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<TestAnswer> {
  const answer = await app.inject({
    method: method as NonNullable<InjectOptions["method"]>,
    url,
    // As a client on this machine sends it.
    headers: { host: "localhost:5681", ...(body !== undefined && { "content-type": "application/json" }), ...headers },
    ...(body !== undefined && { payload: typeof body === "string" ? body : JSON.stringify(body) }),
  });
  const contract = await contractFor(app);
  const mistake = contract({ method, url, status: answer.statusCode, headers: answer.headers, body: answer.body });
  if (mistake !== undefined) throw new Error(`${method} ${url} is not as /openapi.json says: ${mistake}`);
  const isJson = /json/.test(String(answer.headers["content-type"])) && !/ndjson/.test(String(answer.headers["content-type"]));
  return {
    status: answer.statusCode,
    headers: answer.headers,
    text: answer.body,
    json: isJson ? JSON.parse(answer.body) : undefined,
  };
}

/** By what the document of an app depends on in tests: which ports it has. */
const contracts = new Map<string, Promise<Contract>>();

/** Of what the app says of itself, as it serves it. */
function contractFor(app: FastifyInstance): Promise<Contract> {
  const optional = ["/plan", "/meshes/:mesh/_explain", "/zoneingresses/:name/xds"];
  const methods = ["GET", "POST"] as const;
  const key = optional.map((url) => methods.some((method) => app.hasRoute({ method, url }))).join();
  const contract = contracts.get(key) ?? app.inject("/openapi.json").then(({ body }) => contractOf(JSON.parse(body) as Json));
  contracts.set(key, contract);
  return contract;
}

/** Credentials of somebody elsewhere: this machine's user would be an administrator. */
export const elsewhere = { "x-forwarded-for": "192.0.2.7" } as const;

export function trafficRoute(name: string, weight = 90, mesh = "default") {
  return {
    type: "TrafficRoute",
    mesh,
    name,
    sources: [{ match: { "kuma.io/service": "*" } }],
    destinations: [{ match: { "kuma.io/service": "backend" } }],
    conf: {
      split: [
        { weight, destination: { "kuma.io/service": "backend", version: "v1" } },
        { weight: 100 - weight, destination: { "kuma.io/service": "backend", version: "v2" } },
      ],
    },
  };
}

export function dataplane(name: string, options: { readonly service?: string; readonly labels?: Record<string, string> } = {}) {
  return {
    type: "Dataplane",
    mesh: "default",
    name,
    ...(options.labels && { labels: options.labels }),
    networking: { address: "10.0.0.1", inbound: [{ port: 8080, tags: { "kuma.io/service": options.service ?? "web" } }] },
  };
}
