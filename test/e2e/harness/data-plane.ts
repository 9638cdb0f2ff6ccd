import { readFileSync } from "node:fs";
import { join } from "node:path";
import { waitFor } from "@meridian/testkit";
import { stringify } from "yaml";
import { type HttpAnswer, http } from "./http.ts";
import type { ManagedProcess } from "./managed-process.ts";
import type { Launcher, World } from "./world.ts";

/** What `meridian dataplane run` needs. */
export interface DataPlanePlan {
  readonly name: string;
  readonly type: "dataplane" | "ingress" | "egress";
  readonly resource: object;
  readonly controlPlane: string;
  readonly caCertFile: string;
  readonly token: string;
  /** How long connections may finish after SIGTERM; not at all when absent. */
  readonly drainTime?: string;
  /** Further flags. */
  readonly args?: readonly string[];
  readonly launcher?: Launcher;
}

/** A sidecar or zone proxy: the supervisor and its Envoy. */
export class DataPlane {
  readonly process: ManagedProcess;
  readonly #workDirectory: string;

  constructor(world: World, plan: DataPlanePlan) {
    this.#workDirectory = join(world.directory, plan.name);
    const resourceFile = world.file(`${plan.name}.yaml`, stringify(plan.resource));
    const tokenFile = world.file(`${plan.name}.token`, plan.token);
    const args = [
      ...["dataplane", "run", "--cp", plan.controlPlane, "--ca-cert-file", plan.caCertFile],
      ...["--dataplane-file", resourceFile, "--token-file", tokenFile, "--proxy-type", plan.type],
      ...[
        "--work-dir",
        this.#workDirectory,
        "--readiness-port",
        "0",
        "--concurrency",
        "1",
        "--drain-time",
        plan.drainTime ?? "0s",
      ],
      ...(plan.args ?? []),
    ];
    this.process = world.process(plan.name, args, plan.launcher && { launcher: plan.launcher });
  }

  get name(): string {
    return this.process.name;
  }

  /** Resolves when Envoy has its first config and listens. */
  async start(): Promise<void> {
    this.process.start();
    await this.ready();
  }

  async ready(): Promise<void> {
    const outcome = await waitFor(`${this.name} to be ready`, async () => {
      if (!this.process.isRunning) return "ended";
      return (await this.admin("/ready")).status === 200 && "ready";
    });
    if (outcome === "ended") throw new Error(`${this.name} ended:\n${this.process.log()}`);
  }

  /** Asks Envoy's admin over the socket that the bootstrap puts into the work directory. */
  admin(path: string): Promise<HttpAnswer> {
    return http({ url: `http://envoy${path}`, socketPath: join(this.#workDirectory, "kuma-envoy-admin.sock") });
  }

  async configDump(): Promise<string> {
    return (await this.admin("/config_dump?include_eds")).body;
  }

  /** Values of the stats whose names fit a regular expression. */
  async stats(filter: string): Promise<ReadonlyMap<string, number>> {
    const { body } = await this.admin(`/stats?filter=${encodeURIComponent(filter)}`);
    const lines = body.split("\n").filter((line) => line.includes(": "));
    return new Map(lines.map((line) => line.split(": ")).map(([name = "", value]) => [name, Number(value)]));
  }

  /** Of Envoy itself, as its supervisor notes it down. */
  get envoyPid(): number {
    return (JSON.parse(readFileSync(join(this.#workDirectory, "envoy.pid"), "utf8")) as { readonly pid: number }).pid;
  }
}
