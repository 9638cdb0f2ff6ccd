import { waitFor } from "@meridian/testkit";
import { beforeAll, describe, expect, it } from "vitest";
import { DataPlane } from "../harness/data-plane.ts";
import { meshWithMtls, secret, trafficPermission } from "../harness/documents.ts";
import { type HttpAnswer, http } from "../harness/http.ts";
import { builtinCaOf, leafOf } from "../harness/identity.ts";
import { useMesh } from "../harness/mesh.ts";
import { readAnswer } from "../harness/traffic.ts";
import { Workload } from "../harness/workload.ts";

const orders = new Workload();
let gateway: DataPlane;
let host: string;

const mesh = useMesh(async (starting) => {
  await starting.startGlobal();
  const [east] = await Promise.all([starting.startZone("east"), starting.startZone("west")]);
  await starting.applyAndConverge(meshWithMtls(), trafficPermission("edge", "orders"), trafficPermission("edge", "orders-next"));
  host = starting.world.network.at(east.index, 9);
  const tags = { "kuma.io/service": "edge" };
  gateway = new DataPlane(starting.world, {
    ...{ name: "edge-1", type: "dataplane", controlPlane: east.dataPlaneServer, caCertFile: east.caCertFile },
    resource: {
      ...{ type: "Dataplane", mesh: "default", name: "edge-1" },
      networking: { address: host, gateway: { type: "BUILTIN", tags } },
    },
    token: await starting.global.client.token("dataplane", {
      mesh: "default",
      tags: { "kuma.io/service": ["edge"] },
      validFor: "1h",
    }),
  });
  await Promise.all([
    starting.startIngress("west"),
    starting.startService({ zone: "east", service: "orders", statusOf: orders.statusOf }),
    starting.startService({ zone: "west", service: "orders-next" }),
    gateway.start(),
  ]);
  await starting.settled({ east: 2, west: 2 });
});

const listeners = [
  { port: 8080, protocol: "HTTP", hostname: "*.shop.example", tags: { door: "plain" } },
  { port: 8443, protocol: "HTTPS", hostname: "shop.example", tags: { door: "secure" }, tls: ended("shop-cert") },
  { port: 8443, protocol: "HTTPS", hostname: "late.example", tags: { door: "secure" }, tls: ended("late-cert") },
  { port: 9000, protocol: "TCP", tags: { door: "bytes" } },
  { port: 9443, protocol: "TLS", tags: { door: "bytes" }, tls: ended("shop-cert") },
];

function ended(certificate: string): object {
  return { mode: "TERMINATE", certificates: [{ secret: certificate }] };
}

const selectors = (door: string) => [{ match: { "kuma.io/service": "edge", door } }];
const backend = (service: string, weight = 1) => ({ weight, destination: { "kuma.io/service": service } });
const prefix = (value: string) => [{ path: { match: "PREFIX", value } }];

const meshGateway = {
  ...{ type: "MeshGateway", mesh: "default", name: "edge" },
  ...{ selectors: [{ match: { "kuma.io/service": "edge" } }], conf: { listeners } },
};

const shop = {
  ...{ type: "MeshGatewayRoute", mesh: "default", name: "shop", selectors: selectors("plain") },
  conf: {
    http: {
      rules: [
        { matches: prefix("/"), backends: [backend("orders")] },
        { matches: prefix("/split"), backends: [backend("orders", 80), backend("orders-next", 20)] },
        { matches: prefix("/api"), filters: [{ rewrite: { replacePrefixMatch: "/" } }], backends: [backend("orders")] },
        {
          matches: [{ path: { match: "EXACT", value: "/old" } }],
          filters: [{ redirect: { scheme: "https", hostname: "shop.example", statusCode: 301 } }],
        },
      ],
    },
  },
};
const named = {
  ...{ type: "MeshGatewayRoute", mesh: "default", name: "named", selectors: selectors("plain") },
  conf: {
    http: { hostnames: ["next.shop.example"], rules: [{ matches: prefix("/split"), backends: [backend("orders-next")] }] },
  },
};
const secure = {
  ...{ type: "MeshGatewayRoute", mesh: "default", name: "secure", selectors: selectors("secure") },
  conf: { http: { rules: [{ matches: prefix("/"), backends: [backend("orders")] }] } },
};
const bytes = {
  ...{ type: "MeshGatewayRoute", mesh: "default", name: "bytes", selectors: selectors("bytes") },
  conf: { tcp: { rules: [{ backends: [backend("orders")] }] } },
};

function ask(path: string, name = "www.shop.example", port = 8080): Promise<HttpAnswer> {
  const scheme = port === 8443 || port === 9443 ? "https" : "http";
  return http({ url: `${scheme}://${host}:${port}${path}`, headers: { host: name }, timeoutMs: 20_000 });
}

async function servedBy(path: string, name?: string, port?: number) {
  const answer = await ask(path, name, port);
  if (answer.status !== 200) throw new Error(`${answer.status} ${answer.body.slice(0, 200)}`);
  return readAnswer(answer);
}

async function certificate(): Promise<string> {
  const { certPem, keyPem } = await leafOf(await builtinCaOf(mesh), "spiffe://default/shop");
  return `${keyPem}\n${certPem}`;
}

beforeAll(async () => {
  await mesh.applyAndConverge(meshGateway, shop, named, secure, bytes, secret("shop-cert", await certificate()));
  await waitFor("the gateway to answer", () => servedBy("/"));
  await waitFor("the other zone", () => servedBy("/split", "next.shop.example"));
});

describe("a listener for HTTP", () => {
  it("leads into the mesh with the gateway's own identity", async () => {
    const { service, caller, headers } = await servedBy("/");
    expect({ service, caller }).toEqual({ service: "orders", caller: "spiffe://default/edge" });
    expect(headers).not.toHaveProperty("x-kuma-tags");
  });

  it("answers 404 for a host that it does not have", async () => {
    expect((await ask("/", "elsewhere.example")).status).toBe(404);
  });

  it("has routes by host name, and those for all hosts beside them", async () => {
    expect((await servedBy("/split", "next.shop.example")).service).toBe("orders-next");
    expect((await servedBy("/", "next.shop.example")).service).toBe("orders");
  });

  it("shares requests by weight, across zones", async () => {
    const answers = await Promise.all(Array.from({ length: 300 }, () => servedBy("/split")));
    const elsewhere = answers.filter(({ service, zone }) => service === "orders-next" && zone === "west").length;
    // 60 expected, standard deviation 7.
    expect(elsewhere).toBeGreaterThan(20);
    expect(elsewhere).toBeLessThan(100);
  });

  it("rewrites paths and redirects", async () => {
    expect((await servedBy("/api/carts?id=1")).path).toBe("/carts?id=1");
    const { status, headers } = await ask("/old");
    expect({ status, location: headers["location"] }).toEqual({ status: 301, location: "https://shop.example:443/old" });
  });

  it("needs a permission for the gateway", async () => {
    await mesh.applyAndConverge(trafficPermission("nobody", "orders", "edge-to-orders"));
    await waitFor("a refusal", async () => [403, 503].includes((await ask("/")).status));
    await mesh.applyAndConverge(trafficPermission("edge", "orders"));
    await waitFor("an answer", () => servedBy("/"));
  });
});

it("a listener for HTTPS shows the certificate of a Secret", async () => {
  await waitFor("an answer over TLS", () => servedBy("/", "shop.example", 8443));
  expect((await ask("/", "shop.example", 8443)).headers["strict-transport-security"]).toContain("max-age=31536000");
});

it("a listener whose certificate is missing says so, and takes connections once it is there", async () => {
  await expect(ask("/", "late.example", 8443)).rejects.toThrow();
  await waitFor("the status", async () => expect(JSON.stringify(await statusOfGateway())).toContain("secret late-cert"));
  await mesh.applyAndConverge(secret("late-cert", await certificate()));
  await waitFor("an answer over TLS", () => servedBy("/", "late.example", 8443));
  await waitFor("the status", async () => expect(JSON.stringify(await statusOfGateway())).not.toContain("late-cert"));
});

function statusOfGateway(): Promise<unknown> {
  return mesh.global.json("/meshes/default/meshgateways/edge/_status");
}

it("listeners for TCP and TLS pass bytes on", async () => {
  expect((await servedBy("/as-it-is", "anything", 9000)).path).toBe("/as-it-is");
  expect((await servedBy("/as-it-is", "anything", 9443)).path).toBe("/as-it-is");
});

describe("policies", () => {
  const toGateway = (kind: string, conf: object) => ({
    ...{ type: kind, mesh: "default", name: "edge" },
    spec: {
      targetRef: { kind: "MeshGateway", name: "edge", tags: { door: "plain" } },
      to: [{ targetRef: { kind: "Mesh" }, default: conf }],
    },
  });

  async function remove(path: string): Promise<void> {
    const { revision } = await mesh.global.client.delete({ path, mesh: "default", name: "edge" });
    await mesh.converged(revision);
  }

  it("MeshRateLimit limits what comes in", async () => {
    const limit = { local: { http: { requestRate: { num: 5, interval: "1h" } } } };
    await mesh.applyAndConverge(toGateway("MeshRateLimit", limit));
    await waitFor("a limit", async () => (await ask("/limited")).status === 429);
    const statuses = await Promise.all(Array.from({ length: 20 }, async () => (await ask("/api")).status));
    expect(statuses.filter((status) => status === 200)).toHaveLength(5);
    expect((await ask("/", "shop.example", 8443)).status).toBe(200);
    await remove("meshratelimits");
    await waitFor("an answer", () => servedBy("/limited"));
  });

  it("MeshTimeout ends a request that takes long", async () => {
    await mesh.applyAndConverge(toGateway("MeshTimeout", { http: { requestTimeout: "300ms" } }));
    await waitFor("a timeout", async () => (await ask("/after-1s")).status === 504);
    await remove("meshtimeouts");
    await waitFor("an answer", () => servedBy("/after-1s"));
  });

  it("RateLimit, of the older generation, keeps at the gateway what is too much", async () => {
    await mesh.applyAndConverge({
      ...{ type: "RateLimit", mesh: "default", name: "edge", conf: { http: { requests: 5, interval: "1h" } } },
      sources: [{ match: { "kuma.io/service": "edge" } }],
      destinations: [{ match: { "kuma.io/service": "orders" } }],
    });
    await waitFor("a limit", async () => (await ask("/")).status === 429);
    const counters = await gateway.stats("rate_limit.http_local_rate_limit.rate_limited$");
    expect([...counters.values()].reduce((sum, count) => sum + count, 0)).toBeGreaterThan(0);
    await remove("rate-limits");
    await waitFor("an answer", () => servedBy("/"));
  });

  it("FaultInjection at the destination knows the gateway by its tags", async () => {
    await mesh.applyAndConverge({
      ...{ type: "FaultInjection", mesh: "default", name: "edge", conf: { abort: { percentage: 100, httpStatus: 418 } } },
      sources: [{ match: { "kuma.io/service": "edge" } }],
      destinations: [{ match: { "kuma.io/service": "orders", "kuma.io/protocol": "http" } }],
    });
    await waitFor("a fault", async () => (await ask("/")).status === 418);
    await remove("fault-injections");
    await waitFor("an answer", () => servedBy("/"));
  });

  it("MeshHTTPRoute takes the place of the gateway's routes", async () => {
    const matches = [{ path: { type: "PathPrefix", value: "/" } }];
    const default_ = { backendRefs: [{ kind: "MeshService", name: "orders-next" }] };
    const to = [{ targetRef: { kind: "Mesh" }, hostnames: ["www.shop.example"], rules: [{ matches, default: default_ }] }];
    const spec = { targetRef: { kind: "MeshGateway", name: "edge", tags: { door: "plain" } }, to };
    await mesh.applyAndConverge({ type: "MeshHTTPRoute", mesh: "default", name: "edge", spec });
    await waitFor("the route", async () => (await servedBy("/")).service === "orders-next");
    expect((await ask("/", "other.shop.example")).status).toBe(404);
    await remove("meshhttproutes");
    await waitFor("the gateway's own", async () => (await servedBy("/")).service === "orders");
  });
});
