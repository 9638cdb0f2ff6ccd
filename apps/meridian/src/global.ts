import { announceInsights, InsightBook } from "@meridian/api";
import { createRegistry, Lifecycle, maskSettings, type SettingValues, systemClock } from "@meridian/base";
import { createExplainer } from "@meridian/explain";
import { createHub } from "@meridian/kds";
import { checkResource } from "@meridian/model";
import { publicKeyPem } from "@meridian/pki";
import { withReadCache } from "@meridian/store";
import { clusterIdOf } from "./cluster-id.ts";
import { defaultOptions, openAdmission } from "./control-plane-store.ts";
import { processInfo } from "./identity.ts";
import { kinds } from "./kinds.ts";
import { allZones } from "./known-zones.ts";
import { closeServer, listen } from "./listen.ts";
import { globalServices } from "./mesh-services.ts";
import { embeddedDirectory, waitForStore } from "./open-store.ts";
import { globalPlanner } from "./planner.ts";
import { storeObstacles } from "./readiness.ts";
import { keepHistory } from "./retention.ts";
import type { Running, StartContext } from "./run-command.ts";
import { serveApi, serveDiagnostics } from "./serve-api.ts";
import { defaultDirectory, globalSettings } from "./settings.ts";
import { generatedNames, serverCertificate } from "./tls.ts";
import { createSniffingServer } from "./tls-sniffer.ts";
import { createTokens } from "./tokens.ts";

/** `meridian global run`: REST API and KDS hub on one store; any number of replicas. */
export async function startGlobal(
  values: SettingValues<typeof globalSettings>,
  { logger, fatal }: StartContext,
): Promise<Running> {
  const clock = systemClock;
  const directory = values.workDir ?? embeddedDirectory(values.store) ?? defaultDirectory("global");
  const cached = await withReadCache(await waitForStore({ url: values.store, embedded: "pglite", logger, clock }), {
    ...{ logger, clock },
    kinds: kinds.all.map((definition) => definition.kind),
  });
  const store = announceInsights(cached);
  const info = processInfo(await clusterIdOf(store));
  const metrics = createRegistry({ mode: "global" });
  const tokens = createTokens(store, clock);
  const hub = createHub({
    ...{ store, kinds, logger, clock, metrics },
    instanceId: info.instanceId,
    version: info.version,
    authenticate: tokens.checkZone,
    admit: (resource) => checkResource(resource, kinds),
    publicKeyOf: (secret) => Buffer.from(publicKeyPem(Buffer.from(secret, "base64").toString("utf8"))).toString("base64"),
    heartbeatIntervalMs: values.kdsHeartbeatInterval,
    heartbeatTimeoutMs: values.kdsHeartbeatTimeout,
  });
  const isZoneOnline = (zone: string): boolean => hub.zones().some((known) => known.zone === zone && known.status === "online");
  const createsRoutingPolicies = values.createMeshRoutingResources;
  const admission = openAdmission({ store, role: "global", clock, isZoneOnline, createsRoutingPolicies });
  await admission.ensureDefaults(defaultOptions(values));

  const lifecycle = new Lifecycle(logger, fatal);
  await lifecycle.start(hub, globalServices({ store, admission, clock, logger }));
  lifecycle.run("retention", (signal) => keepHistory(store, values.historyRevisions, { signal, logger }));
  const certificate =
    values.kdsTls === "off"
      ? undefined
      : await serverCertificate({
          certFile: values.kdsTlsCertFile,
          keyFile: values.kdsTlsKeyFile,
          directory,
          name: "kds-server",
          extraHosts: generatedNames(values.kdsListen, values.kdsTlsHosts),
        });
  const kdsServer = createSniffingServer({
    tls: values.kdsTls,
    certificate,
    onUpgrade: (request, socket, head) => hub.handleUpgrade(request, socket, head),
  });
  await listen(kdsServer, values.kdsListen, "the websocket for zones");
  const planner = globalPlanner(store);
  const api = await serveApi({
    deps: {
      ...{ store, kinds, info, tokens, logger, metrics, planner },
      admission,
      mode: "global",
      explainer: createExplainer({ store, ...allZones }),
      convergence: hub,
      policies: hub,
      insights: new InsightBook({ store, kinds, clock }),
      effectiveConfig: () => maskSettings(globalSettings, values),
      authentication: { localhostIsAdmin: values.apiLocalhostIsAdmin },
      proxyAdmin: { request: (zone, request) => hub.request(zone ?? "", request) },
    },
    listenAt: values.apiListen,
    ...(values.apiTlsListen && {
      tls: { listenAt: values.apiTlsListen, certificate: await apiCertificate(values, directory) },
    }),
  });
  const diagnostics = await serveDiagnostics({
    listenAt: values.diagnosticsListen,
    registry: metrics,
    logger,
    obstacles: () => storeObstacles(store),
  });
  logger.info({ instanceId: info.instanceId, api: values.apiListen, kds: values.kdsListen }, "global control plane is ready");
  return {
    stop: async () => {
      await api.stop();
      planner.stop();
      await lifecycle.stop();
      await closeServer(kdsServer);
      await diagnostics.stop();
      await store.close();
    },
  };
}

function apiCertificate(values: SettingValues<typeof globalSettings>, directory: string): ReturnType<typeof serverCertificate> {
  return serverCertificate({ certFile: values.apiTlsCertFile, keyFile: values.apiTlsKeyFile, directory, name: "api-server" });
}
