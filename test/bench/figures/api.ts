import { Agent } from "node:http";
import { portsOf, startControlPlanes } from "../control-planes.ts";
import { Fleet } from "../fleet.ts";
import { besideFloor, ConstantServer, callOnce, type RestTiming } from "../rest-load.ts";
import { sharedNowMs } from "../sim/proxy.ts";
import { median, ms, type Row } from "../table.ts";
import { meshDocument, permissionDocument, proxyPlan, routeDocument, serviceName } from "../world.ts";

const policies = 2_000;
const proxiesOfZone = 50;
const zones = ["east", "west"];
const batchRounds = 5;
const rounds = 5;

/** The REST API of a global on Postgres, two zones with some proxies attached, beside a bare fastify that answers as many bytes. */
export async function measureApi(): Promise<readonly Row[]> {
  const planes = await startControlPlanes(zones);
  const fleet = await Fleet.start();
  const floor = await ConstantServer.start();
  const { api } = portsOf(-1);
  try {
    await planes.put("/meshes/default", meshDocument);
    await planes.put("/meshes/default/traffic-permissions/all", permissionDocument);
    await planes.put("/meshes/default/traffic-routes/all", routeDocument(0));
    const token = await planes.post("/tokens/dataplane", {
      ...{ mesh: "default", name: "", tags: {}, type: "dataplane", validFor: "24h" },
    });
    for (const [index] of zones.entries()) {
      const plans = Array.from({ length: proxiesOfZone }, (_unused, n) => proxyPlan(index * proxiesOfZone + n, token));
      await fleet.send({
        command: "join",
        controlPlane: { host: "127.0.0.1", port: portsOf(index).dataPlane },
        plans,
        parallel: 8,
      });
    }
    const batch = await batches(api, floor);
    const one = { method: "GET", path: "/meshes/default/traffic-routes/all" } as const;
    const list = { method: "GET", path: "/meshes/default/traffic-permissions?size=1000" } as const;
    return [
      ...batch,
      row("GET of one resource", await besideFloor(api, floor, one, { requests: 4_000, connections: 4, rounds })),
      row("GET of a list of 1,000", await besideFloor(api, floor, list, { requests: 100, connections: 4, rounds })),
    ];
  } finally {
    floor.stop();
    fleet.stop();
    await planes.stop();
  }
}

function row(what: string, timings: { readonly measured: RestTiming; readonly floor: RestTiming; readonly bytes: number }): Row {
  return {
    what: `${what}, ${timings.bytes} bytes, 4 connections (median of ${rounds} runs)`,
    n: undefined,
    measured: told(timings.measured),
    floor: told(timings.floor),
    bar: "",
    met: undefined,
  };
}

function told({ perSecond, p50Ms, p99Ms }: RestTiming): string {
  return `${perSecond.toFixed(0)} a second, p50 ${ms(p50Ms)}, p99 ${ms(p99Ms)}`;
}

/** Each batch changes all of its policies; the first creates them. */
async function batches(api: number, floor: ConstantServer): Promise<readonly Row[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const answered: number[] = [];
  const converged: number[] = [];
  const floors: number[] = [];
  let bytes = 0;
  try {
    for (let round = 0; round <= batchRounds; round += 1) {
      const body = JSON.stringify({ documents: Array.from({ length: policies }, (_unused, index) => permission(index, round)) });
      const startedMs = sharedNowMs();
      const answer = await callOnce(agent, api, { method: "POST", path: "/apply", body });
      answered.push(sharedNowMs() - startedMs);
      bytes = Buffer.byteLength(answer);
      const { revision } = JSON.parse(answer) as { readonly revision: number };
      await callOnce(agent, api, { method: "GET", path: `/convergence?revision=${revision}&wait=true` });
      converged.push(sharedNowMs() - startedMs);
      await floor.answerWith(bytes);
      const floorMs = sharedNowMs();
      await callOnce(agent, floor.port, { method: "POST", path: "/apply", body });
      floors.push(sharedNowMs() - floorMs);
    }
  } finally {
    agent.destroy();
  }
  const line = (what: string, samples: readonly number[]): Row => ({
    what: `${what} (median of ${batchRounds}, worst ${ms(Math.max(...samples))})`,
    n: policies,
    measured: ms(median(samples)),
    floor: ms(median(floors.slice(1))),
    bar: "",
    met: undefined,
  });
  return [
    line(`${policies} policies change in one batch: POST → answer`, answered.slice(1)),
    line(`… → acknowledged by all ${zones.length * proxiesOfZone} proxies of ${zones.length} zones`, converged.slice(1)),
  ];
}

/** Who may call whom: each allows one service of the fleet to call another, under a version that changes. */
function permission(index: number, round: number): object {
  return {
    type: "TrafficPermission",
    mesh: "default",
    name: `allow-${index}`,
    sources: [{ match: { "kuma.io/service": serviceName(index % 50), version: `v${round}` } }],
    destinations: [{ match: { "kuma.io/service": serviceName(Math.floor(index / 50) % 50) } }],
  };
}
