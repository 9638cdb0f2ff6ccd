import type { KindDefinition } from "@meridian/model";
import { describe, expect, test } from "vitest";
import { whyReadOnly } from "./kinds.ts";
import type { ApiDeps, ProxyAdminPort } from "./ports.ts";
import { exampleOf, kumactl, listUrl } from "./testing/kumactl.ts";
import { dataplane, kinds, type TestAnswer, type TestApi, testApi } from "./testing/test-api.ts";

/** Both control planes that kumactl talks to; the zone has got its mesh from its global. */
async function open(mode: "global" | "zone", overrides: Partial<ApiDeps> = {}): Promise<TestApi> {
  const api = await testApi({ mode, ...overrides });
  if (mode === "zone") {
    const resource = { kind: "Mesh", mesh: "", name: "default", labels: { "kuma.io/origin": "global" }, spec: {} };
    await api.store.commit([{ op: "put", resource, expect: "absent" }], { author: "kds" });
  }
  return api;
}

const rfc3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;

/** What the decoders of kumactl need of a list. */
function assertList(answer: TestAnswer): void {
  expect([answer.status, answer.headers["content-type"]]).toEqual([200, "application/json"]);
  expect(answer.json.total).toBeTypeOf("number");
  expect(Array.isArray(answer.json.items)).toBe(true);
  expect(answer.json.next === null || typeof answer.json.next === "string").toBe(true);
  for (const item of answer.json.items) {
    expect([item.name, item.type].map((field) => typeof field)).toEqual(["string", "string"]);
    expect(item.creationTime).toMatch(rfc3339);
    expect(item.modificationTime).toMatch(rfc3339);
  }
}

const isSecret = (kind: KindDefinition): boolean => kind.category === "secret";

describe.each(["global", "zone"] as const)("kumactl at a %s control plane", (mode) => {
  const writable = kinds.all.filter((kind) => whyReadOnly(kind, { mode }) === undefined);
  const refused = kinds.all.filter((kind) => whyReadOnly(kind, { mode }) !== undefined);

  /** A zone's own resources say so, as users write them there. */
  const ownExample = (kind: KindDefinition) => {
    const { document, url } = exampleOf(kind);
    const labels = { ...Object(document["labels"]), "kuma.io/origin": "zone" };
    const own: Readonly<Record<string, unknown>> = { ...document, labels };
    return { url, document: mode === "zone" && kind.style === "spec" ? own : document };
  };

  test.each(writable.map((kind) => [kind.kind, kind] as const))("apply, get and delete of a %s", async (_, kind) => {
    const ctl = kumactl(await open(mode));
    const { document, url } = ownExample(kind);
    const created = await ctl.apply(url, document);
    expect([created.before.status, created.put.status, created.put.text]).toEqual([404, 201, expect.any(String)]);
    for (const warning of created.put.json.warnings ?? []) expect(warning).toBeTypeOf("string");

    const stored = await ctl.get(url);
    expect(stored.json).toMatchObject({ type: kind.kind, name: document["name"], creationTime: expect.stringMatching(rfc3339) });
    expect(stored.json.creationTime).not.toContain("0001-01-01");
    // kumactl get -o yaml | kumactl apply -f -
    const updated = await ctl.apply(url, stored.json);
    expect([updated.before.status, updated.put.status]).toEqual([200, 200]);
    expect((await ctl.get(url)).json).toEqual(stored.json);

    for (const suffix of ["", "?size=1", "?size=1000&offset=", "?size=&offset=", "?name="])
      assertList(await ctl.get(`${listUrl(kind)}${suffix}`));
    for (const path of kind.aliasPaths ?? []) assertList(await ctl.get(`/${path}`));
    for (const format of ["k8s", "kubernetes"]) {
      const { json } = await ctl.get(`${url}?format=${format}`);
      expect(json).toMatchObject({
        kind: isSecret(kind) ? "Secret" : kind.kind,
        metadata: { name: document["name"], namespace: "kuma-system" },
      });
      expect(json.apiVersion).toBe(isSecret(kind) ? "v1" : "kuma.io/v1alpha1");
    }
    const deleted = await ctl.delete(url);
    expect([deleted.status, deleted.text]).toEqual([200, "{}"]);
    expect((await ctl.delete(url)).json).toMatchObject({
      status: 404,
      title: "Could not delete a resource",
      detail: "Not found",
      details: "Not found",
    });
  });

  test.each(refused.map((kind) => [kind.kind, kind] as const))("a %s is read only, and can be listed", async (_, kind) => {
    const ctl = kumactl(await open(mode));
    const { document, url } = exampleOf(kind);
    const { put } = await ctl.apply(url, document);
    expect([put.status, put.json.title]).toEqual([405, "Method not allowed"]);
    expect((await ctl.delete(url)).status).toBe(405);
    if (kind.kind !== "Secret") assertList(await ctl.get(listUrl(kind)));
  });

  test("inspect dataplanes, zones, zone proxies, meshes and services", async () => {
    const api = await open(mode);
    const ctl = kumactl(api);
    const labels = { "kuma.io/origin": "zone", "kuma.io/zone": "east", "kuma.io/mesh": "default" };
    const { type, mesh, name, ...spec } = dataplane("web-1");
    await api.store.commit([{ op: "put", resource: { kind: type, mesh, name, labels, spec }, expect: "absent" }], {
      author: "test",
    });
    for (const query of ["", "?tag=kuma.io/service:web", "?gateway=false", "?tag=&gateway=", "?size=&offset="]) {
      for (const path of ["/meshes/default/dataplanes/_overview", "/meshes/default/dataplanes+insights"]) {
        const answer = await ctl.get(path + query);
        assertList(answer);
        expect([path + query, answer.json.total]).toEqual([path + query, 1]);
        expect(answer.json.items[0]).toMatchObject({ type: "DataplaneOverview", dataplane: spec, dataplaneInsight: {} });
      }
    }
    expect((await ctl.get("/meshes/default/dataplanes/_overview?gateway=true")).json).toEqual({
      total: 0,
      items: [],
      next: null,
    });
    expect((await ctl.get("/meshes/default/dataplanes/web-1/_overview")).json).toMatchObject({ type: "DataplaneOverview" });
    const lists = [
      "/zones/_overview",
      "/zones+insights",
      "/zoneingresses/_overview",
      "/zone-ingresses/_overview",
      "/zoneingresses+insights",
      "/zoneegresses/_overview",
      "/zoneegressoverviews",
      "/mesh-insights",
      "/meshes/default/service-insights",
      "/service-insights",
      "/dataplanes/_overview",
      "/dataplanes+insights",
    ];
    for (const url of lists) assertList(await ctl.get(url));
  });

  test("inspect a proxy's config dump, stats and clusters", async () => {
    const asked: string[] = [];
    const request: ProxyAdminPort["request"] = async (_zone, { type, proxyKind, name, query = "" }) => {
      asked.push(`${proxyKind} ${name} ${type} ${query}`.trim());
      return type === "config_dump" ? '{"configs":[]}' : "cluster.x: 1\n";
    };
    const api = await open(mode, { proxyAdmin: { request } });
    const labels = { "kuma.io/origin": "zone", "kuma.io/zone": "east" };
    const put = (kind: string, mesh: string, spec: object) => ({
      op: "put" as const,
      resource: { kind, mesh, name: "p", labels, spec },
    });
    const zoneProxy = { networking: { address: "10.0.0.1", port: 10001 } };
    const { networking } = dataplane("p");
    const proxies = [
      put("Dataplane", "default", { networking }),
      put("ZoneIngress", "", zoneProxy),
      put("ZoneEgress", "", zoneProxy),
    ];
    await api.store.commit(proxies, { author: "test" });
    const ctl = kumactl(api);
    for (const proxy of ["/meshes/default/dataplanes/p", "/zoneingresses/p", "/zoneegresses/p"]) {
      const dump = await ctl.get(`${proxy}/xds?include_eds=false`);
      expect([dump.status, dump.json]).toEqual([200, { configs: [] }]);
      for (const what of ["stats", "clusters"]) expect((await ctl.get(`${proxy}/${what}`)).text).toBe("cluster.x: 1\n");
    }
    expect(asked).toHaveLength(9);
  });

  test("generate tokens: Go sends null for what is empty, and durations in full", async () => {
    const api = await open(mode);
    const ctl = kumactl(api);
    const bodies = {
      dataplane: { name: "web-1", mesh: "default", tags: null, type: "", workload: "", validFor: "24h0m0s" },
      zone: { zone: "east", scope: ["ingress", "egress"], validFor: "24h0m0s" },
      user: { name: "jane", groups: null, validFor: "30m0s" },
    };
    for (const [kind, body] of Object.entries(bodies)) {
      const answer = await ctl.post(`/tokens/${kind}`, body);
      expect([kind, answer.status, answer.headers["content-type"]]).toEqual([kind, 200, "text/plain"]);
    }
    expect(api.tokens.issued).toMatchObject([{ validForMs: 86_400_000 }, { validForMs: 86_400_000 }, { validForMs: 1_800_000 }]);
  });

  test("export reads every kind that _resources names, per mesh, page by page and as Kubernetes objects", async () => {
    const api = await open(mode);
    const ctl = kumactl(api);
    for (const kind of writable) await ctl.apply(...asArguments(ownExample(kind)));
    const { resources } = (await ctl.get("/_resources")).json as { readonly resources: readonly Described[] };
    const meshes = (await ctl.get("/meshes?size=100")).json.items as readonly { readonly name: string }[];
    let read = 0;
    for (const { path, scope } of resources) {
      const prefixes = scope === "Mesh" ? meshes.map(({ name }) => `/meshes/${name}`) : [""];
      for (const prefix of prefixes) {
        const all = (await ctl.get(`${prefix}/${path}?size=1000`)).json;
        const found: unknown[] = [];
        for (let url: string | null = `${prefix}/${path}?size=1`; url !== null; ) {
          const page: TestAnswer = await ctl.get(url);
          assertList(page);
          found.push(...page.json.items);
          // kumactl keeps only the offset of the link.
          const next: string | null = page.json.next;
          url = next === null ? null : `${prefix}/${path}?size=1&offset=${new URL(next).searchParams.get("offset")}`;
        }
        expect([path, found]).toEqual([path, all.items]);
        for (const { name } of all.items) {
          expect((await ctl.get(`${prefix}/${path}/${name}?format=k8s`)).json.metadata).toMatchObject({ name });
          read += 1;
        }
      }
    }
    expect(read).toBeGreaterThan(writable.length - 1);
  });

  test("mistakes are answered in the shape that kumactl prints", async () => {
    const ctl = kumactl(await open(mode));
    const { url, document } = exampleOf(kinds.get("MeshTimeout") as KindDefinition);
    const { put } = await ctl.apply(url, {
      ...document,
      labels: { "kuma.io/origin": mode },
      spec: { targetRef: { kind: "Nonsense" } },
    });
    expect(put.json).toMatchObject({
      type: "/std-errors",
      status: 400,
      title: "Could not process a resource",
      detail: "Resource is not valid",
    });
    expect(put.json.details).toBe(put.json.detail);
    expect(put.json.causes).toEqual(put.json.invalid_parameters.map(({ field, reason }: Bad) => ({ field, message: reason })));
    const nowhere = await ctl.apply("/meshes/none/meshtimeouts/x", { type: "MeshTimeout", mesh: "none", name: "x", spec: {} });
    expect([nowhere.put.status, nowhere.put.json.title]).toEqual([404, "Failed to retrieve Mesh"]);
    expect((await ctl.get("/meshes/none/meshtimeouts")).status).toBe(404);
    expect((await ctl.get("/meshes/default/meshtimeouts?size=1001")).json.invalid_parameters[0].field).toBe("size");
    const unknown = await ctl.get("/versions");
    expect([unknown.status, unknown.text]).toEqual([404, "404: Page Not Found"]);
  });
});

interface Described {
  readonly path: string;
  readonly scope: "Mesh" | "Global";
}

interface Bad {
  readonly field: string;
  readonly reason: string;
}

function asArguments({ url, document }: { readonly url: string; readonly document: object }): [string, object] {
  return [url, document];
}
