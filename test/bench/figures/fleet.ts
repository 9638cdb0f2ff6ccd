import { type ControlPlanes, portsOf, startControlPlanes } from "../control-planes.ts";
import { Fleet } from "../fleet.ts";
import { Floor } from "../floor-client.ts";
import { sharedNowMs, types } from "../sim/proxy.ts";
import { median, ms, type Row } from "../table.ts";
import {
  meshDocument,
  narrowRouteDocument,
  outboundCount,
  permissionDocument,
  proxyPlan,
  routeDocument,
  serviceCount,
  serviceName,
} from "../world.ts";

/** Bars of design.md by number of proxies; what lies between is not promised. */
const bars: Readonly<Record<number, { readonly joinMs: number; readonly routeMs: number; readonly memoryMb: number }>> = {
  100: { joinMs: 2_000, routeMs: 100, memoryMb: 120 },
  500: { joinMs: 4_000, routeMs: 150, memoryMb: 180 },
  1000: { joinMs: 8_000, routeMs: 250, memoryMb: 250 },
};
const idleSeconds = 40;
const rounds = 7;

/** Joining, one change that touches all, one that touches few, endpoints, idle CPU and memory with N simulated proxies of one zone. */
export async function measureFleet(n: number): Promise<readonly Row[]> {
  const planes = await startControlPlanes(["east"]);
  const fleet = await Fleet.start();
  try {
    await planes.put("/meshes/default", meshDocument);
    await planes.put("/meshes/default/traffic-permissions/all", permissionDocument);
    await planes.put("/meshes/default/traffic-routes/all", routeDocument(0));
    return [
      await join(planes, fleet, n),
      memory(planes, n, "memory of the zone control plane right after the join"),
      ...(await routeChange(planes, fleet, n)),
      await narrowChange(planes, fleet, n),
      ...(await endpoints(planes, fleet, n)),
      ...(await idle(planes, n)),
    ];
  } finally {
    fleet.stop();
    await planes.stop();
  }
}

async function dataplaneToken(planes: ControlPlanes): Promise<string> {
  return planes.post("/tokens/dataplane", { mesh: "default", name: "", tags: {}, type: "dataplane", validFor: "24h" });
}

async function join(planes: ControlPlanes, fleet: Fleet, n: number): Promise<Row> {
  const token = await dataplaneToken(planes);
  const plans = Array.from({ length: n }, (_unused, index) => proxyPlan(index, token));
  const startedMs = sharedNowMs();
  const { atMs } = await fleet.send({
    command: "join",
    controlPlane: { host: "127.0.0.1", port: portsOf(0).dataPlane },
    plans,
    parallel: 32,
  });
  const tookMs = atMs - startedMs;
  const bar = bars[n]?.joinMs;
  return {
    what: "N proxies join → last has its full config",
    n,
    measured: ms(tookMs),
    floor: "",
    bar: bar ? `≤ ${ms(bar)}` : "",
    met: bar ? tookMs <= bar : undefined,
  };
}

/** How long the last of the touched proxies took to acknowledge, and how many bytes one of them was sent. */
async function timeChange(
  fleet: Fleet,
  typeUrl: string,
  proxies: number,
  change: () => Promise<void>,
): Promise<{ tookMs: number; bytesEach: number }> {
  const last = fleet.send({ command: "expect", typeUrl, proxies });
  const startedMs = sharedNowMs();
  await change();
  const report = await last;
  return { tookMs: report.atMs - startedMs, bytesEach: Math.round(report.bytes / Math.max(report.responses, 1)) };
}

async function routeChange(planes: ControlPlanes, fleet: Fleet, n: number): Promise<readonly Row[]> {
  const samples: number[] = [];
  let bytesEach = 0;
  for (let round = 1; round <= rounds; round += 1) {
    const sample = await timeChange(fleet, types.route, n, () =>
      planes.put("/meshes/default/traffic-routes/all", routeDocument(round)),
    );
    samples.push(sample.tookMs);
    bytesEach = sample.bytesEach;
  }
  const floor = await Floor.start(n);
  const floorMs = await floor.measure(bytesEach);
  floor.stop();
  const tookMs = median(samples);
  const bar = bars[n]?.routeMs;
  const what = `a route change that touches all: PUT → last ACK (${bytesEach} bytes each; median of ${rounds}, worst ${ms(Math.max(...samples))})`;
  return [
    { what, n, measured: ms(tookMs), floor: ms(floorMs), bar: bar ? `≤ ${ms(bar)}` : "", met: bar ? tookMs <= bar : undefined },
    {
      what: "… as a multiple of the transport floor",
      n,
      measured: `${(tookMs / floorMs).toFixed(1)} ×`,
      floor: "1 ×",
      bar: "≤ 2 ×",
      met: tookMs <= 2 * floorMs,
    },
  ];
}

async function narrowChange(planes: ControlPlanes, fleet: Fleet, n: number): Promise<Row> {
  const target = serviceName(0);
  const touched = clientsOf(0, n);
  const samples: number[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    const document = narrowRouteDocument(target, round);
    samples.push(
      (await timeChange(fleet, types.route, touched, () => planes.put("/meshes/default/traffic-routes/narrow", document))).tookMs,
    );
  }
  return {
    what: `a route change that touches the ${touched} clients of one service`,
    n,
    measured: ms(median(samples)),
    floor: "",
    bar: "",
    met: undefined,
  };
}

async function endpoints(planes: ControlPlanes, fleet: Fleet, n: number): Promise<readonly Row[]> {
  const token = await dataplaneToken(planes);
  const controlPlane = { host: "127.0.0.1", port: portsOf(0).dataPlane };
  const joins: number[] = [];
  const leaves: number[] = [];
  for (let round = 0; round < 3; round += 1) {
    // A multiple of the number of services, so that it is one more instance of service 0.
    const plan = proxyPlan(serviceCount * (1000 + round), token);
    const joined = await timeChange(
      fleet,
      types.endpoint,
      clientsOf(0, n),
      async () => void (await fleet.send({ command: "join", controlPlane, plans: [plan], parallel: 1 })),
    );
    joins.push(joined.tookMs);
    const left = await timeChange(
      fleet,
      types.endpoint,
      clientsOf(0, n),
      async () => void (await fleet.send({ command: "drop", names: [plan.name] })),
    );
    leaves.push(left.tookMs);
  }
  const joinMs = median(joins);
  const leaveMs = median(leaves);
  return [
    {
      what: "an endpoint joins (TLS, bootstrap and all) → every client has acknowledged it",
      n,
      measured: ms(joinMs),
      floor: "",
      bar: "≤ 100 ms",
      met: joinMs <= 100,
    },
    {
      what: "an endpoint's stream breaks → every client has acknowledged (grace 500 ms included)",
      n,
      measured: ms(leaveMs),
      floor: "",
      bar: "≤ 1 s",
      met: leaveMs <= 1000,
    },
  ];
}

/** Proxies with an outbound to service `target`: the instances of the twenty services before it. */
function clientsOf(target: number, n: number): number {
  return Array.from({ length: n }, (_unused, index) => index).filter((index) => {
    const offset = (target - index - 1) % serviceCount;
    return (offset + serviceCount) % serviceCount < outboundCount;
  }).length;
}

function memory(planes: ControlPlanes, n: number, what: string): Row {
  const [zone] = planes.zones;
  const usedMb = zone?.memoryMb() ?? 0;
  const bar = bars[n]?.memoryMb;
  return {
    what,
    n,
    measured: `${usedMb.toFixed(0)} MB`,
    floor: "",
    bar: bar ? `≤ ${bar} MB` : "",
    met: bar ? usedMb <= bar : undefined,
  };
}

async function idle(planes: ControlPlanes, n: number): Promise<readonly Row[]> {
  const [zone] = planes.zones;
  await new Promise((resolve) => setTimeout(resolve, 20_000));
  const before = zone?.cpuSeconds() ?? 0;
  await new Promise((resolve) => setTimeout(resolve, idleSeconds * 1000));
  const perMinute = (((zone?.cpuSeconds() ?? 0) - before) * 60) / idleSeconds;
  const what = "CPU of the idle zone control plane, seconds a minute";
  return [
    { what, n, measured: perMinute.toFixed(2), floor: "", bar: "< 0.5", met: perMinute < 0.5 },
    memory(planes, n, "memory of the zone control plane, a minute after the last change"),
  ];
}
