import { afterAll, beforeAll, expect, test } from "vitest";
import { type StubApi, startStubApi } from "./testing/stub-api.ts";
import { openTerminal, type TestTerminal } from "./testing/terminal.ts";

const kind = (name: string, path: string, scope = "Mesh") => {
  return { name, path, scope, singularDisplayName: name, pluralDisplayName: `${name}s`, readOnly: false };
};
const meta = { creationTime: "2026-01-01T00:00:00Z", modificationTime: "2026-01-01T00:00:00Z" };
const page = (items: readonly object[]) => ({ total: items.length, items, next: null });
const counts = { total: 3, online: 2, offline: 1 };

/** Shapes of the reference, rest-api.md sections 3.5 and 4. */
const answers = {
  "/_resources": {
    resources: [kind("Dataplane", "dataplanes"), kind("MeshTimeout", "meshtimeouts"), kind("Zone", "zones", "Global")],
  },
  "/meshes/default/dataplanes?size=1000": page([{ type: "Dataplane", mesh: "default", name: "web-1", ...meta }]),
  "/meshes/default/meshtimeouts?size=1000": page([]),
  "/meshes/default/dataplanes/web-1/policies": {
    kind: "SidecarDataplane",
    total: 2,
    items: [
      { type: "inbound", name: "10.0.0.1:80:8080", service: "web", matchedPolicies: { TrafficPermission: [{ name: "all" }] } },
      { type: "dataplane", matchedPolicies: { MeshTimeout: [{ name: "slow" }, { name: "slower" }] } },
    ],
  },
  "/meshes/default/dataplanes/web-1/xds?include_eds=false": '{"configs":[]}',
  "/meshes/default/dataplanes/web-1/stats": "cluster.web.upstream_cx_total: 7\n",
  "/zoneingresses/in/clusters": "web::10.0.0.1:80\n",
  "/meshes/default/meshtimeouts/slow/dataplanes": {
    total: 2,
    items: [
      {
        kind: "SidecarDataplane",
        dataplane: { mesh: "default", name: "web-1" },
        attachments: [
          { type: "inbound", name: "10.0.0.1:80:8080", service: "web" },
          { type: "outbound", name: "backend", service: "backend" },
        ],
      },
      { kind: "MeshGatewayDataplane", dataplane: { mesh: "default", name: "gw" }, gateway: { mesh: "default", name: "edge" } },
    ],
  },
  "/mesh-insights?size=1000": page([
    {
      type: "MeshInsight",
      name: "default",
      ...meta,
      dataplanes: counts,
      services: { total: 4 },
      policies: { MeshTimeout: { total: 2 }, Retry: { total: 1 } },
    },
  ]),
  "/meshes/default/service-insights?size=1000": page([
    {
      type: "ServiceInsight",
      mesh: "default",
      name: "web",
      ...meta,
      status: "partially_degraded",
      dataplanes: counts,
      addressPort: "web.mesh:80",
    },
  ]),
  "/zoneingresses/_overview?size=1000": page([
    {
      type: "ZoneIngressOverview",
      name: "in",
      labels: { "kuma.io/zone": "east" },
      ...meta,
      status: "online",
      zoneIngressInsight: {
        subscriptions: [
          { status: { total: { responsesSent: 5 } } },
          { status: { total: { responsesSent: 2, responsesRejected: 1 } }, version: { envoy: { version: "1.34.1" } } },
        ],
      },
    },
  ]),
  "/meshes/default/dataplanes/_overview?size=1000&tag=kuma.io%2Fservice%3Aweb&tag=version%3Av1&gateway=false": page([]),
};

let api: StubApi;
let terminal: TestTerminal;
beforeAll(async () => {
  api = await startStubApi(answers);
  terminal = await openTerminal(api.address);
});
afterAll(async () => {
  await terminal.remove();
  await api.close();
});

const shown = async (...args: readonly string[]): Promise<string> => (await terminal.run("inspect", ...args)).stdout;

test("the policies of a data plane are grouped by what they apply to", async () => {
  expect(await shown("dataplane", "web-1")).toBe(`INBOUND 10.0.0.1:80:8080 (web)
  TrafficPermission
    all

DATAPLANE
  MeshTimeout
    slow
    slower
`);
  expect(JSON.parse(await shown("dataplane", "web-1", "-o", "json")).total).toBe(2);
});

test("what a proxy's Envoy says is printed as it comes", async () => {
  expect(await shown("dataplane", "web-1", "--type", "config-dump")).toBe('{"configs":[]}\n');
  expect(await shown("dataplane", "web-1", "--type", "stats")).toBe("cluster.web.upstream_cx_total: 7\n");
  expect(await shown("zoneingress", "in", "--type", "clusters")).toBe("web::10.0.0.1:80\n");
  const typo = await terminal.run("inspect", "dataplane", "wbe-1");
  expect(typo).toMatchObject({
    exitCode: 1,
    stdout: "",
    stderr: "Error: there is no Dataplane default/wbe-1\nDid you mean web-1?\n",
  });
  expect((await terminal.run("inspect", "dataplane", "web-1", "--type", "everything")).exitCode).toBe(2);
});

test("a policy's data planes are listed with the place where it applies", async () => {
  expect(await shown("meshtimeout", "slow")).toBe(`DATAPLANE  WHERE
web-1      inbound 10.0.0.1:80:8080 web, outbound backend
gw         gateway edge
`);
  expect((await terminal.run("inspect", "meshtimeout", "none")).stderr).toContain("there is no MeshTimeout default/none");
  expect((await terminal.run("inspect", "zone", "east")).exitCode).toBe(2);
  expect((await terminal.run("inspect")).exitCode).toBe(2);
  expect((await terminal.run("inspect", "dataplnes")).stderr).toBe(
    'Error: there is nothing called "dataplnes" to inspect\nDid you mean dataplanes or dataplane?\n',
  );
});

test("meshes, services and zone proxies are counted", async () => {
  expect(await shown("meshes")).toBe("NAME     DATAPLANES  SERVICES  POLICIES\ndefault  2/3 online  4         3\n");
  expect(await shown("services")).toContain("default  web      internal  partially degraded  2/3 online  web.mesh:80\n");
  expect(await shown("zoneingresses")).toMatch(/\nin {4}east {2}online {2}- {10}7 {8}1 {7}- {13}1\.34\.1\n/);
});

test("data planes are filtered by tags, as kumactl writes them", async () => {
  const args = ["dataplanes", "--tag", "kuma.io/service=web", "--tag", "version=v1", "--gateway", "false"];
  expect(await terminal.run("inspect", ...args)).toMatchObject({ exitCode: 0 });
});
