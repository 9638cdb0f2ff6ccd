import { Agent, request } from "node:http";
import { silentLogger, systemClock } from "@meridian/base";
import { openPostgresStore } from "@meridian/store-sql";
import { startPostgres } from "@meridian/testkit";
import { portsOf, startControlPlanes } from "../control-planes.ts";
import { sharedNowMs } from "../sim/proxy.ts";
import { ms, type Row } from "../table.ts";

const writers = 50;
const writesEach = 100;

/** Durable single-resource PUTs from 50 writers at a global on Postgres, with zones attached that each take every write. */
export async function measureWrites(zones: number): Promise<readonly Row[]> {
  const aloneASecond = await storeAlone();
  const planes = await startControlPlanes(Array.from({ length: zones }, (_unused, index) => `zone-${index}`));
  const agent = new Agent({ keepAlive: true, maxSockets: writers });
  try {
    await Promise.all(Array.from({ length: writers }, (_unused, writer) => put(agent, writer, 0)));
    const startedMs = sharedNowMs();
    await Promise.all(
      Array.from({ length: writers }, async (_unused, writer) => {
        for (let round = 1; round <= writesEach; round += 1) await put(agent, writer, round);
      }),
    );
    const writtenMs = sharedNowMs() - startedMs;
    await everyZoneHasAll();
    const convergedMs = sharedNowMs() - startedMs;
    const perSecond = (1000 * writers * writesEach) / writtenMs;
    return [
      {
        what: `durable writes a second at the global (${writers} writers, ${zones} zones attached; all zones had the last after ${ms(convergedMs - writtenMs)} more)`,
        n: zones,
        measured: perSecond.toFixed(0),
        floor: `${aloneASecond.toFixed(0)} by the store alone`,
        bar: "≥ 1000",
        met: perSecond >= 1000,
      },
    ];
  } finally {
    agent.destroy();
    await planes.stop();
  }
}

/** Writes a second into the same store, without API, validation and zones. */
async function storeAlone(): Promise<number> {
  const postgres = await startPostgres();
  const store = await openPostgresStore({ url: postgres.url, logger: silentLogger, clock: systemClock });
  try {
    const startedMs = performance.now();
    await Promise.all(
      Array.from({ length: writers }, async (_unused, writer) => {
        for (let round = 1; round <= writesEach; round += 1) {
          const spec = { conf: { weight: round, destination: { "kuma.io/service": "backend", version: `v${round}` } } };
          const resource = { kind: "TrafficRoute", mesh: "default", name: `r-${writer}`, labels: {}, spec };
          await store.commit([{ op: "put", resource }], { author: "bench" });
        }
      }),
    );
    return (1000 * writers * writesEach) / (performance.now() - startedMs);
  } finally {
    await store.close();
    await postgres.stop();
  }
}

async function everyZoneHasAll(): Promise<void> {
  for (;;) {
    const report = (await (await fetch(`http://127.0.0.1:${portsOf(-1).api}/convergence`)).json()) as { converged: boolean };
    if (report.converged) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function put(agent: Agent, writer: number, round: number): Promise<void> {
  const name = `writer-${writer}`;
  const body = JSON.stringify({
    type: "TrafficPermission",
    mesh: "default",
    name,
    sources: [{ match: { "kuma.io/service": `caller-${round}` } }],
    destinations: [{ match: { "kuma.io/service": name } }],
  });
  return new Promise((resolve, reject) => {
    const call = request(
      {
        agent,
        host: "127.0.0.1",
        port: portsOf(-1).api,
        method: "PUT",
        path: `/meshes/default/traffic-permissions/${name}`,
        headers: { "content-type": "application/json", "content-length": Buffer.byteLength(body) },
      },
      (response) => {
        response.resume();
        response.on("end", () =>
          (response.statusCode ?? 500) < 300 ? resolve() : reject(new Error(`PUT answered ${response.statusCode}`)),
        );
      },
    );
    call.on("error", reject);
    call.end(body);
  });
}
