import { zoneView } from "@meridian/inspect";
import { expect, it } from "vitest";
import { dataplane, kinds, type TestApi, testApi, trafficRoute } from "./testing/test-api.ts";

const mesh = "/meshes/default";

async function put(api: TestApi, ...documents: readonly { readonly type: string; readonly name: string }[]): Promise<void> {
  const answer = await api.call("POST", "/apply", { documents });
  expect(answer.status, answer.text).toBe(200);
}

function timeout(name: string, spec: object) {
  return { type: "MeshTimeout", mesh: "default", name, labels: { "kuma.io/origin": "zone" }, spec };
}

function client(name: string) {
  const base = dataplane(name);
  return { ...base, networking: { ...base.networking, outbound: [{ port: 10_001, tags: { "kuma.io/service": "backend" } }] } };
}

async function zoneApi(): Promise<TestApi> {
  const api = await testApi({ mode: "standalone", zone: "east" });
  await put(api, client("web-1"), client("web-2"), dataplane("other", { service: "other" }), trafficRoute("canary"));
  return api;
}

it("tells what attaches to a data plane, and to which data planes a policy attaches", async () => {
  const { call } = await zoneApi();
  const policies = await call("GET", `${mesh}/dataplanes/web-1/policies`);
  expect(policies.status).toBe(200);
  expect(policies.json.kind).toBe("SidecarDataplane");
  expect(policies.json.items.find(({ type }: { type: string }) => type === "outbound")).toMatchObject({
    name: "127.0.0.1:10001",
    service: "backend",
    matchedPolicies: { TrafficRoute: [{ type: "TrafficRoute", mesh: "default", name: "canary" }] },
  });
  expect((await call("GET", `${mesh}/traffic-routes/canary/dataplanes`)).json).toMatchObject({
    total: 2,
    items: [
      {
        kind: "SidecarDataplane",
        dataplane: { mesh: "default", name: "web-1" },
        attachments: [{ type: "outbound", name: "127.0.0.1:10001", service: "backend" }],
      },
      { dataplane: { name: "web-2" } },
    ],
  });
});

it("pages the data planes of a policy", async () => {
  const { call } = await zoneApi();
  const url = `${mesh}/traffic-routes/canary/_resources/dataplanes`;
  const first = (await call("GET", `${url}?size=1`)).json;
  expect(first).toMatchObject({ total: 2, items: [{ type: "Dataplane", mesh: "default", name: "web-1" }] });
  const { pathname, search } = new URL(first.next);
  const second = (await call("GET", pathname + search)).json;
  expect(second).toMatchObject({ total: 2, items: [{ name: "web-2" }] });
  expect(second).not.toHaveProperty("next");
  expect((await call("GET", `${url}?name=web-2`)).json).toMatchObject({ total: 1, items: [{ name: "web-2" }] });
  expect((await call("GET", `${url}?size=0`)).status).toBe(400);
  expect((await call("GET", `${mesh}/traffic-routes/canary/dataplanes?size=1&offset=1`)).json).toMatchObject({
    total: 2,
    items: [{ dataplane: { name: "web-2" } }],
  });
});

it("merges policies into rules", async () => {
  const api = await zoneApi();
  await put(api, timeout("a", { to: [{ targetRef: { kind: "Mesh" }, default: { connectionTimeout: "2s" } }] }));
  const rules = (await api.call("GET", `${mesh}/dataplanes/web-1/_rules`)).json;
  expect(rules.resource).toMatchObject({ type: "Dataplane", name: "web-1" });
  const [own] = rules.rules.filter(({ type }: { type: string }) => type === "MeshTimeout");
  expect(own.toRules.at(-1)).toMatchObject({ conf: { connectionTimeout: "2s" }, matchers: [] });
  const list = (await api.call("GET", `${mesh}/dataplanes/web-1/rules`)).json;
  expect(list.items).toContainEqual(
    expect.objectContaining({ type: "DestinationSubset", policyType: "MeshTimeout", service: "backend" }),
  );
});

it("answers by KRI only in meshes with nothing but real resources", async () => {
  const api = await zoneApi();
  const { call } = api;
  for (const path of ["_layout", "_policies", "_inbounds/kri_dp_default_east__web-1_8080/_policies"]) {
    const refused = await call("GET", `${mesh}/dataplanes/web-1/${path}`);
    expect([refused.status, refused.json.title]).toEqual([400, "Bad Request"]);
  }
  await put(api, { type: "Mesh", name: "default", meshServices: { mode: "Exclusive" } } as never);
  expect((await call("GET", `${mesh}/dataplanes/web-1/_layout`)).json).toMatchObject({
    kri: "kri_dp_default_east__web-1_",
    inbounds: [{ kri: "kri_dp_default_east__web-1_8080", port: 8080 }],
    outbounds: [],
  });
  expect((await call("GET", `${mesh}/dataplanes/web-1/_policies`)).json).toEqual({ policies: [] });
  const inbound = await call("GET", `${mesh}/dataplanes/web-1/_inbounds/kri_dp_default_east__web-1_8080/_policies`);
  expect(inbound.json.policies.map(({ kind }: { kind: string }) => kind)).toContain("MeshTimeout");
  const at = `${mesh}/dataplanes/web-1/_outbounds`;
  expect((await call("GET", `${at}/nonsense/_policies`)).status).toBe(400);
  expect((await call("GET", `${at}/kri_msvc_default_east__gone_80/_policies`)).status).toBe(404);
  expect((await call("GET", `${at}/kri_msvc_default_east__gone_80/_routes/kri_mhttpr_default___r_/_policies`)).status).toBe(404);
});

it("names the hosts of a service and who is behind it", async () => {
  const api = await zoneApi();
  const labels = { "kuma.io/origin": "zone" };
  await put(
    api,
    {
      type: "MeshService",
      mesh: "default",
      name: "web",
      labels,
      spec: { selector: { dataplaneTags: { "kuma.io/service": "web" } }, ports: [{ port: 80 }] },
    } as never,
    {
      type: "HostnameGenerator",
      name: "svc",
      labels,
      spec: { selector: { meshService: {} }, template: "{{ .DisplayName }}.x" },
    } as never,
  );
  const behind = (await api.call("GET", `${mesh}/meshservices/web/_dataplanes`)).json;
  expect(behind).toMatchObject({ total: 2, items: [{ name: "web-1" }, { name: "web-2" }] });
  expect((await api.call("GET", `${mesh}/meshservices/web/_resources/dataplanes`)).json).toEqual(behind);
  const { items } = (await api.call("GET", `${mesh}/meshservices/web/_hostnames`)).json;
  expect(items).toContainEqual({ hostname: "web.x", zones: [{ name: "east" }] });
});

it("shows the config of a zone's own proxy, once it has connected", async () => {
  const api = await zoneApi();
  const url = `${mesh}/dataplanes/web-1/_config`;
  expect((await api.call("GET", url)).status).toBe(404);
  await api.store.putStatus([
    { key: { kind: "DataplaneInsight", mesh: "default", name: "web-1" }, value: { subscriptions: [] } },
  ]);
  const { xds, diff } = (await api.call("GET", `${url}?shadow=false&include=diff`)).json;
  expect(Object.keys(xds["type.googleapis.com/envoy.config.listener.v3.Listener"])).toContain("inbound:10.0.0.1:8080");
  expect(diff).toEqual([]);
  expect((await api.call("GET", `${url}?shadow=perhaps&include=all`)).json.invalid_parameters).toHaveLength(2);

  const global = await testApi();
  const refused = await global.call("GET", url);
  expect([refused.status, refused.json.detail]).toEqual([405, "Not allowed on global CP"]);
});

it("shows a config from what proxies are served from, without a look at other resources", async () => {
  const api = await zoneApi();
  const value = { subscriptions: [] };
  await api.store.putStatus([{ key: { kind: "DataplaneInsight", mesh: "default", name: "web-1" }, value }]);
  const url = `${mesh}/dataplanes/web-1/_config`;
  const { json } = await api.call("GET", url);
  const lists = await Promise.all(kinds.all.map(({ kind }) => api.store.list(kind)));
  const view = zoneView({ zone: "east", resources: lists.flat() });
  const { call, store } = await testApi({ ...api.deps, view: () => view });
  store.list = () => Promise.reject(new Error("nothing is listed"));
  expect((await call("GET", url)).json).toEqual(json);
});

it("says what is not there", async () => {
  const { call } = await zoneApi();
  for (const path of ["policies", "rules", "_rules", "_layout", "_policies", "_config"]) {
    expect((await call("GET", `${mesh}/dataplanes/nobody/${path}`)).json).toMatchObject({ status: 404, detail: "Not found" });
    expect((await call("GET", `/meshes/none/dataplanes/web-1/${path}`)).json.title).toBe("Failed to retrieve Mesh");
  }
  for (const path of ["retries/none/dataplanes", "meshretries/none/_resources/dataplanes", "meshservices/none/_hostnames"]) {
    expect((await call("GET", `${mesh}/${path}`)).status).toBe(404);
  }
  expect((await call("GET", `${mesh}/meshgateways/none/_rules`)).status).toBe(404);
});

it("answers of every policy kind's path, and documents each", async () => {
  const { call, deps } = await zoneApi();
  const { paths } = (await call("GET", "/openapi.json")).json;
  for (const kind of deps.kinds.all.filter(({ category }) => category === "policy")) {
    for (const path of ["dataplanes", "_resources/dataplanes"]) {
      expect((await call("GET", `${mesh}/${kind.path}/none/${path}`)).status, kind.kind).toBe(404);
      expect(paths).toHaveProperty([`/meshes/{mesh}/${kind.path}/{name}/${path}`]);
    }
  }
});

it("looks at thousands of data planes in chunks", async () => {
  const api = await testApi({ mode: "standalone", zone: "east" });
  const { store, call } = api;
  const documents = Array.from({ length: 1_200 }, (_, index) => ({
    op: "put" as const,
    resource: {
      kind: "Dataplane",
      mesh: "default",
      name: `web-${String(index).padStart(4, "0")}`,
      labels: { "kuma.io/zone": "east" },
      spec: { networking: { address: "10.0.0.1", inbound: [{ port: 80, tags: { "kuma.io/service": "web" } }] } },
    },
  }));
  await store.commit(documents, { author: "test" });
  await put(api, timeout("all", { rules: [{ default: { idleTimeout: "1s" } }] }));
  const { total, items } = (await call("GET", `${mesh}/meshtimeouts/all/_resources/dataplanes?offset=1150`)).json;
  expect([total, items.length, items[0].name]).toEqual([1_200, 50, "web-1150"]);
  expect((await call("GET", `${mesh}/meshtimeouts/all/dataplanes`)).json.items).toHaveLength(1_200);
});
