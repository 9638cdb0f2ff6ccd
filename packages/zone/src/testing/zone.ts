import { type Admission, createAdmission } from "@meridian/admission";
import { type Clock, createRegistry, type Logger, silentLogger, systemClock } from "@meridian/base";
import { createConfigEngine } from "@meridian/generator";
import { coreKinds, createKindRegistry, toResourceInput } from "@meridian/model";
import { policyKinds, referencedKinds } from "@meridian/policies";
import { createMemoryStore, type Store } from "@meridian/store";
import type { StreamHello } from "@meridian/xds";
import { ExternalSecrets } from "../identity/external-secrets.ts";
import { IdentityIssuer } from "../identity/identity-issuer.ts";
import { ProxyAuthenticator } from "../identity/proxy-authenticator.ts";
import { TrustBundles } from "../identity/trust-bundles.ts";
import { InsightWriter } from "../insights/insight-writer.ts";
import { IdentityKeeper } from "../mesh-identities/identity-keeper.ts";
import { createZoneMetrics } from "../metrics.ts";
import { PolicyStatusTracker } from "../proxies/policy-status.ts";
import { ProgressTracker } from "../proxies/progress.ts";
import { ProxyAdmission } from "../proxies/proxy-admission.ts";
import { ZoneProxies } from "../proxies/zone-proxies.ts";
import { isElsewhere } from "../registration/elsewhere.ts";
import { IngressAvailability } from "../registration/ingress-availability.ts";
import { Leftovers } from "../registration/leftovers.ts";
import { Registration } from "../registration/registration.ts";
import { Replicas } from "../registration/replicas.ts";
import { ResourceReader } from "../registration/resource-reader.ts";
import type { ResourceWriter } from "../registration/resource-writer.ts";
import { EgressHandovers } from "../view/egress-handovers.ts";
import { ViewFeed } from "../view/view-feed.ts";
import { realPki } from "./real-pki.ts";
import { TestProxy } from "./test-proxy.ts";

const kinds = createKindRegistry([...coreKinds, ...policyKinds]);
const configKinds = [
  ...new Set([
    "Mesh",
    "Dataplane",
    "ZoneIngress",
    "ZoneEgress",
    "Config",
    "Secret",
    "GlobalSecret",
    "MeshIdentity",
    "MeshTrust",
    ...policyKinds.map(({ kind }) => kind),
    ...referencedKinds,
  ]),
];

export interface TestZoneOptions {
  readonly auth?: "token" | "none";
  readonly graceMs?: number;
  readonly registrationTimeoutMs?: number;
  readonly clock?: Clock;
  /** The store of an earlier run, or one that fails when it is told to. */
  readonly store?: Store;
  readonly instanceId?: string;
  readonly logger?: Logger;
  readonly lookup?: (host: string) => Promise<readonly string[]>;
  readonly lookupIntervalMs?: number;
  readonly insightIntervalMs?: number;
  readonly environment?: Readonly<Record<string, string>>;
}

/** A whole zone control plane in process, but for its sockets. */
export class TestZone {
  readonly store: Store;
  readonly admission: Admission;
  readonly writer: ResourceWriter;
  readonly reader = new ResourceReader(kinds);
  readonly proxies: ZoneProxies;
  readonly feed: ViewFeed;
  readonly insights: InsightWriter;
  readonly registration: Registration;
  readonly leftovers: Leftovers;
  readonly availability: IngressAvailability;
  readonly identities: IdentityKeeper;
  readonly progress = new ProgressTracker(false);
  readonly policies: PolicyStatusTracker;
  readonly authenticator: ProxyAuthenticator;
  readonly metrics = createRegistry({});
  readonly #replicas: Replicas;

  constructor(options: TestZoneOptions = {}) {
    const { clock = systemClock, logger = silentLogger, instanceId = "cp-1" } = options;
    const store = options.store ?? createMemoryStore({ clock });
    const { reader, progress } = this;
    const isConnected = (id: string): boolean => this.proxies.get(id) !== undefined;
    const monotonicMs = (): number => performance.now();
    this.store = store;
    this.admission = createAdmission({ store, kinds, role: "standalone", zone: "east", env: "universal", clock, pki: realPki() });
    this.writer = admittedWriter(this.admission);
    const engine = createConfigEngine({ zone: "east" });
    const insights = new InsightWriter({
      ...{ store, clock, instanceId },
      flushIntervalMs: options.insightIntervalMs ?? 10,
      onError: () => {},
    });
    this.insights = insights;
    const replicas = new Replicas(store.bus, instanceId, 20);
    this.#replicas = replicas;
    const authenticator = new ProxyAuthenticator({ store, clock, zone: "east", mode: options.auth ?? "none" });
    this.authenticator = authenticator;
    const registration = new Registration({
      ...{ store, logger, isConnected, writer: this.writer },
      graceMs: options.graceMs ?? 20,
      isElsewhere: isElsewhere({ store, replicas, instanceId }),
    });
    this.registration = registration;
    this.leftovers = new Leftovers({
      ...{ store, registration, replicas, instanceId, isConnected, clock, logger },
      timeoutMs: options.registrationTimeoutMs ?? 60_000,
    });
    const externalSecrets = new ExternalSecrets(store, logger);
    const environment = (name: string): string | undefined => options.environment?.[name];
    const issuer = new IdentityIssuer({ store, clock, environment, random: () => 0 });
    this.policies = new PolicyStatusTracker({ reach: engine.policies, progress, secrets: externalSecrets.problems });
    this.proxies = new ZoneProxies({
      policies: this.policies,
      ...{ engine, authenticator, registration, progress, insights, logger, clock, monotonicMs },
      metrics: createZoneMetrics(this.metrics),
      admission: new ProxyAdmission({ store, authenticator, reader, registration }),
      feed: () => this.feed,
      issuer,
      externalSecrets,
      trustBundles: new TrustBundles({ store, issuer, logger }),
    });
    this.availability = new IngressAvailability({
      ...{ store, engine, logger, writer: this.writer },
      isLeaving: (id) => registration.isLeaving(id),
    });
    this.identities = new IdentityKeeper({
      ...{ store, progress, logger, environment, isConnected, writer: this.writer, zone: "east" },
      registrationTimeoutMs: options.registrationTimeoutMs ?? 60_000,
      now: () => new Date(clock.now()),
    });
    const startedMs = monotonicMs();
    const handovers = new EgressHandovers({
      ...{ progress, isConnected, logger },
      isReturning: () => monotonicMs() - startedMs < (options.registrationTimeoutMs ?? 60_000),
    });
    this.feed = new ViewFeed({
      ...{ store, engine, logger, kinds: configKinds, monotonicMs, handovers },
      busyShare: () => 0,
      lookup: options.lookup ?? (() => Promise.reject(new Error("no DNS here"))),
      lookupIntervalMs: options.lookupIntervalMs ?? 60_000,
      onStep: (step) => {
        this.proxies.step(step);
        this.identities.stepped(step);
        this.availability.refresh(
          step.changes.some((change) => (change.op === "put" ? change.resource : change.key).kind === "ZoneIngress"),
        );
      },
    });
  }

  async start(...documents: readonly object[]): Promise<this> {
    await this.admission.ensureDefaults();
    if (documents.length > 0) await this.put(...documents);
    await this.feed.start();
    this.leftovers.start();
    return this;
  }

  async put(...documents: readonly object[]): Promise<number> {
    const requests = documents.map((document) => {
      const parsed = toResourceInput(document, kinds);
      if (!("ok" in parsed)) throw new Error(JSON.stringify(parsed.violations));
      return { op: "put", resource: parsed.ok } as const;
    });
    const { revision } = await this.admission.admit(requests, { author: "user" });
    return revision;
  }

  async remove(kind: string, mesh: string, name: string): Promise<number> {
    const { revision } = await this.admission.admit([{ op: "delete", key: { kind, mesh, name } }], { author: "user" });
    return revision;
  }

  /** Connects, and takes its first config: from then on others are sent to it. */
  async serve(hello: StreamHello): Promise<TestProxy> {
    const proxy = await this.connect(hello);
    proxy.acknowledge();
    return proxy;
  }

  connect(hello: StreamHello, proxy = new TestProxy()): Promise<TestProxy> {
    return proxy.connect(this.proxies, hello);
  }

  async stop(): Promise<void> {
    await this.kill();
    await this.insights.stop();
  }

  /** Ends without a last word, as near to kill -9 as a process can come to another part of itself. */
  async kill(): Promise<void> {
    this.registration.stop();
    await this.leftovers.stop();
    this.#replicas.stop();
    await this.feed.stop();
    await this.availability.stop();
    await this.identities.stop();
  }
}

function admittedWriter(admission: Admission): ResourceWriter {
  const source = { source: "control-plane" } as const;
  return {
    put: (resource, author, { expect } = {}) =>
      admission.admit([{ op: "put", resource, ...(expect !== undefined && { expect }) }], author, source),
    create: async (resources, author) => {
      await admission.admit(
        resources.map((resource) => ({ op: "put", resource, expect: "absent" })),
        author,
        source,
      );
    },
    remove: async (key, author) => {
      await admission.admit([{ op: "delete", key, ifExists: true }], author, source);
    },
  };
}

/** The first request of a sidecar that brings its resource along. */
export function helloOf(
  document: object,
  options: { readonly tokens?: readonly string[]; readonly metadata?: object } = {},
): StreamHello {
  const { type, mesh = "", name } = document as { readonly type: string; readonly mesh?: string; readonly name: string };
  const proxyType = { Dataplane: "dataplane", ZoneIngress: "ingress", ZoneEgress: "egress" }[type] ?? type;
  return {
    mode: "delta",
    nodeId: `${mesh}.${name}`,
    nodeCluster: name,
    metadata: { "dataplane.proxyType": proxyType, "dataplane.resource": JSON.stringify(document), ...options.metadata },
    userAgent: { name: "envoy", version: "1.40.0" },
    authorization: options.tokens ?? [],
    peer: "10.0.0.1:5000",
  };
}
