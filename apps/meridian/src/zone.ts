import { announceInsights, InsightBook } from "@meridian/api";
import { createRegistry, Lifecycle, maskSettings, systemClock } from "@meridian/base";
import { createExplainer } from "@meridian/explain";
import { type ConvergenceSource, observeInsights } from "@meridian/kds";
import { clusterIdOf } from "./cluster-id.ts";
import { defaultOptions, openAdmission, ownWriter } from "./control-plane-store.ts";
import { processInfo } from "./identity.ts";
import { kinds } from "./kinds.ts";
import { ownZone } from "./known-zones.ts";
import { zoneServices } from "./mesh-services.ts";
import { addressesOf } from "./name-settings.ts";
import { waitForStore } from "./open-store.ts";
import { zonePlanner } from "./planner.ts";
import { proxyAdmin } from "./proxy-admin.ts";
import { storeObstacles } from "./readiness.ts";
import type { Running, StartContext } from "./run-command.ts";
import { serveApi, serveDiagnostics, serveMonitoring } from "./serve-api.ts";
import { defaultDirectory, zoneSettings } from "./settings.ts";
import { generatedNames, serverCertificate } from "./tls.ts";
import { createTokens } from "./tokens.ts";
import { ownConvergence } from "./zone-convergence.ts";
import { startZoneDataPlanes } from "./zone-data-planes.ts";
import { startLink } from "./zone-link.ts";
import { ownPolicyStatus } from "./zone-policies.ts";
import { type ZoneSettings, zoneName } from "./zone-token.ts";

/** `meridian zone run`: drives the proxies of one place, with a global or on its own. */
export async function startZone(values: ZoneSettings, { logger, fatal }: StartContext): Promise<Running> {
  const clock = systemClock;
  const addresses = addressesOf(values);
  const zone = await zoneName(values);
  const federated = values.global !== undefined;
  const storeUrl = values.store ?? `embedded:${defaultDirectory(`zone-${zone}`)}`;
  const directory =
    values.workDir ?? (storeUrl.startsWith("embedded:") ? storeUrl.slice("embedded:".length) : defaultDirectory(`zone-${zone}`));
  const opened = await waitForStore({ url: storeUrl, embedded: "lmdb", logger, clock });
  const { store, insights } = observeInsights(announceInsights(opened), kinds);
  const info = processInfo(await clusterIdOf(store));
  const metrics = createRegistry({ mode: "zone", zone });
  const createsRoutingPolicies = values.createMeshRoutingResources;
  const admission = openAdmission({ store, role: federated ? "zone" : "standalone", zone, clock, createsRoutingPolicies });
  await admission.ensureDefaults(defaultOptions(values));

  const dataPlanes = await startZoneDataPlanes({
    ...{ zone, store, kinds, logger, metrics, clock, federated },
    writer: ownWriter(admission),
    instanceId: info.instanceId,
    version: info.version,
    listenAt: values.dpListen,
    certificate: await dataPlaneCertificate(values, directory),
    auth: values.dpAuth,
    graceMs: values.dpDeregistrationDelay,
    registrationTimeoutMs: values.dpRegistrationTimeout,
    insightIntervalMs: values.insightInterval,
    environment: process.env,
  });
  const lifecycle = new Lifecycle(logger, fatal);
  await lifecycle.start(
    zoneServices({
      ...{ store, insights, admission, zone, clock, logger, graceMs: values.meshServiceDeletionGracePeriod },
      ...addresses,
    }),
  );
  const admin = proxyAdmin(dataPlanes.proxies);
  const link = federated
    ? await startLink({
        ...{ zone, store, insights, clock, logger, metrics, lifecycle, values, info },
        progress: dataPlanes.progress,
        policies: dataPlanes.policies,
        onRequest: (request) => admin.request(zone, request),
      })
    : undefined;
  const convergence: ConvergenceSource = ownConvergence(zone, dataPlanes.progress, clock);
  const planner = zonePlanner(store, zone);
  const api = await serveApi({
    deps: {
      policies: ownPolicyStatus(zone, dataPlanes, clock),
      ...{ store, kinds, info, logger, metrics, convergence, zone, planner },
      explainer: createExplainer({ store, ...ownZone(zone) }),
      insights: new InsightBook({ store, kinds, clock }),
      tokens: createTokens(store, clock),
      admission,
      mode: federated ? "zone" : "standalone",
      effectiveConfig: () => maskSettings(zoneSettings, values),
      authentication: { localhostIsAdmin: values.apiLocalhostIsAdmin },
      proxyAdmin: admin,
      view: dataPlanes.view,
      ...(link && { linkState: () => link.state.value }),
    },
    listenAt: values.apiListen,
    ...(values.apiTlsListen && {
      tls: {
        listenAt: values.apiTlsListen,
        certificate: await serverCertificate({
          certFile: values.apiTlsCertFile,
          keyFile: values.apiTlsKeyFile,
          directory,
          name: "api-server",
        }),
      },
    }),
  });
  const diagnostics = await serveDiagnostics({
    listenAt: values.diagnosticsListen,
    registry: metrics,
    logger,
    // A zone that once had its global's state serves without it; one that never had cannot.
    obstacles: async () => [...(await storeObstacles(store)), ...(link?.obstacles() ?? [])],
  });
  const monitoring = await serveMonitoring({ store, zone }, values.madsListen);
  logger.info({ zone, instanceId: info.instanceId, dataPlanes: values.dpListen, federated }, "zone control plane is ready");
  return {
    stop: async () => {
      await api.stop();
      planner.stop();
      await dataPlanes.stop();
      await lifecycle.stop();
      await diagnostics.stop();
      await monitoring.stop();
      await store.close();
    },
  };
}

function dataPlaneCertificate(values: ZoneSettings, directory: string): ReturnType<typeof serverCertificate> {
  return serverCertificate({
    certFile: values.dpTlsCertFile,
    keyFile: values.dpTlsKeyFile,
    directory,
    name: "dp-server",
    extraHosts: generatedNames(values.dpListen, values.dpTlsHosts),
  });
}
