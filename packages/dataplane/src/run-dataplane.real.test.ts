import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { Agent, request } from "node:http";
import { createServer, type Server } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLogger, type Logger } from "@meridian/base";
import { generateServerCertificate } from "@meridian/pki";
import { type EchoUpstream, freePorts, startEcho, waitFor } from "@meridian/testkit";
import { build } from "esbuild";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { isProcessAlive } from "./file-lock.ts";
import type { RunDataplaneOptions } from "./options.ts";
import { recordOf, writeRecord } from "./process-record.ts";
import { runDataplane } from "./run-dataplane.ts";
import { envoyRecordPath, takeOver } from "./take-over.ts";

/** A control plane's side of the bootstrap, with a static Envoy config as answer. */
class FakeControlPlane {
  readonly requests: { readonly path: string; readonly body: Record<string, unknown> }[] = [];
  answer: { status: number; body: string } | undefined;
  #server: Server | undefined;

  async start(options: { cert: string; key: string; port: number; bootstrap: (workdir: string) => string }): Promise<void> {
    this.#server = createServer(options, (incoming, response) => {
      let text = "";
      incoming.setEncoding("utf8").on("data", (chunk: string) => {
        text += chunk;
      });
      incoming.on("end", () => {
        const body = JSON.parse(text) as Record<string, unknown>;
        this.requests.push({ path: incoming.url ?? "", body });
        const bootstrap = Buffer.from(options.bootstrap(String(body["workdir"]))).toString("base64");
        response.writeHead(this.answer?.status ?? 200, { "content-type": "application/json" });
        response.end(this.answer?.body ?? JSON.stringify({ bootstrap }));
      });
    });
    this.#server.listen(options.port, "127.0.0.1");
    await once(this.#server, "listening");
  }

  async stop(): Promise<void> {
    if (!this.#server?.listening) return;
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }
}

let folder = "";
let ports: { controlPlane: number; readiness: number; listener: number };
let certificate: { cert: string; key: string };
let upstream: EchoUpstream;
let controlPlane: FakeControlPlane;
let stop: AbortController;
let lines: Record<string, unknown>[] = [];
let running: Promise<void> | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "mdp-"));
  const [controlPlanePort = 0, readiness = 0, listener = 0] = await freePorts(3);
  ports = { controlPlane: controlPlanePort, readiness, listener };
  const { certPem, keyPem } = await generateServerCertificate({ hosts: ["127.0.0.1"], validForMs: 3_600_000, now: new Date() });
  certificate = { cert: certPem, key: keyPem };
  upstream = await startEcho({ name: "web" });
  controlPlane = new FakeControlPlane();
  stop = new AbortController();
  lines = [];
  running = undefined;
  await writeFile(join(folder, "ca.pem"), certPem);
  await writeFile(join(folder, "token"), " the-token\n");
  await writeFile(join(folder, "dp.yaml"), dataplane);
});
afterEach(async () => {
  stop.abort();
  await running?.catch(() => {});
  await controlPlane.stop();
  await upstream.stop();
  await rm(folder, { recursive: true });
});

const dataplane = `
type: Dataplane
mesh: default
name: web
networking:
  address: 127.0.0.1
  inbound: [{port: {{ port }}, tags: {kuma.io/service: web}}]
`;

function startControlPlane(): Promise<void> {
  return controlPlane.start({ ...certificate, port: ports.controlPlane, bootstrap: staticBootstrap });
}

/** A listener of HTTP that forwards to the upstream; what ADS would bring. */
function staticBootstrap(workdir: string): string {
  const manager = "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager";
  const address = (port: number): object => ({ socketAddress: { address: "127.0.0.1", portValue: port } });
  const endpoints = [{ lbEndpoints: [{ endpoint: { address: address(upstream.port) } }] }];
  const routes = [{ match: { prefix: "/" }, route: { cluster: "up" } }];
  const router = { "@type": "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router" };
  const typedConfig = {
    "@type": manager,
    statPrefix: "in",
    routeConfig: { virtualHosts: [{ name: "all", domains: ["*"], routes }] },
    httpFilters: [{ name: "envoy.filters.http.router", typedConfig: router }],
  };
  const filters = [{ name: "envoy.filters.network.http_connection_manager", typedConfig }];
  return JSON.stringify({
    node: { id: "default.web", cluster: "web" },
    admin: { address: { pipe: { path: `${workdir}/kuma-envoy-admin.sock`, mode: 0o600 } } },
    staticResources: {
      listeners: [{ name: "in", address: address(ports.listener), filterChains: [{ filters }] }],
      clusters: [{ name: "up", type: "STATIC", loadAssignment: { clusterName: "up", endpoints } }],
    },
  });
}

function optionsOf(logger: Logger): RunDataplaneOptions {
  return {
    controlPlaneUrl: `https://127.0.0.1:${ports.controlPlane}`,
    caCertFile: join(folder, "ca.pem"),
    proxyType: "dataplane",
    dataplaneFile: join(folder, "dp.yaml"),
    dataplaneVars: { port: String(ports.listener) },
    tokenFile: join(folder, "token"),
    workDirectory: join(folder, "w"),
    concurrency: 1,
    readiness: { host: "127.0.0.1", port: ports.readiness },
    drainTimeMs: 10_000,
    version: "0.1.0",
    logger,
  };
}

function start(options: Partial<RunDataplaneOptions> = {}): Promise<void> {
  const logger = createLogger({ name: "test", destination: { write: (line) => void lines.push(JSON.parse(line)) } });
  running = runDataplane({ ...optionsOf(logger), ...options }, stop.signal);
  running.catch(() => {});
  return running;
}

function get(port: number, path: string, agent?: Agent): Promise<{ status: number; body: string; connection: string }> {
  return new Promise((resolve, reject) => {
    const call = request({ host: "127.0.0.1", port, path, agent: agent ?? false }, (response) => {
      let body = "";
      response.setEncoding("utf8").on("data", (chunk: string) => {
        body += chunk;
      });
      const connection = response.headers.connection ?? "";
      response.on("end", () => resolve({ status: response.statusCode ?? 0, body: body.trim(), connection }));
    });
    call.on("error", reject).end();
  });
}

const live = (): Promise<unknown> =>
  waitFor("LIVE", async () => (await get(ports.readiness, "/ready")).body === "LIVE", { timeoutMs: 30_000 });

async function envoyPid(): Promise<number> {
  return waitFor("Envoy's process", async () => {
    const record = JSON.parse(await readFile(envoyRecordPath(join(folder, "w")), "utf8")) as { readonly pid: number };
    return record.pid;
  });
}

describe("runDataplane", () => {
  it("brings Envoy up with what the control plane says, and leaves nothing behind", async () => {
    await startControlPlane();
    const finished = start();
    await live();
    expect(JSON.parse((await get(ports.listener, "/")).body)).toMatchObject({ name: "web" });
    expect(controlPlane.requests[0]).toMatchObject({
      path: "/bootstrap",
      body: {
        mesh: "default",
        name: "web",
        proxyType: "dataplane",
        dataplaneToken: "the-token",
        version: { kumaDp: { version: "0.1.0" }, envoy: { version: "1.40.0" } },
        caCert: certificate.cert,
        readinessPort: ports.readiness,
        operatingSystem: "linux",
        workdir: join(folder, "w"),
        features: expect.arrayContaining(["feature-delta-grpc"]) as unknown,
      },
    });
    const pid = await envoyPid();
    stop.abort();
    await finished;
    expect(isProcessAlive(pid)).toBe(false);
    expect(controlPlane.requests.at(-1)).toMatchObject({
      path: "/goodbye",
      body: { mesh: "default", name: "web", proxyType: "dataplane" },
    });
    await expect(get(ports.readiness, "/ready")).rejects.toThrow("ECONNREFUSED");
    expect(JSON.stringify(lines)).not.toContain("the-token");
  });

  it("starts a crashed Envoy again", async () => {
    await startControlPlane();
    void start();
    await live();
    const pid = await envoyPid();
    process.kill(pid, "SIGKILL");
    await waitFor("another Envoy", async () => (await envoyPid()) !== pid);
    await live();
    expect((await get(ports.listener, "/")).status).toBe(200);
    expect(lines).toContainEqual(expect.objectContaining({ msg: "Envoy ended; starting it again", signal: "SIGKILL" }));
    expect(controlPlane.requests).toHaveLength(1);
  });

  it("lets connections finish: ready says TERMINATING, clients are asked to leave, then it stops", async () => {
    await startControlPlane();
    const finished = start();
    await live();
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    await get(ports.listener, "/", agent);
    stop.abort();
    await waitFor("TERMINATING", async () => (await get(ports.readiness, "/ready")).body === "TERMINATING");
    const last = await waitFor("a request to leave", async () => {
      const answer = await get(ports.listener, "/", agent);
      return answer.connection === "close" && answer;
    });
    expect(last.status).toBe(200);
    agent.destroy();
    await finished;
  });

  it("keeps trying while the control plane is away, and says why", async () => {
    void start();
    const reason = "nothing listens there";
    await waitFor("the reason in the log", () => lines.some((line) => line["reason"] === reason));
    expect(await get(ports.readiness, "/ready")).toMatchObject({ status: 503, body: "NOT_READY" });
    controlPlane.answer = { status: 404, body: "" };
    await startControlPlane();
    await waitFor("the second reason", () => lines.some((line) => line["reason"] === "it does not know this proxy yet"));
    controlPlane.answer = undefined;
    await live();
  });

  it("gives up with the control plane's own words on a final answer", async () => {
    controlPlane.answer = { status: 422, body: "the token is for another mesh\n" };
    await startControlPlane();
    await expect(start()).rejects.toThrow("the control plane refused this data plane (422): the token is for another mesh");
  });

  it("says how to trust a control plane whose certificate is unknown", async () => {
    await startControlPlane();
    const { caCertFile: _, ...withoutCa } = optionsOf(
      createLogger({ name: "test", destination: { write: (line) => void lines.push(JSON.parse(line)) } }),
    );
    running = runDataplane(withoutCa, stop.signal);
    await waitFor("the reason", () => lines.some((line) => String(line["reason"]).includes("--ca-cert-file")));
  });

  it("names a readiness port that is in use, and another run of the same data plane", async () => {
    await startControlPlane();
    await expect(start({ readiness: { host: "127.0.0.1", port: upstream.port } })).rejects.toThrow(
      "it is in use; choose another with --readiness-port",
    );
    const sleeper = spawn("sleep", ["1000"]);
    await writeRecord(join(folder, "w", "supervisor.pid"), sleeper.pid ?? 0);
    await expect(start()).rejects.toThrow(`runs already, as process ${sleeper.pid}`);
    sleeper.kill("SIGKILL");
  });
});

describe("a supervisor that is killed", () => {
  it("takes its Envoy with it, and its successor starts", async () => {
    await startControlPlane();
    const entry = join(folder, "entry.mjs");
    const options = JSON.stringify({ ...optionsOf(createLogger({ name: "test", level: "silent" })), logger: undefined });
    await build({
      stdin: {
        contents: `import { createLogger } from "@meridian/base"; import { runDataplane } from "./index.ts";
          await runDataplane({ ...${options}, logger: createLogger({ name: "child" }) }, new AbortController().signal);`,
        resolveDir: import.meta.dirname,
      },
      ...{ bundle: true, platform: "node", format: "esm", outfile: entry, logLevel: "error" },
      banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
    });
    const child = spawn(process.execPath, [entry], { stdio: "ignore" });
    await live();
    const pid = await envoyPid();
    child.kill("SIGKILL");
    await waitFor("Envoy to end", () => !isProcessAlive(pid));
    void start();
    await live();
  });

  it("and whose Envoy survived leaves it to its successor to end", async () => {
    const orphan = spawn("sleep", ["1000"]);
    const exited = once(orphan, "exit");
    await rm(join(folder, "w"), { recursive: true, force: true });
    await writeFile(join(folder, "envoy.pid"), JSON.stringify(await recordOf(orphan.pid ?? 0)));
    await takeOver(folder, createLogger({ name: "test", level: "silent" }));
    await exited;
  });
});
