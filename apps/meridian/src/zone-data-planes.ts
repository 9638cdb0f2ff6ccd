import { Server as GrpcServer } from "@grpc/grpc-js";
import type { Clock, HostPort, Logger, Registry } from "@meridian/base";
import { createConfigEngine, type MeshView } from "@meridian/generator";
import type { KindRegistry } from "@meridian/model";
import type { Store } from "@meridian/store";
import { createAdsService, dataPlaneGrpcOptions, serveDataPlane } from "@meridian/xds";
import {
  createBootstrapHandler,
  createGoodbyeHandler,
  createZoneMetrics,
  EgressHandovers,
  ExternalSecrets,
  IdentityIssuer,
  IdentityKeeper,
  IngressAvailability,
  InsightWriter,
  isElsewhere,
  Leftovers,
  lookupAll,
  PolicyStatusTracker,
  ProgressTracker,
  ProxyAdmission,
  ProxyAuthenticator,
  Registration,
  Replicas,
  ResourceReader,
  type ResourceWriter,
  TrustBundles,
  ViewFeed,
  ZoneProxies,
} from "@meridian/zone";
import { createBusyMeter } from "./busy-meter.ts";
import { configKinds } from "./kinds.ts";
import { listenError } from "./listen.ts";
import type { Running } from "./run-command.ts";
import type { ServerCertificate } from "./tls.ts";

export interface ZoneDataPlanesOptions {
  readonly zone: string;
  readonly store: Store;
  readonly kinds: KindRegistry;
  readonly writer: ResourceWriter;
  readonly instanceId: string;
  readonly version: string;
  readonly logger: Logger;
  readonly metrics: Registry;
  readonly clock: Clock;
  readonly listenAt: HostPort;
  readonly certificate: ServerCertificate;
  readonly auth: "token" | "none";
  readonly graceMs: number;
  /** How long after a start proxies may take to come back before their resources go. */
  readonly registrationTimeoutMs?: number;
  readonly insightIntervalMs: number;
  /** Of this process: certificates and keys of MeshIdentities may be in it. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The zone has a global, in whose revisions progress is counted. */
  readonly federated: boolean;
}

export interface ZoneDataPlanes extends Running {
  readonly progress: ProgressTracker;
  readonly proxies: ZoneProxies;
  readonly policies: PolicyStatusTracker;
  /** What configs are made from at this moment. */
  readonly view: () => MeshView;
}

const defaultRegistrationTimeoutMs = 60_000;
/** How long a changed DNS record of a proxy may go unseen. */
const lookupIntervalMs = 5_000;

/** The zone's side that proxies see: from the store through the engine to the streams. */
export async function startZoneDataPlanes(options: ZoneDataPlanesOptions): Promise<ZoneDataPlanes> {
  const { zone, store, kinds, writer, logger, clock, instanceId } = options;
  const isConnected = (id: string): boolean => proxies.get(id) !== undefined;
  const monotonicMs = (): number => performance.now();
  const { registrationTimeoutMs = defaultRegistrationTimeoutMs } = options;
  const engine = createConfigEngine({ zone });
  const progress = new ProgressTracker(options.federated);
  const metrics = createZoneMetrics(options.metrics);
  const authenticator = new ProxyAuthenticator({ store, clock, zone, mode: options.auth });
  const insights = new InsightWriter({
    ...{ store, clock, instanceId },
    flushIntervalMs: options.insightIntervalMs,
    onError: (error) => logger.warn({ err: error }, "insights could not be written; trying again"),
  });
  const reader = new ResourceReader(kinds);
  const replicas = new Replicas(store.bus, instanceId);
  const registration = new Registration({
    ...{ store, writer, logger, isConnected },
    graceMs: options.graceMs,
    isElsewhere: isElsewhere({ store, replicas, instanceId }),
  });
  const leftovers = new Leftovers({
    ...{ store, registration, replicas, instanceId, isConnected, clock, logger },
    timeoutMs: registrationTimeoutMs,
  });
  const externalSecrets = new ExternalSecrets(store, logger);
  const environment = (name: string): string | undefined => options.environment[name];
  const issuer = new IdentityIssuer({ store, clock, environment, random: Math.random });
  const policies = new PolicyStatusTracker({ reach: engine.policies, progress, secrets: externalSecrets.problems });
  const proxies: ZoneProxies = new ZoneProxies({
    policies,
    ...{ engine, authenticator, registration, progress, insights, metrics, logger, clock, monotonicMs },
    admission: new ProxyAdmission({ store, authenticator, reader, registration }),
    feed: () => feed,
    issuer,
    externalSecrets,
    trustBundles: new TrustBundles({ store, issuer, logger }),
  });
  const availability = new IngressAvailability({
    ...{ store, writer, engine, logger },
    isLeaving: (id) => registration.isLeaving(id),
  });
  const identities = new IdentityKeeper({
    ...{ store, writer, progress, zone, logger, environment, isConnected },
    registrationTimeoutMs,
    now: () => new Date(clock.now()),
  });
  const startedMs = monotonicMs();
  const handovers = new EgressHandovers({
    ...{ progress, isConnected, logger },
    isReturning: () => monotonicMs() - startedMs < registrationTimeoutMs,
  });
  const feed: ViewFeed = new ViewFeed({
    ...{ store, engine, logger, monotonicMs, handovers },
    kinds: configKinds,
    busyShare: createBusyMeter(),
    lookup: lookupAll,
    lookupIntervalMs,
    onStep: (step) => {
      proxies.step(step);
      identities.stepped(step);
      availability.refresh(
        step.changes.some((change) => (change.op === "put" ? change.resource : change.key).kind === "ZoneIngress"),
      );
    },
  });
  await feed.start();

  const ads = createAdsService(proxies, { controlPlaneId: instanceId, logger });
  const grpcServer = new GrpcServer(dataPlaneGrpcOptions);
  ads.addTo(grpcServer);
  const server = await serveDataPlane({
    tls: { cert: options.certificate.certPem, key: options.certificate.keyPem },
    host: options.listenAt.host,
    port: options.listenAt.port,
    grpcServer,
    bootstrap: createBootstrapHandler({
      ...{ store, reader, authenticator },
      version: options.version,
      serverCertPem: options.certificate.certPem,
      defaultPort: options.listenAt.port,
    }),
    goodbye: createGoodbyeHandler({ store, authenticator, registration }),
    logger,
  }).catch(async (error: NodeJS.ErrnoException) => {
    await feed.stop();
    throw listenError(error, options.listenAt, "the data plane server");
  });

  leftovers.start();
  // Nobody comes back any more: what waited only for that goes on.
  const returned = setTimeout(() => feed.answered(), registrationTimeoutMs).unref();

  return {
    progress,
    proxies,
    policies,
    view: () => engine.view,
    stop: async () => {
      // First of all, so that the streams that end now are not taken for proxies that left.
      registration.stop();
      clearTimeout(returned);
      ads.stop();
      await server.stop();
      await leftovers.stop();
      replicas.stop();
      await feed.stop();
      await availability.stop();
      await identities.stop();
      await insights.stop();
    },
  };
}
