import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type AdminAddress, adminAddressOf } from "./admin.ts";
import { type BootstrapFacts, bootstrapRequestBody, goodbyeBody } from "./bootstrap-request.ts";
import { Companions } from "./companions.ts";
import { ControlPlaneClient } from "./control-plane-client.ts";
import { startHostDns } from "./dns/host-dns.ts";
import { drainEnvoy } from "./drain.ts";
import { readEnvoyVersion } from "./envoy-process.ts";
import { BootstrapRefusedError } from "./errors.ts";
import { findEnvoy } from "./find-envoy.ts";
import { readHostFacts } from "./host-facts.ts";
import { defaultDrainTimeMs, defaultReadiness, type RunDataplaneOptions } from "./options.ts";
import { ReadinessServer } from "./readiness.ts";
import { readInput, readProxyResource } from "./resource-file.ts";
import { EnvoySupervisor } from "./supervisor.ts";
import { envoyRecordPath, release, takeOver } from "./take-over.ts";
import { TokenSecret } from "./token-secret.ts";
import { defaultWorkDirectory, prepareWorkDirectory } from "./work-directory.ts";

/**
 * Runs one proxy beside a workload, or as zone ingress or egress, until `signal` aborts; then drains and stops it. Nothing is left
 * behind but the files of a work directory that the user chose.
 * @throws DataplaneInputError, EnvoyNotFoundError, BootstrapRefusedError: what the user has to change, before Envoy was started.
 */
export async function runDataplane(options: RunDataplaneOptions, signal: AbortSignal): Promise<void> {
  const inputs = await readInputs(options);
  const readiness = new ReadinessServer(options.readiness ?? defaultReadiness);
  await takeOver(inputs.workDirectory, options.logger);
  const companions = new Companions({ ...inputs.proxy, ...options, workDirectory: inputs.workDirectory });
  const dns = await startHostDns(options, inputs.proxy);
  try {
    await readiness.start();
    await inputs.token.start();
    const facts = { ...inputs, dnsPort: dns.envoyPort, companionFeatures: await companions.start() };
    await runProxy(options, { facts, readiness, companions, signal });
  } finally {
    await readiness.stop();
    await companions.stop();
    await dns.stop();
    await inputs.token.stop();
    await release(inputs.workDirectory);
    // The bootstrap in it holds the token; a directory that the user chose is the user's.
    if (options.workDirectory === undefined) await rm(inputs.workDirectory, { recursive: true, force: true });
  }
}

interface Inputs extends BootstrapFacts {
  readonly token: TokenSecret;
  readonly envoyPath: string;
}

/** Everything that can be wrong with files, flags and the host shows here. */
async function readInputs(options: RunDataplaneOptions): Promise<Omit<Inputs, "companionFeatures" | "dnsPort">> {
  const proxy = await readProxyResource(options);
  const caPem = options.caCertFile === undefined ? "" : await readInput(options.caCertFile, "--ca-cert-file");
  const { controlPlaneUrl, metricsTls, tokenFile, logger } = options;
  if (metricsTls) {
    await readInput(metricsTls.certFile, "--metrics-cert-file");
    await readInput(metricsTls.keyFile, "--metrics-key-file");
  }
  const workDirectory = options.workDirectory ?? defaultWorkDirectory({ controlPlaneUrl, ...proxy });
  const token = new TokenSecret({ workDirectory, logger, ...(tokenFile !== undefined && { tokenFile }) });
  await token.read();
  await prepareWorkDirectory(workDirectory);
  const envoyPath = await findEnvoy({
    ...(options.envoyPath !== undefined && { envoyPath: options.envoyPath }),
    ...(options.cacheDirectory !== undefined && { cacheDirectory: options.cacheDirectory }),
    ...(options.environment && { environment: options.environment }),
    onFetch: () => options.logger.info("there is no Envoy on this host; fetching it once"),
  });
  const [host, envoyVersion] = await Promise.all([readHostFacts(), readEnvoyVersion(envoyPath)]);
  const readinessPort = (options.readiness ?? defaultReadiness).port;
  return { proxy, host, token, caPem, workDirectory, readinessPort, envoyVersion, envoyPath };
}

interface Run {
  readonly facts: Inputs;
  readonly readiness: ReadinessServer;
  readonly companions: Companions;
  readonly signal: AbortSignal;
}

async function runProxy(options: RunDataplaneOptions, { facts, readiness, companions, signal }: Run): Promise<void> {
  const { logger } = options;
  const url = options.controlPlaneUrl;
  const controlPlane = new ControlPlaneClient({ url, logger, ...(facts.caPem !== "" && { caPem: facts.caPem }) });
  const bootstrap = await controlPlane.bootstrap(() => bootstrapRequestBody(options, facts), signal);
  if (bootstrap === undefined) return;
  const admin = adminAddressOf(bootstrap);
  if (!admin) throw new BootstrapRefusedError(200, "its bootstrap has no admin address");
  const configPath = join(facts.workDirectory, "bootstrap.yaml");
  await writeFile(configPath, bootstrap, { mode: 0o600 });

  const supervisor = superviseEnvoy(options, facts, configPath);
  readiness.follow(admin);
  companions.follow(admin);
  logger.info({ mesh: facts.proxy.mesh, proxy: facts.proxy.name, controlPlane: url }, "data plane is up");
  await aborted(signal);

  readiness.terminate();
  logger.info("data plane is stopping; connections may finish");
  await controlPlane.goodbye(goodbyeBody(options, facts));
  await drain(options, admin);
  await supervisor.stop();
}

function superviseEnvoy(options: RunDataplaneOptions, facts: Inputs, configPath: string): EnvoySupervisor {
  const { logger } = options;
  const supervisor = new EnvoySupervisor({
    envoy: {
      envoyPath: facts.envoyPath,
      configPath,
      logLevel: options.envoyLogLevel ?? "warning",
      ...(options.concurrency !== undefined && { concurrency: options.concurrency }),
      drainTimeMs: options.drainTimeMs ?? defaultDrainTimeMs,
      logger,
    },
    recordPath: envoyRecordPath(facts.workDirectory),
    logger,
  });
  supervisor.start();
  return supervisor;
}

function drain({ drainTimeMs = defaultDrainTimeMs, cutDrain, logger }: RunDataplaneOptions, admin: AdminAddress): Promise<void> {
  return drainEnvoy({ admin, drainTimeMs, cut: cutDrain ?? new AbortController().signal, logger });
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
