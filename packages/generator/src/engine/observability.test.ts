import { typeUrls } from "@meridian/envoy";
import type { Resource } from "@meridian/model";
import { expect, test } from "vitest";
import { dataplane, mesh, resource, sidecar } from "../testing/resources.ts";
import type { ConfigEngine, ViewChange } from "../types.ts";
import { createConfigEngine } from "./engine.ts";

// What a change of logs or traces sends: only what it makes different, to those for whom it does.

const put = (...resources: readonly Resource[]): readonly ViewChange[] =>
  resources.map((each) => ({ op: "put", resource: each }));

function proxyOf(name: string, service: string, ...calls: readonly string[]): Resource {
  const tags = { "kuma.io/service": service, "kuma.io/protocol": "http" };
  const outbound = calls.map((to, index) => ({ port: 10_001 + index, tags: { "kuma.io/service": to } }));
  return dataplane({ name, address: `10.0.1.${name.slice(-1)}`, inbound: [{ port: 8080, tags }], outbound });
}

const proxies = ["orders-3", "web-1", "web-2"];

function started(...more: readonly Resource[]): ConfigEngine {
  const engine = createConfigEngine({ zone: "west" });
  const dataplanes = [proxyOf("web-1", "web", "orders"), proxyOf("web-2", "web", "orders"), proxyOf("orders-3", "orders")];
  engine.apply(put(mesh("default"), ...dataplanes, ...more));
  for (const name of proxies) engine.attach({ ...sidecar("default", name), workdir: `/run/${name}` });
  return engine;
}

/** By proxy, what it is sent: `+` or `-`, and the name. */
function sent(engine: ConfigEngine, ...changes: readonly ViewChange[]) {
  const updates = [...engine.apply(changes)].sort(([a], [b]) => (a < b ? -1 : 1));
  return updates.map(([id, { patch }]) => [
    id.replace("default.", ""),
    ...[
      ...patch.changed.map(({ typeUrl, name }) => `+${typeUrl === typeUrls.cluster ? "cluster " : ""}${name}`),
      ...patch.removed.map(({ name }) => `-${name}`),
    ].sort(),
  ]);
}

function trace(sampling: number, name = "all", url = "http://10.0.0.9:9411/api/v2/spans"): Resource {
  const backends = [{ type: "Zipkin", zipkin: { url } }];
  return resource("MeshTrace", "default", name, { default: { backends, sampling: { overall: sampling } } });
}

function accessLog(name: string, lists: (logs: object) => object): Resource {
  const logs = { default: { backends: [{ type: "OpenTelemetry", openTelemetry: { endpoint: "10.0.0.9:4317" } }] } };
  return resource("MeshAccessLog", "default", name, lists(logs));
}
const sentLogs = accessLog("sent", (logs) => ({ to: [{ targetRef: { kind: "Mesh" }, ...logs }] }));
const receivedLogs = accessLog("received", (logs) => ({ rules: [logs] }));
const collector = "meshaccesslog:opentelemetry:10.0.0.9:4317";

test("another sampling is other listeners; what is said of others is nothing", () => {
  const engine = started(trace(50));
  const listeners = proxies.map((name) => [
    name,
    `+inbound:10.0.1.${name.slice(-1)}:8080`,
    ...(name === "orders-3" ? [] : ["+outbound:127.0.0.1:10001"]),
  ]);
  expect(sent(engine, ...put(trace(60)))).toEqual(listeners);
  const ofBatch = { ...trace(10, "batch"), spec: { targetRef: { kind: "MeshService", name: "batch" }, default: {} } };
  expect(sent(engine, ...put(ofBatch))).toEqual([]);
});

test("the same under another name is sent to nobody", () => {
  const engine = started(trace(50));
  const key = { kind: "MeshTrace", mesh: "default", name: "all" };
  expect(sent(engine, { op: "delete", key }, ...put(trace(50, "renamed")))).toEqual([]);
});

test("a collector of what is sent and received is sent once, and stays until neither needs it", () => {
  const engine = started();
  expect(sent(engine, ...put(sentLogs, receivedLogs))[1]).toEqual([
    "web-1",
    `+cluster ${collector}`,
    "+inbound:10.0.1.1:8080",
    "+outbound:127.0.0.1:10001",
  ]);
  const without = (name: string) =>
    sent(engine, { op: "delete", key: { kind: "MeshAccessLog", mesh: "default", name } }).find(([proxy]) => proxy === "web-1");
  expect(without("sent")).toEqual(["web-1", "+outbound:127.0.0.1:10001"]);
  expect(without("received")).toEqual(["web-1", "+inbound:10.0.1.1:8080", `-${collector}`]);
  expect(sent(engine, ...put(receivedLogs))[1]).toEqual(["web-1", `+cluster ${collector}`, "+inbound:10.0.1.1:8080"]);
  expect(sent(engine, ...put(sentLogs)).find(([name]) => name === "web-1")).toEqual(["web-1", "+outbound:127.0.0.1:10001"]);
});

function metric(service: string, sidecarMetrics: object): Resource {
  const backends = [{ type: "Prometheus", prometheus: {} }];
  return resource("MeshMetric", "default", service, {
    targetRef: { kind: "MeshService", name: service },
    default: { sidecar: sidecarMetrics, backends },
  });
}

test("what is to be collected is one listener of whom it concerns, and the rest stays", () => {
  const engine = started();
  expect(sent(engine, ...put(metric("orders", {})))).toEqual([
    ["orders-3", "+_kuma:dynamicconfig", "+_kuma:metrics:prometheus:default-backend", "+cluster _kuma:metrics:hijacker"],
  ]);
  expect(sent(engine, ...put(metric("orders", { includeUnused: true })))).toEqual([["orders-3", "+_kuma:dynamicconfig"]]);
  expect(sent(engine, ...put(metric("batch", {})))).toEqual([]);
});
