import { join } from "node:path";
import type { ApplyAnswer } from "@meridian/client";
import type { ConvergenceReport, Revision } from "@meridian/model";
import { startPostgres, type TestPostgres, waitFor } from "@meridian/testkit";
import { beforeAll } from "vitest";
import { ControlPlane, ports } from "./control-plane.ts";
import { DataPlane } from "./data-plane.ts";
import { Service, type ServicePlan, sidecarResource, zoneEgressResource, zoneIngressResource } from "./service.ts";
import { startUpstream } from "./upstream.ts";
import { useWorld, type World } from "./world.ts";

export interface ZoneOptions {
  /** Of a token for the zone with every scope when absent. */
  readonly token?: string;
  /** Name of the process and of its directory; a second control plane of the same zone needs one of its own. */
  readonly process?: string;
  /** Last part of its address 127.N.zone.y. */
  readonly y?: number;
  readonly args?: readonly string[];
  /** Where data planes reach it; its own address when absent. */
  readonly dataPlaneHost?: string;
}

/** A zone control plane and what belongs to its zone. */
export class Zone extends ControlPlane {
  readonly name: string;
  readonly index: number;
  readonly caCertFile: string;
  readonly directory: string;

  readonly dataPlaneServer: string;

  constructor(planned: {
    readonly name: string;
    readonly index: number;
    readonly directory: string;
    readonly process: ControlPlane["process"];
    readonly host: string;
    readonly dataPlaneHost: string;
    readonly report: (mistake: string) => void;
  }) {
    super(planned.process, planned.host, planned.report);
    this.dataPlaneServer = `https://${planned.dataPlaneHost}:${ports.dataPlaneServer}`;
    this.name = planned.name;
    this.index = planned.index;
    this.directory = planned.directory;
    this.caCertFile = join(planned.directory, "dp-server.crt");
  }
}

export interface EgressOptions {
  /** `egress-ZONE` when absent. */
  readonly name?: string;
  /** Last part of its address 127.N.zone.y. */
  readonly y?: number;
  readonly drainTime?: string;
}

interface ZoneProxyPlan {
  readonly name: string;
  readonly type: "ingress" | "egress";
  readonly resourceAt: (host: string) => object;
  /** Last part of its address 127.N.zone.y. */
  readonly y: number;
  /** How long connections may finish after SIGTERM. */
  readonly drainTime?: string;
}

/** A whole mesh on this machine: real processes, a real Postgres, TLS everywhere. */
export class Mesh {
  readonly world: World;
  readonly #zones = new Map<string, Zone>();
  /** Third byte of a zone's addresses. */
  readonly #indexes = new Map<string, number>();
  readonly #hosts = new Map<number, number>();
  #postgres: TestPostgres | undefined;
  #global: ControlPlane | undefined;

  constructor(world: World) {
    this.world = world;
  }

  get global(): ControlPlane {
    if (!this.#global) throw new Error("the global was not started yet");
    return this.#global;
  }

  get postgres(): TestPostgres {
    if (!this.#postgres) throw new Error("Postgres was not started yet");
    return this.#postgres;
  }

  zone(name: string): Zone {
    const zone = this.#zones.get(name);
    if (!zone) throw new Error(`zone ${name} was not started yet`);
    return zone;
  }

  async startGlobal(args: readonly string[] = []): Promise<ControlPlane> {
    this.#postgres = this.world.own(await startPostgres());
    const host = this.world.network.at(0, 1);
    const process = this.world.process("global", [
      ...["global", "run", "--store", this.#postgres.url, "--work-dir", join(this.world.directory, "global")],
      ...listenFlags(host),
      ...["--kds-listen", `${host}:${ports.kds}`, "--kds-tls", "required", ...args],
    ]);
    this.#global = new ControlPlane(process, host, this.world.report);
    await this.#global.start();
    return this.#global;
  }

  /** A zone that is not running yet. Its token and the global's certificate lie in files, as users keep them. */
  async planZone(name: string, options: ZoneOptions = {}): Promise<Zone> {
    const { world } = this;
    const index = this.#indexOf(name);
    const host = world.network.at(index, options.y ?? 1);
    const dataPlaneHost = options.dataPlaneHost ?? host;
    const processName = options.process ?? `zone-${name}`;
    const directory = join(world.directory, processName);
    const token = options.token ?? (await this.zoneToken(name));
    const process = world.process(processName, [
      ...["zone", "run", "--name", name, "--store", `embedded:${directory}`, ...listenFlags(host)],
      ...[
        "--global",
        `wss://${this.global.host}:${ports.kds}`,
        "--global-ca-file",
        join(world.directory, "global", "kds-server.crt"),
      ],
      ...["--token-file", world.file(`${processName}.token`, token), "--dp-listen", `${dataPlaneHost}:${ports.dataPlaneServer}`],
      ...(options.args ?? []),
    ]);
    const zone = new Zone({ name, index, directory, process, host, dataPlaneHost, report: world.report });
    if (!this.#zones.has(name)) this.#zones.set(name, zone);
    return zone;
  }

  async startZone(name: string, options: ZoneOptions = {}): Promise<Zone> {
    const zone = await this.planZone(name, options);
    await zone.start();
    return zone;
  }

  startIngress(zoneName: string): Promise<DataPlane> {
    const name = `ingress-${zoneName}`;
    return this.#startZoneProxy(zoneName, {
      name,
      type: "ingress",
      resourceAt: (host) => zoneIngressResource(name, host),
      y: 10,
    });
  }

  startEgress(zoneName: string, { name = `egress-${zoneName}`, y = 11, ...more }: EgressOptions = {}): Promise<DataPlane> {
    const resourceAt = (host: string) => zoneEgressResource(name, host);
    return this.#startZoneProxy(zoneName, { name, type: "egress", resourceAt, y, ...more });
  }

  async #startZoneProxy(zoneName: string, plan: ZoneProxyPlan): Promise<DataPlane> {
    const zone = this.zone(zoneName);
    const proxy = new DataPlane(this.world, {
      name: plan.name,
      type: plan.type,
      resource: plan.resourceAt(this.world.network.at(zone.index, plan.y)),
      controlPlane: zone.dataPlaneServer,
      caCertFile: zone.caCertFile,
      token: await this.zoneToken(zoneName, { scope: [plan.type] }),
      ...(plan.drainTime !== undefined && { drainTime: plan.drainTime }),
    });
    await proxy.start();
    return proxy;
  }

  /** A data plane without a workload that lets other zones in to its mesh; its address, for a MeshZoneAddress. */
  async startMeshIngress(zoneName: string): Promise<{ readonly address: string; readonly port: number }> {
    const zone = this.zone(zoneName);
    const address = this.world.network.at(zone.index, this.#nextHost(zone.index));
    const name = `door-${zoneName}`;
    const networking = { address, listeners: [{ type: "ZoneIngress", port: ports.ingress }] };
    const door = new DataPlane(this.world, {
      ...{ name, type: "dataplane", resource: { type: "Dataplane", mesh: "default", name, networking } },
      ...{ controlPlane: zone.dataPlaneServer, caCertFile: zone.caCertFile },
      token: await this.global.client.token("dataplane", { mesh: "default", name, validFor: "1h" }),
    });
    await door.start();
    return { address, port: ports.ingress };
  }

  /** A workload and its sidecar, not running yet. */
  async planService(plan: ServicePlan): Promise<Service> {
    const zone = this.zone(plan.zone);
    const host = plan.host ?? this.world.network.at(zone.index, this.#nextHost(zone.index));
    const mesh = plan.mesh ?? "default";
    const token = await this.global.client.token("dataplane", {
      mesh,
      tags: { "kuma.io/service": [plan.service] },
      workload: plan.labels?.["kuma.io/workload"] ?? "",
      validFor: "1h",
    });
    const resource = sidecarResource(plan, host);
    const sidecar = new DataPlane(this.world, {
      name: resource.name,
      type: "dataplane",
      resource,
      controlPlane: zone.dataPlaneServer,
      caCertFile: zone.caCertFile,
      token,
      ...(plan.drainTime !== undefined && { drainTime: plan.drainTime }),
      ...(plan.args && { args: plan.args }),
      ...(plan.launcher && { launcher: plan.launcher }),
    });
    return new Service(plan, host, sidecar);
  }

  async startService(plan: ServicePlan): Promise<Service> {
    const service = await this.planService(plan);
    this.world.own(await startUpstream(service.upstream));
    await service.sidecar.start();
    return service;
  }

  zoneToken(zone: string, options: { readonly validFor?: string; readonly scope?: readonly string[] } = {}): Promise<string> {
    const { validFor = "1h", scope = ["cp", "ingress", "egress"] } = options;
    return this.global.client.token("zone", { zone, scope, validFor });
  }

  /** Applies documents at the global as one revision. */
  apply(...documents: readonly object[]): Promise<ApplyAnswer> {
    return this.global.client.apply({ documents });
  }

  /** Applies, and waits until every proxy of every zone has acknowledged. */
  async applyAndConverge(...documents: readonly object[]): Promise<ConvergenceReport> {
    const { revision } = await this.apply(...documents);
    return this.converged(revision);
  }

  /** Waits, without polling, as `apply --wait` does. @throws when it takes longer than `timeoutMs`. */
  async converged(revision: Revision, timeoutMs = 45_000): Promise<ConvergenceReport> {
    const signal = AbortSignal.timeout(timeoutMs);
    let last: ConvergenceReport | undefined;
    for await (const report of this.global.client.watchConvergence(revision, signal)) {
      last = report;
      if (report.converged) return report;
    }
    throw new Error(`revision ${revision} did not converge within ${timeoutMs} ms: ${JSON.stringify(last)}`);
  }

  /** Waits until the global hears every zone and no proxy owes it an answer. */
  settled(connected: Readonly<Record<string, number>>): Promise<ConvergenceReport> {
    return waitFor(`zones to settle with proxies ${JSON.stringify(connected)}`, async () => {
      const report = await this.global.client.convergence();
      const isSettled = Object.entries(connected).every(([name, count]) =>
        report.zones.some(
          ({ zone, status, proxies, behindRevisions }) =>
            zone === name && status === "online" && proxies.connected === count && proxies.pending === 0 && behindRevisions === 0,
        ),
      );
      if (!isSettled) throw new Error(JSON.stringify(report.zones));
      return report;
    });
  }

  #indexOf(zone: string): number {
    const index = this.#indexes.get(zone) ?? this.#indexes.size + 1;
    this.#indexes.set(zone, index);
    return index;
  }

  #nextHost(zone: number): number {
    const next = this.#hosts.get(zone) ?? 20;
    this.#hosts.set(zone, next + 1);
    return next;
  }
}

/** The mesh of a test file; `start` runs once, before its tests. */
export function useMesh(start: (mesh: Mesh) => Promise<void>): Mesh {
  const mesh = new Mesh(useWorld());
  beforeAll(() => start(mesh));
  return mesh;
}

function listenFlags(host: string): readonly string[] {
  return ["--api-listen", `${host}:${ports.api}`, "--diagnostics-listen", `${host}:${ports.diagnostics}`];
}
