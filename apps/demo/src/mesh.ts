import { mkdirSync, writeFileSync } from "node:fs";
import { get } from "node:http";
import { join } from "node:path";
import { type Client, createClient } from "@meridian/client";
import type { Processes } from "./processes.ts";
import {
  dataplaneYaml,
  globalPlane,
  ingressYaml,
  ports,
  type WorkloadPlan,
  workloads,
  type ZonePlan,
  zones,
} from "./topology.ts";

const executable = new URL("../../meridian/bin/meridian", import.meta.url).pathname;
const service = new URL("./service.js", import.meta.url).pathname;

/** Starts the demo's processes exactly as a user would: by the commands of the README, with files and tokens. */
export class DemoMesh {
  readonly #processes: Processes;
  readonly #directory: string;
  readonly client: Client = createClient({ address: `http://${globalPlane.host}:${globalPlane.api}` });

  constructor(processes: Processes, directory: string) {
    this.#processes = processes;
    this.#directory = directory;
    mkdirSync(directory, { recursive: true });
  }

  async startGlobal(): Promise<void> {
    this.#meridian("global", [
      "global",
      "run",
      "--store",
      `embedded:${join(this.#directory, "global")}`,
      "--kds-listen",
      `${globalPlane.host}:${globalPlane.kds}`,
    ]);
    await answers(`http://${globalPlane.host}:${globalPlane.diagnostics}/ready`);
  }

  async startZone(zone: ZonePlan): Promise<void> {
    const token = await this.client.token("zone", { zone: zone.name, scope: ["cp", "ingress", "egress"], validFor: "24h" });
    const tokenFile = this.#file(`${zone.name}.token`, token);
    this.#meridian(`zone ${zone.name}`, [
      ...[
        "zone",
        "run",
        "--name",
        zone.name,
        "--global",
        `ws://${globalPlane.host}:${globalPlane.kds}`,
        "--token-file",
        tokenFile,
      ],
      ...["--store", `embedded:${join(this.#directory, `zone-${zone.name}`)}`, "--api-listen", `${zone.host}:${ports.zoneApi}`],
      ...[
        "--dp-listen",
        `${zone.host}:${ports.dataPlaneServer}`,
        "--diagnostics-listen",
        `${zone.host}:${ports.zoneDiagnostics}`,
      ],
      ...["--dp-tls-hosts", zone.host],
    ]);
    await answers(`http://${zone.host}:${ports.zoneDiagnostics}/ready`);
  }

  startIngress(zone: ZonePlan): void {
    const file = this.#file(`ingress-${zone.name}.yaml`, ingressYaml(zone));
    this.#dataplane({
      name: `ingress ${zone.name}`,
      zone: zone.name,
      file,
      tokenFile: join(this.#directory, `${zone.name}.token`),
      host: zone.ingressHost,
      type: "ingress",
    });
  }

  async startWorkload(plan: WorkloadPlan): Promise<void> {
    const token = await this.client.token("dataplane", {
      mesh: "default",
      name: plan.name,
      tags: { "kuma.io/service": [plan.service] },
      type: "dataplane",
      validFor: "24h",
    });
    const settings = {
      name: plan.service,
      version: plan.version,
      zone: plan.zone,
      host: plan.host,
      port: ports.application,
      upstream: plan.outbound ? `http://${plan.host}:${plan.outbound.port}` : "",
    };
    this.#processes.start({ name: plan.name, args: [service], env: { DEMO_SERVICE: JSON.stringify(settings) } });
    this.#dataplane({
      name: `sidecar ${plan.name}`,
      zone: plan.zone,
      file: this.#file(`${plan.name}.yaml`, dataplaneYaml(plan)),
      tokenFile: this.#file(`${plan.name}.token`, token),
      host: plan.host,
      type: "dataplane",
    });
  }

  /** Every proxy that the demo started is connected to its zone. */
  async proxiesOnline(): Promise<void> {
    const wanted = new Map(
      zones.map((zone) => [zone.name, 1 + workloads.filter((workload) => workload.zone === zone.name).length]),
    );
    await until(async () => {
      const report = await this.client.convergence();
      return report.zones.every(
        (zone) =>
          zone.status === "online" && zone.proxies.connected >= (wanted.get(zone.zone) ?? 0) && zone.proxies.pending === 0,
      );
    });
  }

  /**
   * Every caller's sidecar has its way to the service, and took the whole step that brought it: a connection that the application keeps
   * from before would be closed under it. Asked on connections of their own.
   */
  async routesReady(): Promise<void> {
    for (const { host, outbound } of workloads) if (outbound) await answers(`http://${host}:${outbound.port}/`);
    await this.proxiesOnline();
  }

  #dataplane(plan: {
    name: string;
    zone: string;
    file: string;
    tokenFile: string;
    host: string;
    type: "dataplane" | "ingress";
  }): void {
    const zone = zones.find((candidate) => candidate.name === plan.zone);
    const certificate = join(this.#directory, `zone-${plan.zone}`, "dp-server.crt");
    this.#meridian(plan.name, [
      ...["dataplane", "run", "--cp", `https://${zone?.host}:${ports.dataPlaneServer}`, "--ca-cert-file", certificate],
      ...["--dataplane-file", plan.file, "--token-file", plan.tokenFile, "--proxy-type", plan.type],
      ...["--readiness-listen", `${plan.host}:${ports.readiness}`, "--concurrency", "1", "--drain-time", "0s"],
    ]);
  }

  #meridian(name: string, args: readonly string[]): void {
    this.#processes.start({ name, command: executable, args });
  }

  #file(name: string, content: string): string {
    const path = join(this.#directory, name);
    writeFileSync(path, content, { mode: 0o600 });
    return path;
  }
}

const patienceMs = 60_000;

/** Asks again every 50 ms until it is true; the demo waits for processes that start, not for the mesh's own work. */
export async function until(holds: () => Promise<boolean>): Promise<void> {
  const deadlineMs = Date.now() + patienceMs;
  while (!(await holds().catch(() => false))) {
    if (Date.now() > deadlineMs) throw new Error(`this did not become true within ${patienceMs / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function answers(url: string): Promise<void> {
  return until(
    () =>
      new Promise((resolve, reject) => {
        get(url, { agent: false }, (response) => {
          response.resume();
          resolve(response.statusCode === 200);
        }).on("error", reject);
      }),
  );
}
