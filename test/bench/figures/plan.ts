import { Agent, request } from "node:http";
import { fastify } from "fastify";
import { portsOf, startControlPlanes } from "../control-planes.ts";
import { Fleet } from "../fleet.ts";
import { sharedNowMs } from "../sim/proxy.ts";
import { median, ms, quantile, type Row } from "../table.ts";
import { meshDocument, narrowRouteDocument, permissionDocument, proxyPlan, routeDocument, serviceName } from "../world.ts";

const rounds = 40;

/** Plans against N connected proxies of one zone, beside a bare fastify that answers as many bytes. */
export async function measurePlan(n: number): Promise<readonly Row[]> {
  const planes = await startControlPlanes(["east"]);
  const fleet = await Fleet.start();
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  try {
    await planes.put("/meshes/default", meshDocument);
    await planes.put("/meshes/default/traffic-permissions/all", permissionDocument);
    await planes.put("/meshes/default/traffic-routes/all", routeDocument(0));
    const token = await planes.post("/tokens/dataplane", {
      ...{ mesh: "default", name: "", tags: {}, type: "dataplane", validFor: "24h" },
    });
    const plans = Array.from({ length: n }, (_unused, index) => proxyPlan(index, token));
    const controlPlane = { host: "127.0.0.1", port: portsOf(0).dataPlane };
    await fleet.send({ command: "join", controlPlane, plans, parallel: 32 });
    await allKnown(n);
    const target = serviceName(0);
    const cold = await timePlans(agent, portsOf(-1).api, 1, () => narrowRouteDocument(target, 0));
    return [
      {
        ...{ what: "plan, first of all: every proxy of the zone is generated", n, floor: "", bar: "", met: undefined },
        measured: ms(cold.p50Ms),
      },
      await row("plan of a route to one service", n, agent, (round) => narrowRouteDocument(target, round)),
      await row("plan of a route that touches all", n, agent, (round) => routeDocument(round)),
    ];
  } finally {
    agent.destroy();
    fleet.stop();
    await planes.stop();
  }
}

interface Timing {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly perSecond: number;
  readonly bytes: number;
  /** Proxies that the last plan touches. */
  readonly proxies: number;
}

async function row(what: string, n: number, agent: Agent, documentOf: (round: number) => object): Promise<Row> {
  const timing = await timePlans(agent, portsOf(-1).api, rounds, (round) => documentOf(round + 1));
  const floor = await timeFloor(agent, timing.bytes, documentOf(1));
  return {
    what: `${what} (${timing.proxies} proxies change, ${Math.round(timing.bytes / 1000)} kB of answer; median of ${rounds})`,
    n,
    measured: text(timing),
    floor: text(floor),
    bar: "",
    met: undefined,
  };
}

function text({ p50Ms, p99Ms, perSecond }: Timing): string {
  return `${ms(p50Ms)}, p99 ${ms(p99Ms)}, ${perSecond.toFixed(0)} a second`;
}

async function timeFloor(agent: Agent, bytes: number, document: object): Promise<Timing> {
  const constant = { proxies: 0, filling: "x".repeat(Math.max(bytes - 30, 0)) };
  const app = fastify();
  app.post("/plan", () => constant);
  const address = await app.listen({ host: "127.0.0.1", port: 0 });
  try {
    return await timePlans(agent, Number(new URL(address).port), rounds, () => document);
  } finally {
    await app.close();
  }
}

/** One after the other, as people plan. */
async function timePlans(agent: Agent, port: number, times: number, documentOf: (round: number) => object): Promise<Timing> {
  const samples: number[] = [];
  let answer = "";
  for (let round = 0; round < times; round += 1) {
    const startedMs = sharedNowMs();
    answer = await post(agent, port, JSON.stringify({ documents: [documentOf(round)] }));
    samples.push(sharedNowMs() - startedMs);
  }
  const totalMs = samples.reduce((sum, sample) => sum + sample, 0);
  return {
    p50Ms: median(samples),
    p99Ms: quantile(samples, 0.99),
    perSecond: (1000 * times) / totalMs,
    bytes: Buffer.byteLength(answer),
    proxies: (JSON.parse(answer) as { readonly proxies: number }).proxies,
  };
}

/** The global knows every data plane. */
async function allKnown(n: number): Promise<void> {
  for (;;) {
    const answer = await fetch(`http://127.0.0.1:${portsOf(-1).api}/meshes/default/dataplanes/_overview?size=1000`);
    const { items } = (await answer.json()) as { readonly items: readonly { readonly status: string }[] };
    if (items.filter(({ status }) => status === "online").length === n) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

function post(agent: Agent, port: number, body: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(body) };
    const call = request({ agent, host: "127.0.0.1", port, method: "POST", path: "/plan", headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () => {
        const answer = Buffer.concat(chunks).toString();
        if (response.statusCode === 200) resolve(answer);
        else reject(new Error(`POST /plan answered ${response.statusCode}: ${answer.slice(0, 500)}`));
      });
    });
    call.on("error", reject);
    call.end(body);
  });
}
