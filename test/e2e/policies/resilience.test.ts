import { waitFor } from "@meridian/testkit";
import { beforeEach, describe, expect, it } from "vitest";
import { meshWithMtls, trafficPermission } from "../harness/documents.ts";
import { type HttpAnswer, http } from "../harness/http.ts";
import { builtinCaOf, leafOf } from "../harness/identity.ts";
import { useMesh } from "../harness/mesh.ts";
import type { Service } from "../harness/service.ts";
import { readAnswer } from "../harness/traffic.ts";
import { Workload } from "../harness/workload.ts";

const first = new Workload();
const second = new Workload();
let client: Service;
let server: Service;

const mesh = useMesh(async (starting) => {
  await starting.startGlobal();
  await starting.startZone("east");
  await starting.applyAndConverge(meshWithMtls(), trafficPermission("*", "*"));
  [server, , client] = await Promise.all([
    starting.startService({ zone: "east", service: "api", version: "v1", statusOf: first.statusOf }),
    starting.startService({ zone: "east", service: "api", version: "v2", statusOf: second.statusOf }),
    starting.startService({ zone: "east", service: "web", calls: ["api"] }),
  ]);
  await starting.settled({ east: 3 });
  await waitFor("both to answer", async () => new Set((await askTimes(10, "/")).map(({ version }) => version)).size === 2);
});

beforeEach(() => {
  first.reset();
  second.reset();
});

function ask(path: string): Promise<HttpAnswer> {
  return http({ url: `http://${client.to("api")}${path}`, timeoutMs: 20_000 });
}

/** One after the other: turns go round, so both endpoints are asked. @throws at a status other than 200. */
async function askTimes(count: number, path: string): Promise<readonly { readonly version: string }[]> {
  const answers = [];
  for (let sent = 0; sent < count; sent += 1) {
    const answer = await ask(path);
    if (answer.status !== 200) throw new Error(`${answer.status} ${answer.body.slice(0, 100)}`);
    answers.push(readAnswer(answer));
  }
  return answers;
}

/** Traffic of the last `count` requests went to v2 alone. */
async function onlySecond(path: string, count = 20): Promise<true> {
  const versions = new Set((await askTimes(count, path)).map(({ version }) => version));
  if (versions.has("v1")) throw new Error("v1 answered");
  return true;
}

/** A policy of either generation for traffic to api. */
interface Generation {
  readonly kind: string;
  readonly path: string;
  readonly document: (conf: object) => object;
}

const newer = (kind: string, path: string): Generation => ({
  kind,
  path,
  document: (conf) => ({
    ...{ type: kind, mesh: "default", name: "resilience" },
    spec: { to: [{ targetRef: { kind: "MeshService", name: "api" }, default: conf }] },
  }),
});

const older = (kind: string, path: string): Generation => ({
  kind,
  path,
  document: (conf) => ({
    ...{ type: kind, mesh: "default", name: "resilience", conf },
    sources: [{ match: { "kuma.io/service": "*" } }],
    destinations: [{ match: { "kuma.io/service": "api" } }],
  }),
});

const apply = ({ document }: Generation, conf: object) => mesh.applyAndConverge(document(conf));

async function remove({ path }: Pick<Generation, "path">, name = "resilience"): Promise<void> {
  const { revision } = await mesh.global.client.delete({ path, mesh: "default", name });
  await mesh.converged(revision);
}

/** The routes, clusters and managers of one proxy in short. */
async function timeoutsIn(service: Service, cluster: string): Promise<object> {
  const dump = JSON.parse(await service.sidecar.configDump()) as { readonly configs: readonly object[] };
  const found = (wanted: (value: Found) => boolean): readonly Found[] => [...objectsIn(dump)].filter(wanted);
  const route = found(({ route: action }) => (action as Found | undefined)?.["cluster"] === cluster)[0]?.["route"] as Found;
  const connect = found((value) => value["name"] === cluster && "connect_timeout" in value)[0]?.["connect_timeout"];
  return { connect, request: route["timeout"], streamIdle: route["idle_timeout"], retries: route["retry_policy"] !== undefined };
}

type Found = Readonly<Record<string, unknown>>;

function* objectsIn(value: unknown): Generator<Found> {
  if (typeof value !== "object" || value === null) return;
  if (!Array.isArray(value)) yield value as Found;
  for (const member of Object.values(value)) yield* objectsIn(member);
}

describe("a mesh", () => {
  it("comes with timeouts and retries", async () => {
    expect(await timeoutsIn(client, "api")).toEqual({ connect: "5s", request: "15s", streamIdle: "1800s", retries: true });
    expect(await timeoutsIn(server, "localhost:17880")).toMatchObject({ connect: "10s", request: "0s", streamIdle: "3600s" });
  });

  it("whose policies are gone has those that MeshTimeout has of itself", async () => {
    await remove({ path: "meshtimeouts" }, "mesh-timeout-all-default");
    await remove({ path: "meshretries" }, "mesh-retry-all-default");
    await remove({ path: "meshcircuitbreakers" }, "mesh-circuit-breaker-all-default");
    const inDump = async (service: Service, cluster: string, expected: object) =>
      waitFor("the config", async () => {
        expect(await timeoutsIn(service, cluster)).toMatchObject(expected);
        return true;
      });
    await inDump(client, "api", { connect: "5s", request: "0s", streamIdle: undefined, retries: false });
    await inDump(server, "localhost:17880", { connect: "5s", request: "15s", streamIdle: "1800s" });
  });
});

describe.each([newer("MeshTimeout", "meshtimeouts"), older("Timeout", "timeouts")])("$kind", (generation) => {
  it("answers 504 when its time is over, and lets pass what is quicker", async () => {
    await apply(generation, { http: { requestTimeout: "300ms" } });
    await waitFor("a timeout", async () => (await ask("/after-1s")).status === 504);
    expect((await ask("/quick")).status).toBe(200);
    await apply(generation, { http: { requestTimeout: "60s" } });
    await waitFor("an answer", async () => (await ask("/after-1s")).status === 200);
    await remove(generation);
  });
});

it("MeshTimeout of an inbound tells clients apart by their certificates", async () => {
  const stranger = await leafOf(await builtinCaOf(mesh), "spiffe://default/stranger");
  const matches = [{ spiffeID: { type: "Exact", value: "spiffe://default/web" } }];
  const rules = [{ default: { http: { requestTimeout: "60s" } } }, { matches, default: { http: { requestTimeout: "300ms" } } }];
  const spec = { targetRef: { kind: "MeshService", name: "api" }, rules };
  await mesh.applyAndConverge({ type: "MeshTimeout", mesh: "default", name: "resilience", spec });
  await waitFor("a timeout", async () => (await ask("/after-1s")).status === 504);
  const url = `https://${server.inbound}/after-1s`;
  expect((await http({ url, identity: stranger, timeoutMs: 20_000 })).status).toBe(200);
  await remove({ path: "meshtimeouts" });
});

const retryConfs = [
  { generation: newer("MeshRetry", "meshretries"), http: { numRetries: 3, retryOn: ["503"] } },
  {
    generation: older("Retry", "retries"),
    http: { numRetries: 3, retriableStatusCodes: [503], retryOn: ["retriable_status_codes"] },
  },
];

describe.each(retryConfs)("$generation.kind", ({ generation, http: conf }) => {
  it("a 503 of one endpoint is tried again on the other", async () => {
    first.answer("/flaky", 503);
    await waitFor("a 503", async () => (await ask("/flaky")).status === 503);
    await apply(generation, { http: conf });
    const seenBefore = await waitFor("answers of v2 alone", async () => {
      const seen = first.seen("/flaky");
      return (await onlySecond("/flaky", 40)) && seen;
    });
    expect(first.seen("/flaky")).toBeGreaterThan(seenBefore);
    await remove(generation);
    await waitFor("a 503", async () => (await ask("/flaky")).status === 503);
  });
});

const ejections = "cluster.api.outlier_detection.ejections_enforced_total";
const detection = { interval: "300ms", baseEjectionTime: "2s", maxEjectionPercent: 100 };
const breakerConfs = [
  {
    generation: newer("MeshCircuitBreaker", "meshcircuitbreakers"),
    outliers: { outlierDetection: { ...detection, healthyPanicThreshold: 0, detectors: { totalFailures: { consecutive: 3 } } } },
    limits: { connectionLimits: { maxConnections: 1, maxPendingRequests: 1, maxRequests: 1 } },
  },
  {
    generation: older("CircuitBreaker", "circuit-breakers"),
    outliers: { ...detection, detectors: { totalErrors: { consecutive: 3 } } },
    limits: { thresholds: { maxConnections: 1, maxPendingRequests: 1, maxRequests: 1 } },
  },
];

describe.each(breakerConfs)("$generation.kind", ({ generation, outliers, limits }) => {
  it("an endpoint that fails gets no traffic for a while, and comes back", async () => {
    first.answer("/failing", 500);
    await apply(generation, outliers);
    await waitFor("v1 to be ejected", () => onlySecond("/failing"));
    expect((await client.sidecar.stats(`${ejections}$`)).get(ejections)).toBeGreaterThan(0);
    first.reset();
    await waitFor("v1 to be back", async () => (await askTimes(1, "/failing"))[0]?.version === "v1");
    await remove(generation);
  });

  it("a request beyond the limit is refused at once", async () => {
    await apply(generation, limits);
    const held = ask("/held");
    await waitFor("a request under way", () => first.holds + second.holds === 1);
    const refused = await ask("/");
    expect([refused.status, refused.headers["x-envoy-overloaded"]]).toEqual([503, "true"]);
    for (const workload of [first, second]) workload.release();
    expect((await held).status).toBe(200);
    await remove(generation);
  });
});

it("MeshCircuitBreaker of an inbound refuses what neither has a connection nor may wait for one", async () => {
  const rules = [{ default: { connectionLimits: { maxConnections: 1, maxPendingRequests: 1 } } }];
  const spec = { targetRef: { kind: "MeshService", name: "api" }, rules };
  await mesh.applyAndConverge({ type: "MeshCircuitBreaker", mesh: "default", name: "resilience", spec });
  const statuses: number[] = [];
  const send = async () => statuses.push((await ask("/held")).status);
  const held: Promise<number>[] = [];
  for (const count of [1, 2]) {
    held.push(send());
    await waitFor("a request under way", () => first.holds + second.holds === count);
  }
  // Each of the two endpoints has its one connection in use. Of six more requests, each lets one wait.
  const more = Promise.all(Array.from({ length: 6 }, send));
  await waitFor("four refusals", () => statuses.length === 4);
  expect(statuses).toEqual([503, 503, 503, 503]);
  for (const workload of [first, second]) workload.release();
  await Promise.all([...held, more]);
  expect(statuses.slice(4)).toEqual([200, 200, 200, 200]);
  await remove({ path: "meshcircuitbreakers" });
});

const often = { interval: "200ms", noTrafficInterval: "200ms", timeout: "2s", unhealthyThreshold: 1, healthyThreshold: 1 };
const checks = [newer("MeshHealthCheck", "meshhealthchecks"), older("HealthCheck", "health-checks")];

describe.each(checks)("$kind", (generation) => {
  it("takes an endpoint out while it says that it is ill, and takes it back", async () => {
    await apply(generation, { ...often, healthyPanicThreshold: 0, http: { path: "/alive" } });
    first.answer("/alive", 503);
    await waitFor("v1 to be out", () => onlySecond("/"));
    first.reset();
    await waitFor("v1 to be back", async () => (await askTimes(1, "/"))[0]?.version === "v1");
    await remove(generation);
  });
});
