import { startPostgres } from "@meridian/testkit";
import { Plane, type PlanePorts, workDirectory } from "./planes.ts";

export interface ControlPlanes {
  readonly global: Plane;
  readonly zones: readonly Plane[];
  /** Sends a document to the global's REST API. @throws with the answer's text unless it was accepted. */
  put(path: string, document: object): Promise<void>;
  post(path: string, body: object): Promise<string>;
  /** File of the CA that data planes of zone number `index` trust. */
  zoneCertificate(index: number): string;
  stop(): Promise<void>;
}

/** Ports of zone number `index`; the global's are zone -1's. */
export function portsOf(index: number): PlanePorts & { readonly dataPlane: number } {
  const base = 25_000 + (index + 1) * 10;
  return { api: base + 1, diagnostics: base, dataPlane: base + 8 };
}

const kdsPort = 25_005;

/** One global on a real Postgres and universal zones, each a process of its own, started as users start them. */
export async function startControlPlanes(zoneNames: readonly string[]): Promise<ControlPlanes> {
  const directory = workDirectory();
  const postgres = await startPostgres();
  const globalPorts = portsOf(-1);
  const global = new Plane(
    [
      "global",
      "run",
      "--store",
      postgres.url,
      "--api-listen",
      `127.0.0.1:${globalPorts.api}`,
      "--kds-listen",
      `127.0.0.1:${kdsPort}`,
    ].concat([
      "--diagnostics-listen",
      `127.0.0.1:${globalPorts.diagnostics}`,
      "--work-dir",
      directory.path,
      "--log-level",
      "warn",
    ]),
    globalPorts,
    `${directory.path}/global.log`,
  );
  await global.ready();
  const url = `http://127.0.0.1:${globalPorts.api}`;
  const zones: Plane[] = [];
  for (const [index, name] of zoneNames.entries()) {
    const ports = portsOf(index);
    const token = await send("POST", `${url}/tokens/zone`, { zone: name, scope: ["cp", "ingress", "egress"], validFor: "24h" });
    const tokenFile = directory.file(`${name}.token`, token);
    zones.push(
      new Plane(
        [
          "zone",
          "run",
          "--name",
          name,
          "--global",
          `ws://127.0.0.1:${kdsPort}`,
          "--token-file",
          tokenFile,
          "--store",
          `embedded:${directory.path}/${name}`,
        ]
          .concat([
            "--api-listen",
            `127.0.0.1:${ports.api}`,
            "--dp-listen",
            `127.0.0.1:${ports.dataPlane}`,
            "--log-level",
            "warn",
          ])
          .concat(["--diagnostics-listen", `127.0.0.1:${ports.diagnostics}`]),
        ports,
        `${directory.path}/${name}.log`,
      ),
    );
  }
  for (const zone of zones) await zone.ready();
  return {
    global,
    zones,
    put: async (path, document) => void (await send("PUT", `${url}${path}`, document)),
    post: (path, body) => send("POST", `${url}${path}`, body),
    zoneCertificate: (index) => `${directory.path}/${zoneNames[index]}/dp-server.crt`,
    stop: async () => {
      for (const plane of [...zones, global]) await plane.stop();
      await postgres.stop();
      directory.remove();
    },
  };
}

async function send(method: string, url: string, body: object): Promise<string> {
  const response = await fetch(url, { method, headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${url} answered ${response.status}: ${text.slice(0, 500)}`);
  return text;
}
