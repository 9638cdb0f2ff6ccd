import { beforeAll, expect, test } from "vitest";
import { type TestApi, testApi, trafficRoute } from "./testing/test-api.ts";

let api: TestApi;
const names = Array.from({ length: 25 }, (_, index) => `route-${String(index).padStart(2, "0")}`);

beforeAll(async () => {
  api = await testApi();
  await api.call("PUT", "/meshes/other", { type: "Mesh", name: "other" });
  const labelled = names.map((name, index) => ({ ...trafficRoute(name), labels: { team: index % 2 ? "odd" : "even" } }));
  await api.call("POST", "/apply", { documents: [...labelled, trafficRoute("elsewhere", 90, "other")] });
});

const routes = "/meshes/default/traffic-routes";
// biome-ignore lint/suspicious/noExplicitAny: an answer's items.
const namesOf = (answer: { json: any }): string[] => answer.json.items.map((item: { name: string }) => item.name);

test("a list is sorted, counted, and limited to one mesh or over all", async () => {
  const answer = await api.call("GET", routes);
  expect(Object.keys(answer.json)).toEqual(["total", "items", "next"]);
  expect([answer.json.total, answer.json.next]).toEqual([25, null]);
  expect(namesOf(answer)).toEqual(names);
  const everywhere = await api.call("GET", "/traffic-routes");
  expect(everywhere.json.total).toBe(26);
  expect(everywhere.json.items.at(-1)).toMatchObject({ mesh: "other", name: "elsewhere" });
});

test("following next gives every item once", async () => {
  const seen: string[] = [];
  let url: string | null = `${routes}?size=10&name=route`;
  while (url !== null) {
    const answer = await api.call("GET", url);
    expect(answer.json.total).toBe(25);
    seen.push(...namesOf(answer));
    const next: string | null = answer.json.next;
    if (next !== null)
      expect(next).toMatch(/^http:\/\/localhost:5681\/meshes\/default\/traffic-routes\?size=10&name=route&offset=\d+\.[\w-]+$/);
    url = next === null ? null : next.replace("http://localhost:5681", "");
  }
  expect(seen).toEqual(names);
});

test("a client that counts gets the same pages", async () => {
  expect(namesOf(await api.call("GET", `${routes}?size=10&offset=20`))).toEqual(names.slice(20));
  expect(namesOf(await api.call("GET", `${routes}?size=10&offset=40`))).toEqual([]);
});

test("a write between two pages shifts nothing", async () => {
  const { app, store, call } = await testApi();
  await call("POST", "/apply", { documents: ["b", "c", "d", "e"].map((name) => trafficRoute(name)) });
  const first = await call("GET", `${routes}?size=2`);
  await call("PUT", `${routes}/a`, trafficRoute("a"));
  await call("DELETE", `${routes}/b`);
  await call("DELETE", `${routes}/c`);
  const second = await call("GET", first.json.next.replace("http://localhost:5681", ""));
  expect([namesOf(first), namesOf(second), second.json.next]).toEqual([["b", "c"], ["d", "e"], null]);
  expect(await store.count("TrafficRoute")).toBe(3);
  await app.close();
});

test("filters by name and labels", async () => {
  expect(namesOf(await api.call("GET", `${routes}?name=-07`))).toEqual(["route-07"]);
  const odd = await api.call("GET", `${routes}?filter[labels.team]=odd&size=5`);
  expect(odd.json.total).toBe(12);
  expect(namesOf(odd)).toEqual(["route-01", "route-03", "route-05", "route-07", "route-09"]);
  expect((await api.call("GET", `${routes}?filter[labels.team]=none`)).json.total).toBe(0);
});

test.each([
  ["size=x", "size", "invalid format"],
  ["size=0", "size", "must be greater than 0"],
  ["size=-3", "size", "must be greater than 0"],
  ["size=1001", "size", "invalid page size of 1001. Maximum page size is 1000"],
  ["offset=x", "offset", "invalid format"],
  ["offset=10.x", "offset", "invalid format"],
  ["filter[spec.x]=1", "filter[spec.x]", "unknown filter: only filter[labels.KEY] is supported"],
])("a query that makes no sense is refused: %s", async (query, field, reason) => {
  const answer = await api.call("GET", `${routes}?${query}`);
  expect(answer.status).toBe(400);
  expect(answer.json.invalid_parameters).toEqual([{ field, reason, rule: "", choices: [] }]);
});

test("data planes are also filtered by tag and gateway", async () => {
  const zone = await testApi({ mode: "standalone", zone: "east" });
  const inbound = (tags: Record<string, string>) => ({ networking: { address: "10.0.0.1", inbound: [{ port: 80, tags }] } });
  const planes = [
    { name: "v1", ...inbound({ "kuma.io/service": "backend", version: "v1" }) },
    { name: "v2", ...inbound({ "kuma.io/service": "backend", version: "v2" }) },
    { name: "edge", networking: { address: "10.0.0.2", gateway: { type: "DELEGATED", tags: { "kuma.io/service": "edge" } } } },
  ].map((spec) => ({ type: "Dataplane", mesh: "default", ...spec }));
  expect((await zone.call("POST", "/apply", { documents: planes })).status).toBe(200);
  const list = async (query: string) => namesOf(await zone.call("GET", `/meshes/default/dataplanes?${query}`));
  expect(await list("tag=kuma.io/service:back&tag=version:v2")).toEqual(["v2"]);
  expect(await list("gateway=true")).toEqual(["edge"]);
  expect(await list("gateway=false")).toEqual(["v1", "v2"]);
  expect(await list("gateway=delegated")).toEqual(["edge"]);
  expect(await list("gateway=builtin")).toEqual([]);
  expect((await zone.call("GET", "/meshes/default/dataplanes?gateway=maybe")).status).toBe(400);
});
