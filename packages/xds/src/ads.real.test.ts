import { edsCluster, typeUrls } from "@meridian/envoy";
import { type EchoUpstream, freePorts, startEcho, startEnvoy, type TestEnvoy, waitFor } from "@meridian/testkit";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type TestConfig, TestControlPlane } from "./testing/test-control-plane.ts";
import { get, startLoad } from "./testing/traffic.ts";

let upstreams: readonly EchoUpstream[] = [];
beforeAll(async () => {
  upstreams = await Promise.all(["one", "two"].map((name) => startEcho({ name })));
});
afterAll(async () => {
  await Promise.all(upstreams.map((upstream) => upstream.stop()));
});

function portOf(index: number): number {
  return upstreams[index]?.port ?? 0;
}

function assignment(clusterName: string, port: number): object {
  const address = { socketAddress: { address: "127.0.0.1", portValue: port } };
  return { clusterName, endpoints: [{ lbEndpoints: [{ endpoint: { address } }] }] };
}

function listener(port: number, statPrefix = "in"): object {
  return {
    name: "in",
    address: { socketAddress: { address: "127.0.0.1", portValue: port } },
    filterChains: [
      {
        filters: [
          {
            name: "envoy.filters.network.http_connection_manager",
            typedConfig: {
              "@type": "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
              statPrefix,
              rds: { routeConfigName: "main", configSource: { ads: {}, resourceApiVersion: "V3", initialFetchTimeout: "0s" } },
              httpFilters: [
                {
                  name: "envoy.filters.http.router",
                  typedConfig: { "@type": "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router" },
                },
              ],
            },
          },
        ],
      },
    ],
  };
}

function route(cluster: string): object {
  const toCluster = { match: { prefix: "/" }, route: { cluster } };
  return { name: "main", virtualHosts: [{ name: "all", domains: ["*"], routes: [toCluster] }] };
}

/** One cluster behind one listener. */
function simple(listenPort: number, cluster: string, upstreamPort: number): TestConfig {
  return {
    cluster: [edsCluster({ name: cluster, connectTimeoutMs: 1_000 })],
    endpoint: [assignment(cluster, upstreamPort)],
    listener: [listener(listenPort)],
    route: [route(cluster)],
  };
}

describe.each(["delta", "sotw"] as const)("a real Envoy over %s", (mode) => {
  let controlPlane: TestControlPlane;
  let envoy: TestEnvoy;
  let listenPort = 0;
  const acknowledged = (generation: number): Promise<boolean> =>
    waitFor(`generation ${generation} to be acknowledged`, () => controlPlane.acknowledged >= generation, { timeoutMs: 10_000 });
  const answersFrom = (name: string): Promise<unknown> =>
    waitFor(`an answer from ${name}`, async () => (await get(listenPort, "/")).body.includes(`"name":"${name}"`));

  beforeEach(async () => {
    [listenPort = 0] = await freePorts(1);
    controlPlane = new TestControlPlane();
    await controlPlane.start();
    const generation = controlPlane.push(simple(listenPort, "web", portOf(0)));
    envoy = await startEnvoy({ bootstrapYaml: controlPlane.bootstrapYaml(mode) });
    await acknowledged(generation);
  });
  afterEach(async () => {
    await envoy.stop();
    await controlPlane.stop();
  });

  it("says hello, gets its config, and traffic flows", async () => {
    expect(controlPlane.hellos).toHaveLength(1);
    expect(controlPlane.hellos[0]).toMatchObject({
      mode,
      nodeId: "default.test",
      nodeCluster: "test",
      metadata: { "dataplane.proxyType": "dataplane" },
      userAgent: { name: "envoy", version: "1.40.0" },
      authorization: ["a-token"],
    });
    expect(controlPlane.hellos[0]?.peer).toContain("127.0.0.1");
    expect(JSON.parse((await get(listenPort, "/hello")).body)).toMatchObject({ name: "one", path: "/hello" });
    expect(controlPlane.sent).toEqual([typeUrls.cluster, typeUrls.endpoint, typeUrls.listener, typeUrls.route]);
  });

  it("takes an endpoint change in one response", async () => {
    controlPlane.sent.length = 0;
    await acknowledged(controlPlane.push(simple(listenPort, "web", portOf(1))));
    expect(controlPlane.sent).toEqual([typeUrls.endpoint]);
    await answersFrom("two");
  });

  it("takes a change of a cluster that is in use, which warms up again", async () => {
    const changed = { ...simple(listenPort, "web", portOf(0)), cluster: [edsCluster({ name: "web", connectTimeoutMs: 2_000 })] };
    await acknowledged(controlPlane.push(changed));
    await waitFor("the new cluster", async () => JSON.stringify(await envoy.configDump()).includes('"connect_timeout":"2s"'));
    expect(await envoy.stat("cluster_manager.warming_clusters")).toBe(0);
    expect((await get(listenPort, "/")).status).toBe(200);
  });

  it("keeps the last good listener when it refuses a new one, and says which it is", async () => {
    const good = simple(listenPort, "web", portOf(0));
    const before = controlPlane.acknowledged;
    const generation = controlPlane.push({ ...good, listener: [listener(listenPort, "")] });
    const nack = await waitFor("a NACK", () => controlPlane.nacks[0]);
    expect(nack).toMatchObject({ typeUrl: typeUrls.listener, generation });
    expect(nack.message).toContain("StatPrefix");
    expect(nack.resources).toEqual([{ name: "in", origins: ["Test/default/listener"] }]);
    expect((await get(listenPort, "/")).status).toBe(200);
    expect(controlPlane.acknowledged).toBe(before);
    await acknowledged(controlPlane.push(good));
  });

  it("moves traffic to a new cluster and removes the old one without losing a request", async () => {
    const load = startLoad(listenPort, 6);
    for (let round = 0; round < 25; round++) {
      const generation = controlPlane.push(simple(listenPort, `web-${round}`, portOf(round % 2)));
      await acknowledged(generation);
      const seen = load.answered;
      await waitFor("traffic through it", () => load.answered > seen + 20);
    }
    await load.stop();
    expect(load.failures).toEqual([]);
    expect(controlPlane.nacks).toEqual([]);
    expect(await envoy.stat("cluster_manager.active_clusters")).toBe(2);
  });

  it("goes on after the control plane was away, under load", async () => {
    const load = startLoad(listenPort, 4);
    const { port } = controlPlane;
    await controlPlane.stop();
    expect(controlPlane.closedStreams).toBe(1);
    const seen = load.answered;
    await waitFor("traffic without a control plane", () => load.answered > seen + 50);
    controlPlane.sent.length = 0;
    await controlPlane.start(port);
    await waitFor("a second stream", () => controlPlane.hellos.length === 2);
    await acknowledged(controlPlane.push(simple(listenPort, "web-2", portOf(1))));
    await answersFrom("two");
    await load.stop();
    expect(load.failures).toEqual([]);
  });
});

describe("a reconnect over delta", () => {
  let controlPlane: TestControlPlane;
  let envoy: TestEnvoy;
  let listenPort = 0;

  /** Lets the control plane be away while `config` becomes what is desired. */
  async function comeBackWith(config: TestConfig): Promise<void> {
    const { port } = controlPlane;
    await controlPlane.stop();
    const generation = controlPlane.push(config);
    controlPlane.sent.length = 0;
    await controlPlane.start(port);
    await waitFor("the config to be acknowledged", () => controlPlane.acknowledged === generation);
  }

  beforeEach(async () => {
    [listenPort = 0] = await freePorts(1);
    controlPlane = new TestControlPlane();
    await controlPlane.start();
    const generation = controlPlane.push(simple(listenPort, "web", portOf(0)));
    envoy = await startEnvoy({ bootstrapYaml: controlPlane.bootstrapYaml("delta") });
    await waitFor("the first config", () => controlPlane.acknowledged === generation);
  });
  afterEach(async () => {
    await envoy.stop();
    await controlPlane.stop();
  });

  it("sends nothing to a proxy that already holds everything", async () => {
    await comeBackWith(simple(listenPort, "web", portOf(0)));
    expect(controlPlane.sent).toEqual([]);
  });

  it("warms a cluster that changed meanwhile, though its endpoints did not", async () => {
    const changed = { ...simple(listenPort, "web", portOf(0)), cluster: [edsCluster({ name: "web", connectTimeoutMs: 2_000 })] };
    await comeBackWith(changed);
    await waitFor("the new cluster", async () => JSON.stringify(await envoy.configDump()).includes('"connect_timeout":"2s"'));
    expect(controlPlane.sent).toEqual([typeUrls.cluster, typeUrls.endpoint]);
    expect(await envoy.stat("cluster_manager.warming_clusters")).toBe(0);
  });
});
