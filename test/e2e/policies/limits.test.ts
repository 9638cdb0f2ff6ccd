import type { KeyPair } from "@meridian/pki";
import { waitFor } from "@meridian/testkit";
import { beforeAll, expect, it } from "vitest";
import { meshWithMtls, trafficPermission } from "../harness/documents.ts";
import { type HttpAnswer, http } from "../harness/http.ts";
import { askOverTls, builtinCaOf, leafOf } from "../harness/identity.ts";
import { useMesh } from "../harness/mesh.ts";
import type { Service } from "../harness/service.ts";

let web: Service;
let batch: Service;
let api: Service;
let stranger: KeyPair;

const mesh = useMesh(async (starting) => {
  await starting.startGlobal();
  await starting.startZone("east");
  await starting.applyAndConverge(meshWithMtls(), trafficPermission("*", "*"));
  [web, batch, api] = await Promise.all([
    starting.startService({ zone: "east", service: "web", calls: ["api"] }),
    starting.startService({ zone: "east", service: "batch", calls: ["api"] }),
    starting.startService({ zone: "east", service: "api" }),
  ]);
  await starting.settled({ east: 3 });
});

beforeAll(async () => {
  stranger = await leafOf(await builtinCaOf(mesh), "spiffe://default/stranger");
  for (const client of [web, batch]) await waitFor("api to answer", async () => (await ask(client)).status === 200);
});

function ask(client: Service, path = "/"): Promise<HttpAnswer> {
  return http({ url: `http://${client.to("api")}${path}`, timeoutMs: 20_000 });
}

const toApi = { targetRef: { kind: "MeshService", name: "api" } };
const clientId = (service: string) => [{ spiffeID: { type: "Exact", value: `spiffe://default/${service}` } }];

function policy(type: string, rules: readonly object[]): object {
  return { type, mesh: "default", name: "api", spec: { ...toApi, rules } };
}

function legacy(type: string, source: string, conf: object): object {
  const destination = { "kuma.io/service": "api", "kuma.io/protocol": "http" };
  const sources = [{ match: { "kuma.io/service": source } }];
  return { type, mesh: "default", name: "api", sources, destinations: [{ match: destination }], conf };
}

async function remove(path: string): Promise<void> {
  await mesh.global.client.delete({ path, mesh: "default", name: "api" });
}

/** How many requests found a token in a bucket of api's, since it started. */
async function passed(): Promise<number> {
  const name = "rate_limit.http_local_rate_limit.ok";
  return [...(await api.sidecar.stats(`${name}$`)).values()].reduce((sum, value) => sum + value, 0);
}

/** Asks until the first request is refused. @returns how many a bucket let through; requests under the old rules do not count. */
async function passUntilRefused(client: Service): Promise<number> {
  const before = await passed();
  await waitFor("a refusal", async () => (await ask(client)).status === 429);
  return (await passed()) - before;
}

it("a limit for all clients, and one for a client by its identity", async () => {
  const limit = (num: number) => ({ local: { http: { requestRate: { num, interval: "1h" } } } });
  await mesh.applyAndConverge(policy("MeshRateLimit", [{ default: limit(5) }, { matches: clientId("web"), default: limit(3) }]));
  expect(await passUntilRefused(web)).toBe(3);
  expect(await passUntilRefused(batch)).toBe(5);
});

it("a client without a limit, and what the others are told", async () => {
  const onRateLimit = { status: 503, headers: { set: [{ name: "x-limited", value: "yes" }] } };
  const limited = { local: { http: { requestRate: { num: 1, interval: "1h" }, onRateLimit } } };
  const free = { local: { http: { disabled: true } } };
  await mesh.applyAndConverge(policy("MeshRateLimit", [{ default: limited }, { matches: clientId("web"), default: free }]));
  const refusal = await waitFor("a refusal", async () => {
    const answer = await ask(batch);
    return answer.headers["x-limited"] === undefined ? undefined : answer;
  });
  expect(refusal.status).toBe(503);
  await waitFor("web to be free", async () => (await ask(web)).status === 200);
  for (let sent = 0; sent < 20; sent += 1) expect((await ask(web)).status).toBe(200);
  await remove("meshratelimits");
});

it("connections are counted, too", async () => {
  const connectionRate = { num: 3, interval: "1h" };
  await mesh.applyAndConverge(policy("MeshRateLimit", [{ default: { local: { tcp: { connectionRate } } } }]));
  await waitFor("the listener", async () => /tcp_rate_limit/.test(await api.sidecar.configDump()));
  let allowed = 0;
  await waitFor("a refusal", async () => {
    const answer = await askOverTls(api.inbound, stranger);
    if ("refused" in answer) return true;
    allowed += 1;
    return false;
  });
  expect(allowed).toBeLessThanOrEqual(3);
  const refused = await api.sidecar.stats("tcp_rate_limit.rate_limited$");
  expect([...refused.values()].some((count) => count > 0)).toBe(true);
  await remove("meshratelimits");
  await waitFor("connections to pass", async () => "status" in (await askOverTls(api.inbound, stranger)));
});

it("a RateLimit lets 5 through each second, for the clients that it names", async () => {
  await mesh.applyAndConverge(legacy("RateLimit", "web", { http: { requests: 5, interval: "1s" } }));
  await passUntilRefused(web);
  const startMs = performance.now();
  const before = await passed();
  await waitFor("fifteen more", async () => {
    await ask(web);
    return (await passed()) - before >= 15;
  });
  // However long this process stood still, the bucket held 5 at most; the other 10 take 2 s, by clocks that round to milliseconds.
  expect(performance.now() - startMs).toBeGreaterThan(1_990);
  for (let sent = 0; sent < 20; sent += 1) expect((await ask(batch)).status).toBe(200);
  await remove("rate-limits");
});

/** Statuses of `count` answers, some at once. */
async function statuses(client: Service, count: number): Promise<Readonly<Record<number, number>>> {
  const counts: Record<number, number> = {};
  let sent = 0;
  const worker = async (): Promise<void> => {
    while (sent < count) {
      sent += 1;
      const { status } = await ask(client);
      counts[status] = (counts[status] ?? 0) + 1;
    }
  };
  await Promise.all(Array.from({ length: 20 }, worker));
  return counts;
}

/** No fault, once connections that are older than the policy have had their last answers. */
async function expectNoFault(client: Service): Promise<void> {
  await waitFor("answers by the new rules", async () => (await statuses(client, 40))[200] === 40);
  expect(await statuses(client, 100)).toEqual({ 200: 100 });
}

/** 10 % of 600 within 5 sigma, which are 37. */
function expectATenth(counts: Readonly<Record<number, number>>, status: number): void {
  expect(Object.keys(counts).sort()).toEqual(["200", String(status)]);
  expect(counts[status]).toBeGreaterThan(60 - 37);
  expect(counts[status]).toBeLessThan(60 + 37);
}

it("a tenth of the requests fails, for a client by its identity", async () => {
  const http = [{ abort: { httpStatus: 418, percentage: 10 } }];
  await mesh.applyAndConverge(policy("MeshFaultInjection", [{ matches: clientId("web"), default: { http } }]));
  await waitFor("a fault", async () => (await ask(web)).status === 418);
  expectATenth(await statuses(web, 600), 418);
  await expectNoFault(batch);
  await remove("meshfaultinjections");
});

it("a tenth of the requests fails, for a client by its tags", async () => {
  const from = [
    {
      targetRef: { kind: "MeshService", name: "batch" },
      default: { http: [{ abort: { httpStatus: 418, percentage: "10.0" } }] },
    },
  ];
  const byTags = { type: "MeshFaultInjection", mesh: "default", name: "api", spec: { ...toApi, from } };
  for (const [document, path] of [
    [byTags, "meshfaultinjections"],
    [legacy("FaultInjection", "batch", { abort: { httpStatus: 418, percentage: 10 } }), "fault-injections"],
  ] as const) {
    await mesh.applyAndConverge(document);
    await waitFor("a fault", async () => (await ask(batch)).status === 418);
    expectATenth(await statuses(batch, 600), 418);
    await expectNoFault(web);
    await remove(path);
  }
});

async function timeMs(client: Service, path = "/"): Promise<number> {
  const startMs = performance.now();
  expect((await ask(client, path)).status).toBe(200);
  return performance.now() - startMs;
}

it("requests wait, and responses are slow", async () => {
  const http = [{ delay: { value: "300ms", percentage: 100 } }, { responseBandwidth: { limit: "20kbps", percentage: 100 } }];
  await mesh.applyAndConverge(policy("MeshFaultInjection", [{ matches: clientId("web"), default: { http } }]));
  await waitFor("a delay", async () => (await timeMs(web)) >= 300);
  // Envoy counts in KiB per second: 30 KiB take 1.5 s, but for what it lets through at the start.
  expect(await timeMs(web, "/?bytes=30720")).toBeGreaterThan(1_000);
  await remove("meshfaultinjections");
});

it("a client without an identity is not taken for one that has it", async () => {
  const fault = { http: [{ abort: { httpStatus: 418, percentage: 100 } }] };
  await mesh.applyAndConverge(
    meshWithMtls({ mode: "PERMISSIVE" }),
    policy("MeshFaultInjection", [{ matches: clientId("web"), default: fault }]),
  );
  await waitFor("a fault", async () => (await ask(web)).status === 418);
  const answers = Array.from({ length: 20 }, () => http({ url: `http://${api.inbound}/` }));
  expect((await Promise.all(answers)).map(({ status }) => status)).toEqual(answers.map(() => 200));
  const bySni = { matches: [{ sni: { type: "Exact", value: "a.b" } }], default: fault };
  await mesh.applyAndConverge(meshWithMtls(), policy("MeshFaultInjection", [bySni]));
  await waitFor("no fault for web", async () => (await ask(web)).status === 200);
  // This one asks for no server name at all.
  expect(await askOverTls(api.inbound, stranger)).toMatchObject({ status: 200 });
});
