import { readFileSync } from "node:fs";
import { join } from "node:path";
import { waitFor } from "@meridian/testkit";
import { expect, it } from "vitest";
import {
  type OtlpCollector,
  startMetricsApplication,
  startOtlpCollector,
  startTcpCollector,
  startZipkinCollector,
  type TextCollector,
  type ZipkinCollector,
} from "../harness/collector.ts";
import { meshWithMtls, trafficPermission } from "../harness/documents.ts";
import { http } from "../harness/http.ts";
import { askOverTls, builtinCaOf, leafOf } from "../harness/identity.ts";
import { useMesh } from "../harness/mesh.ts";
import type { Service } from "../harness/service.ts";

const logPort = 17_500;
const otlpPort = 17_501;
const zipkinPort = 17_502;
const applicationMetricsPort = 17_503;
const prometheusPort = 17_504;
const securePort = 17_505;
const discoveryPort = 17_506;

let web: Service;
let orders: Service;
let otlp: OtlpCollector;
let lines: TextCollector;
let zipkin: ZipkinCollector;

const mesh = useMesh(async (starting) => {
  const { world } = starting;
  await starting.startGlobal();
  await starting.startZone("east", { args: ["--mads-listen", `${collectorHost()}:${discoveryPort}`] });
  otlp = world.own(await startOtlpCollector(`${collectorHost()}:${otlpPort}`));
  lines = world.own(await startTcpCollector(collectorHost(), logPort));
  zipkin = world.own(await startZipkinCollector(collectorHost(), zipkinPort));
  await starting.applyAndConverge(observedMesh(), trafficPermission("*", "*"));
  [web, orders] = await Promise.all([
    starting.startService({ zone: "east", service: "web", calls: ["orders"] }),
    starting.startService({ zone: "east", service: "orders" }),
  ]);
  world.own(await startMetricsApplication(web.host, applicationMetricsPort, "# TYPE shop_baskets gauge\nshop_baskets 7\n"));
  await starting.settled({ east: 2 });
  await waitFor("orders to answer", async () => (await ask("/")) === 200);
});

function collectorHost(): string {
  return mesh.world.network.at(9, 1);
}

/** With backends for the source/destination policies. */
function observedMesh(): object {
  const backends = [
    { name: "file", type: "file", format: "legacy %KUMA_SOURCE_SERVICE% %REQ(:PATH)%", conf: { path: fileOf("legacy.log") } },
    {
      ...{ name: "tcp", type: "tcp", conf: { address: `${collectorHost()}:${logPort}` } },
      format: "legacy of %KUMA_SOURCE_SERVICE% to %KUMA_DESTINATION_SERVICE% %REQ(:PATH)% %RESPONSE_CODE%",
    },
  ];
  const url = `http://${collectorHost()}:${zipkinPort}/api/v2/spans`;
  return {
    ...meshWithMtls(),
    logging: { defaultBackend: "file", backends },
    tracing: { defaultBackend: "zipkin", backends: [{ name: "zipkin", type: "zipkin", conf: { url } }] },
  };
}

function fileOf(name: string): string {
  return join(mesh.world.directory, name);
}

function ask(path: string): Promise<number> {
  return http({ url: `http://${web.to("orders")}${path}` }).then(({ status }) => status);
}

/** What is logged of one request, once it is. */
function logged(read: () => string, path: string): Promise<string> {
  return waitFor(`a log of ${path}`, async () => {
    await ask(path);
    return read()
      .split("\n")
      .find((line) => line.includes(path));
  });
}

function accessLog(name: string, spec: object): object {
  return { type: "MeshAccessLog", mesh: "default", name, spec };
}

const any = [{ match: { "kuma.io/service": "*" } }];
function trafficLog(name: string, backend?: string): object {
  return { type: "TrafficLog", mesh: "default", name, sources: any, destinations: any, ...(backend && { conf: { backend } }) };
}

function plain(text: string): object {
  return { format: { type: "Plain", plain: text } };
}

it("access logs in files: of the client in the default format, of the server with who called", async () => {
  const [sent, received, byWeb] = ["sent.log", "received.log", "by-web.log"].map(fileOf);
  await mesh.applyAndConverge(
    accessLog("sent", {
      targetRef: { kind: "MeshService", name: "web" },
      to: [{ targetRef: { kind: "Mesh" }, default: { backends: [{ type: "File", file: { path: sent } }] } }],
    }),
    accessLog("received", {
      targetRef: { kind: "MeshService", name: "orders" },
      rules: [
        {
          default: {
            backends: [
              {
                type: "File",
                file: {
                  path: received,
                  ...plain("from %KUMA_SOURCE_ADDRESS_WITHOUT_PORT% to %KUMA_DESTINATION_SERVICE% %REQ(:PATH)%"),
                },
              },
            ],
          },
        },
        {
          matches: [{ spiffeID: { type: "Exact", value: "spiffe://default/web" } }],
          default: { backends: [{ type: "File", file: { path: byWeb, ...plain("web %REQ(:PATH)%") } }] },
        },
        {
          matches: [{ spiffeID: { type: "Exact", value: "spiffe://default/nobody" } }],
          default: { backends: [{ type: "File", file: { path: fileOf("nobody.log") } }] },
        },
      ],
    }),
  );
  const line = await logged(() => readFileSync(sent ?? "", "utf8"), "/in-a-file");
  expect(line).toMatch(/^\[\d{4}-\S+\] default "GET \/in-a-file HTTP\/1\.1" 200 - 0 \d+ \d+ \d+ /);
  expect(line.endsWith(`"web" "orders" "${web.host}" "${orders.inbound}"`)).toBe(true);
  expect(await logged(() => readFileSync(received ?? "", "utf8"), "/received")).toMatch(/^from 127\.\S+ to orders \/received$/);
  expect(await logged(() => readFileSync(byWeb ?? "", "utf8"), "/by-web")).toBe("web /by-web");
  expect(readFileSync(fileOf("nobody.log"), "utf8")).toBe("");
});

it("access logs over TCP, of both generations, each line where and as it should be", async () => {
  const json = [
    { key: "path", value: "%REQ(:PATH)%" },
    { key: "to", value: "%KUMA_DESTINATION_SERVICE%" },
  ];
  const tcp = { address: `${collectorHost()}:${logPort}`, format: { type: "Json", json } };
  const backends = [{ type: "Tcp", tcp }];
  await mesh.applyAndConverge(
    trafficLog("all", "tcp"),
    accessLog("sent", { to: [{ targetRef: { kind: "Mesh" }, default: { backends } }] }),
  );
  await logged(lines.text, "/over-tcp");
  await waitFor("both generations", () => {
    const seen = new Set(lines.text().split("\n"));
    return seen.has('{"path":"/over-tcp","to":"orders"}') && seen.has("legacy of web to orders /over-tcp 200");
  });
  await mesh.applyAndConverge(
    trafficLog("all"),
    accessLog("sent", { to: [{ targetRef: { kind: "Mesh" }, default: { backends: [] } }] }),
  );
  expect(await logged(() => readFileSync(fileOf("legacy.log"), "utf8"), "/legacy-file")).toBe("legacy web /legacy-file");
});

it("access logs to an OpenTelemetry collector; a route can have its own, or none", async () => {
  const backend = {
    ...{ type: "MeshOpenTelemetryBackend", mesh: "default", name: "main" },
    spec: { endpoint: { address: collectorHost(), port: otlpPort } },
  };
  const route = {
    ...{ type: "MeshHTTPRoute", mesh: "default", name: "quiet" },
    spec: {
      to: [
        {
          targetRef: { kind: "MeshService", name: "orders" },
          rules: [{ matches: [{ path: { type: "PathPrefix", value: "/quiet" } }], default: {} }],
        },
      ],
    },
  };
  const openTelemetry = {
    backendRef: { kind: "MeshOpenTelemetryBackend", name: "main" },
    attributes: [{ key: "path", value: "%REQ(:PATH)%" }],
    body: { stringValue: "%KUMA_SOURCE_SERVICE% asks %KUMA_DESTINATION_SERVICE%" },
  };
  await mesh.applyAndConverge(
    backend,
    route,
    accessLog("sent", {
      to: [
        { targetRef: { kind: "Mesh" }, default: { backends: [{ type: "OpenTelemetry", openTelemetry }] } },
        { targetRef: { kind: "MeshHTTPRoute", name: "quiet" }, default: { backends: [] } },
      ],
    }),
  );
  const collected = await waitFor("a log record", async () => {
    await ask("/quiet/request");
    await ask("/to-a-collector");
    return otlp.logs.find(({ attributes }) => attributes["path"] === "/to-a-collector");
  });
  expect(collected).toMatchObject({ body: "web asks orders", resource: { "kuma.mesh": "default", "kuma.zone": "east" } });
  expect(otlp.logs.filter(({ attributes }) => attributes["path"]?.startsWith("/quiet"))).toEqual([]);
});

function trace(conf: object): object {
  return { type: "MeshTrace", mesh: "default", name: "all", spec: { default: conf } };
}

it("spans of client and server to Zipkin, one trace, with the tags that were asked for", async () => {
  const tags = [
    { name: "team", literal: "core" },
    { name: "client", header: { name: "x-client", default: "none" } },
  ];
  const url = `http://${collectorHost()}:${zipkinPort}/api/v2/spans`;
  await mesh.applyAndConverge(trace({ backends: [{ type: "Zipkin", zipkin: { url } }], tags }));
  const spans = await waitFor("a span of either side", async () => {
    await http({ url: `http://${web.to("orders")}/traced`, headers: { "x-client": "tester" } });
    const ofRequest = zipkin.spans.filter(({ tags: seen }) => seen?.["http.url"]?.endsWith("/traced"));
    const servers = new Map(ofRequest.filter(({ kind }) => kind === "SERVER").map((span) => [span["traceId"], span]));
    const client = ofRequest.find(({ kind, traceId }) => kind === "CLIENT" && servers.has(traceId));
    const server = servers.get(client?.["traceId"]);
    return client && server && [client, server];
  });
  const expected = { team: "core", client: "tester", "kuma.mesh": "default", "kuma.zone": "east", "http.status_code": "200" };
  for (const { tags: seen } of spans) expect(seen).toMatchObject(expected);
});

it("spans to an OpenTelemetry collector; none where sampling says so", async () => {
  const openTelemetry = { backendRef: { kind: "MeshOpenTelemetryBackend", name: "main" } };
  await mesh.applyAndConverge(trace({ backends: [{ type: "OpenTelemetry", openTelemetry }] }));
  const of = (path: string) => otlp.spans.filter(({ attributes }) => attributes["http.url"]?.endsWith(path));
  await waitFor("a span of either side", async () => {
    await ask("/to-otlp");
    return new Set(of("/to-otlp").map(({ resource }) => resource["service.name"])).size === 2;
  });
  await mesh.applyAndConverge(trace({ backends: [{ type: "OpenTelemetry", openTelemetry }], sampling: { overall: 0 } }));
  await ask("/not-sampled");
  await mesh.applyAndConverge(trace({ backends: [{ type: "OpenTelemetry", openTelemetry }] }));
  await waitFor("a later span", async () => {
    await ask("/sampled-again");
    return of("/sampled-again").length > 0;
  });
  expect(of("/not-sampled")).toEqual([]);
});

it("spans of a TrafficTrace, to the backend that the mesh has by default", async () => {
  await mesh.global.client.delete({ path: "meshtraces", mesh: "default", name: "all" });
  const selectors = [{ match: { "kuma.io/service": "web" } }];
  await mesh.applyAndConverge({ type: "TrafficTrace", mesh: "default", name: "web", selectors });
  await waitFor("a span of web", async () => {
    await ask("/legacy-trace");
    return zipkin.spans.some(({ tags }) => tags?.["http.url"]?.endsWith("/legacy-trace"));
  });
});

/** Once there are any. */
function metrics(address: string, fits: (text: string) => boolean): Promise<string> {
  return waitFor(`metrics at ${address}`, async () => {
    const { status, body } = await http({ url: `http://${address}` });
    return status === 200 && fits(body) && body;
  });
}

const ofOrders = /^envoy_cluster_upstream_rq\{envoy_response_code="200",envoy_cluster_name="orders"\} \d+$/m;

/** Where a Prometheus of this name is told to read metrics. */
async function discovered(id: string): Promise<readonly string[]> {
  const { body } = await http({
    ...{ url: `http://${collectorHost()}:${discoveryPort}/v3/discovery:monitoringassignments`, method: "POST" },
    ...{ body: JSON.stringify({ node: { id } }), headers: { "content-type": "application/json" } },
  });
  const { resources } = JSON.parse(body) as {
    readonly resources: readonly { readonly targets: readonly { address: string }[] }[];
  };
  return resources.flatMap(({ targets }) => targets.map(({ address }) => address));
}

it("a Prometheus reads Envoy's metrics and an application's together; over mTLS only whom the mesh knows", async () => {
  const application = { name: "shop", port: applicationMetricsPort, address: web.host };
  const backends = [
    { type: "Prometheus", prometheus: { port: prometheusPort } },
    {
      type: "Prometheus",
      prometheus: { clientId: "secure", port: securePort, path: "/", tls: { mode: "ActiveMTLSBackend" } },
    },
  ];
  const exclude = [{ type: "Prefix", match: "envoy_server" }];
  const sidecar = { profiles: { appendProfiles: [{ name: "All" }], exclude } };
  const spec = {
    targetRef: { kind: "MeshService", name: "web" },
    default: { sidecar, applications: [application], backends },
  };
  await mesh.applyAndConverge({ type: "MeshMetric", mesh: "default", name: "web", spec });
  await ask("/measured");
  const text = await metrics(`${web.host}:${prometheusPort}/metrics`, (body) => ofOrders.test(body));
  expect(text).toContain("# TYPE shop_baskets gauge\nshop_baskets 7\n");
  expect(text).toContain('meridian_application_up{application="shop"} 1\n');
  expect(text).not.toContain("envoy_server");
  expect(await discovered("somebody")).toEqual([`${web.host}:${prometheusPort}`]);
  const secure = `${web.host}:${securePort}`;
  const prometheus = await leafOf(await builtinCaOf(mesh), "spiffe://default/prometheus");
  const trusted = await waitFor("metrics over mTLS", async () => {
    const answer = await askOverTls(secure, prometheus);
    return "status" in answer && answer;
  });
  expect(trusted.body).toMatch(ofOrders);
  expect(await askOverTls(secure)).toHaveProperty("refused");
});

it("the Mesh's own metrics, narrowed down, with an application that it names", async () => {
  await mesh.global.client.delete({ path: "meshmetrics", mesh: "default", name: "web" });
  const aggregate = [{ name: "shop", port: applicationMetricsPort, address: web.host }];
  const envoy = { filterRegex: "cluster.orders.upstream_rq", usedOnly: true };
  const conf = { port: prometheusPort, path: "/stats", tls: { mode: "disabled" }, envoy, aggregate };
  const backends = [{ name: "main", type: "prometheus", conf }];
  await mesh.applyAndConverge({ ...observedMesh(), metrics: { enabledBackend: "main", backends } });
  await ask("/measured");
  const text = await metrics(`${web.host}:${prometheusPort}/stats`, (body) => ofOrders.test(body));
  expect(text).toContain("shop_baskets 7");
  expect(text).not.toContain("envoy_server");
});

it("metrics are pushed to an OpenTelemetry collector, with what tells the proxy", async () => {
  const application = { name: "shop", port: applicationMetricsPort, address: web.host };
  const openTelemetry = { backendRef: { kind: "MeshOpenTelemetryBackend", name: "main" }, refreshInterval: "1s" };
  const spec = {
    targetRef: { kind: "MeshService", name: "web" },
    default: { applications: [application], backends: [{ type: "OpenTelemetry", openTelemetry }] },
  };
  await mesh.applyAndConverge({ type: "MeshMetric", mesh: "default", name: "web", spec });
  const pushed = (name: string) => waitFor(`metric ${name}`, () => otlp.metrics.find((metric) => metric.name === name));
  const baskets = await pushed("shop_baskets");
  expect(baskets).toMatchObject({ value: 7, resource: { "service.name": "web" } });
  expect(baskets.attributes).toMatchObject({ mesh: "default", zone: "east", dataplane: "web-v1-east", kuma_application: "shop" });
  expect((await pushed("envoy_cluster_upstream_rq")).attributes).toMatchObject({ kuma_io_service: "web" });
});
