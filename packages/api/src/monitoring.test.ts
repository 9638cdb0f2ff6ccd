import { coreKinds, createKindRegistry, toResourceInput } from "@meridian/model";
import { policyKinds } from "@meridian/policies";
import { createMemoryStore, type ResourceStore } from "@meridian/store";
import { beforeEach, expect, it } from "vitest";
import { buildMonitoring } from "./monitoring.ts";

const registry = createKindRegistry([...coreKinds, ...policyKinds]);
let store: ResourceStore;
let app: ReturnType<typeof buildMonitoring>;

beforeEach(async () => {
  store = createMemoryStore({ clock: { now: () => 0 } });
  app = buildMonitoring({ store, zone: "east" });
  const inbound = [{ port: 80, tags: { "kuma.io/service": "web" } }];
  const dataplane = (name: string, zone: string) => ({
    ...{
      type: "Dataplane",
      mesh: "default",
      name,
      labels: { "kuma.io/zone": zone },
      networking: { address: "10.0.0.1", inbound },
    },
  });
  await put({ type: "Mesh", name: "default" }, dataplane("here", "east"), dataplane("there", "west"), metric(5670));
});

function metric(port: number): object {
  const backends = [{ type: "Prometheus", prometheus: { port } }];
  return { type: "MeshMetric", mesh: "default", name: "all", spec: { targetRef: { kind: "Mesh" }, default: { backends } } };
}

async function put(...documents: readonly object[]): Promise<void> {
  const changes = documents.map((document) => {
    const result = toResourceInput(document, registry);
    if ("violations" in result) throw new Error(JSON.stringify(result.violations));
    return { op: "put", resource: result.ok } as const;
  });
  await store.commit(changes, { author: "test" });
}

const discover = (body: object) => app.inject({ method: "POST", url: "/v3/discovery:monitoringassignments", payload: body });

it("tells a Prometheus of the zone's own proxies, and again only when that has changed", async () => {
  const first = await discover({ node: { id: "prometheus" } });
  const { versionInfo, typeUrl, resources } = first.json();
  expect(typeUrl).toBe("type.googleapis.com/kuma.observability.v1.MonitoringAssignment");
  expect(resources).toEqual([
    {
      ...{ "@type": typeUrl, mesh: "default", service: "web" },
      targets: [
        {
          ...{ name: "here", scheme: "http", address: "10.0.0.1:5670", metricsPath: "/metrics" },
          labels: expect.objectContaining({ kuma_io_service: "web" }),
        },
      ],
    },
  ]);
  expect((await discover({ versionInfo, node: { id: "prometheus" } })).statusCode).toBe(304);
  await put(metric(5671));
  const next = await discover({ version_info: versionInfo, node: { id: "prometheus" } });
  expect(next.json().resources[0].targets[0].address).toBe("10.0.0.1:5671");
});

it("answers whoever says nothing of itself, and nothing else", async () => {
  expect((await discover({})).statusCode).toBe(200);
  expect((await app.inject({ method: "GET", url: "/v3/discovery:monitoringassignments" })).statusCode).toBe(404);
  const wrong = {
    method: "POST",
    url: "/v3/discovery:monitoringassignments",
    payload: "{",
    headers: { "content-type": "application/json" },
  } as const;
  expect((await app.inject(wrong)).statusCode).toBe(400);
});
