import { type ApiDeps, buildApi, buildDiagnostics, buildMonitoring, type MonitoringDeps } from "@meridian/api";
import type { HostPort, Logger, Registry } from "@meridian/base";
import { listenError } from "./listen.ts";
import type { Running } from "./run-command.ts";
import type { ServerCertificate } from "./tls.ts";

export interface ServeApiOptions {
  readonly deps: ApiDeps;
  readonly listenAt: HostPort;
  readonly tls?: { readonly listenAt: HostPort; readonly certificate: ServerCertificate };
}

/** The REST API on its HTTP port, and on its HTTPS port when there is one. */
export async function serveApi({ deps, listenAt, tls }: ServeApiOptions): Promise<Running> {
  const servers = [await listening(await buildApi(deps), listenAt, "the REST API")];
  if (tls) {
    const https = { cert: tls.certificate.certPem, key: tls.certificate.keyPem, minVersion: "TLSv1.2" as const };
    servers.push(await listening(await buildApi(deps, { https }), tls.listenAt, "the HTTPS API"));
  }
  return { stop: async () => void (await Promise.all(servers.map((server) => server.close()))) };
}

export interface DiagnosticsOptions {
  readonly listenAt: HostPort;
  readonly registry: Registry;
  /** Why this process is not ready; empty when it is. */
  readonly obstacles: () => readonly string[] | Promise<readonly string[]>;
  readonly logger: Logger;
}

export async function serveDiagnostics({ listenAt, registry, obstacles }: DiagnosticsOptions): Promise<Running> {
  const server = buildDiagnostics({
    registry,
    ready: async () => {
      const reasons = await obstacles();
      return { ok: reasons.length === 0, reasons };
    },
    healthy: () => true,
  });
  const listener = await listening(server, listenAt, "diagnostics");
  return { stop: async () => void (await listener.close()) };
}

/** Discovery for a Prometheus; nowhere unless it is asked for. */
export async function serveMonitoring(deps: MonitoringDeps, listenAt: HostPort | undefined): Promise<Running> {
  if (!listenAt) return { stop: async () => {} };
  const listener = await listening(buildMonitoring(deps), listenAt, "discovery for Prometheus");
  return { stop: async () => void (await listener.close()) };
}

type Listener = Awaited<ReturnType<typeof buildApi>> | ReturnType<typeof buildDiagnostics>;

async function listening<T extends Listener>(server: T, at: HostPort, what: string): Promise<T> {
  try {
    await server.listen({ host: at.host, port: at.port });
    return server;
  } catch (error) {
    throw listenError(error as NodeJS.ErrnoException, at, what);
  }
}
