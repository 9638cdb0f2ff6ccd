import { waitFor } from "@meridian/testkit";
import { beforeAll, describe, expect, it } from "vitest";
import { meshWithMtls, trafficPermission } from "../harness/documents.ts";
import { type HttpAnswer, http } from "../harness/http.ts";
import { useMesh } from "../harness/mesh.ts";
import type { Service } from "../harness/service.ts";
import { readAnswer } from "../harness/traffic.ts";

let web: Service;
let first: Service;
let second: Service;

const mesh = useMesh(async (starting) => {
  await starting.startGlobal();
  await starting.startZone("east");
  await starting.applyAndConverge(meshWithMtls(), trafficPermission("*", "*"));
  [web, first, second] = await Promise.all([
    starting.startService({ zone: "east", service: "web", calls: ["api"] }),
    starting.startService({ zone: "east", service: "api", version: "v1" }),
    starting.startService({ zone: "east", service: "api", version: "v2" }),
  ]);
  await starting.settled({ east: 3 });
});

// Both endpoints are known before anything is measured.
beforeAll(async () => {
  const seen = new Set<string>();
  await waitFor("both versions to answer", async () => seen.add(readAnswer(await ask()).version).size === 2);
});

function ask(path = "/"): Promise<HttpAnswer> {
  return http({ url: `http://${web.to("api")}${path}` });
}

async function versionsOf(count: number, path = "/"): Promise<ReadonlySet<string>> {
  const answers = await Promise.all(Array.from({ length: count }, () => ask(path)));
  return new Set(answers.map((answer) => readAnswer(answer).version));
}

function targeting(type: string, name: string, spec: object): object {
  return { type, mesh: "default", name, spec };
}

const toApi = { targetRef: { kind: "MeshService", name: "api" } };
const version = (value: string, weight = 1) => ({ kind: "MeshServiceSubset", name: "api", tags: { version: value }, weight });

async function remove(type: string, name: string): Promise<void> {
  const { revision } = await mesh.global.client.apply({ documents: [], deletes: [{ type, mesh: "default", name }] });
  await mesh.converged(revision);
}

describe("routes", () => {
  it("a MeshTCPRoute sends connections by weight, also of a service that speaks HTTP", async () => {
    const rules = [{ default: { backendRefs: [version("v2"), version("v1", 0)] } }];
    await mesh.applyAndConverge(targeting("MeshTCPRoute", "tcp", { to: [{ ...toApi, rules }] }));
    expect(await versionsOf(20)).toEqual(new Set(["v2"]));
    await remove("MeshTCPRoute", "tcp");
    const seen = new Set<string>();
    await waitFor("both versions to answer again", async () => seen.add(readAnswer(await ask()).version).size === 2);
  });

  it("a MeshHTTPRoute matches path, method, header and query, redirects, rewrites and mirrors", async () => {
    const rewrite = { type: "URLRewrite", urlRewrite: { path: { type: "ReplacePrefixMatch", replacePrefixMatch: "/new" } } };
    const redirect = { type: "RequestRedirect", requestRedirect: { hostname: "elsewhere.example", statusCode: 307 } };
    const mirror = { type: "RequestMirror", requestMirror: { backendRef: version("v2") } };
    const path = (value: string) => ({ path: { type: "PathPrefix", value } });
    const rules = [
      { matches: [path("/old")], default: { filters: [rewrite], backendRefs: [version("v1")] } },
      { matches: [path("/away")], default: { filters: [redirect] } },
      { matches: [path("/copied")], default: { filters: [mirror], backendRefs: [version("v1")] } },
      {
        matches: [{ ...path("/picked"), method: "GET", queryParams: [{ type: "Exact", name: "to", value: "v2" }] }],
        default: { backendRefs: [version("v2")] },
      },
      { matches: [path("/picked")], default: { backendRefs: [version("v1")] } },
    ];
    await mesh.applyAndConverge(targeting("MeshHTTPRoute", "http", { to: [{ ...toApi, rules }] }));
    expect(readAnswer(await ask("/old/x"))).toMatchObject({ path: "/new/x", version: "v1" });
    const away = await ask("/away/y");
    expect([away.status, away.headers["location"]]).toEqual([307, "http://elsewhere.example/away/y"]);
    expect(await versionsOf(10, "/picked?to=v2")).toEqual(new Set(["v2"]));
    expect(await versionsOf(10, "/picked")).toEqual(new Set(["v1"]));
    const copies = () => second.sidecar.stats("^http.localhost_\\d+.downstream_rq_total$");
    const before = sum(await copies());
    expect(readAnswer(await ask("/copied")).version).toBe("v1");
    await waitFor("the copy to arrive at v2", async () => sum(await copies()) > before);
    await remove("MeshHTTPRoute", "http");
  });
});

it("MeshTLS sets the versions that both sides speak", async () => {
  const rules = (only: string) => [{ default: { tlsVersion: { min: only, max: only } } }];
  const versions = (stat: string) => first.sidecar.stats(`^listener.*ssl.versions.${stat}$`);
  await mesh.applyAndConverge(targeting("MeshTLS", "tls", { rules: rules("TLS13") }));
  const before = sum(await versions("TLSv1.3"));
  await waitFor("a connection with TLS 1.3", async () => {
    expect((await ask()).status).toBe(200);
    return sum(await versions("TLSv1.3")) > before;
  });
  await remove("MeshTLS", "tls");
});

describe("patches", () => {
  it("a MeshProxyPatch changes what is generated, on both sides, and is undone with it", async () => {
    const headers = (name: string) =>
      JSON.stringify({
        responseHeadersToAdd: [{ header: { key: name, value: "yes" }, appendAction: "OVERWRITE_IF_EXISTS_OR_ADD" }],
      });
    const patch = (origin: string) => ({
      virtualHost: { operation: "Patch", match: { origin, name: "api" }, value: headers(`x-${origin}`) },
    });
    const spec = { default: { appendModifications: [patch("outbound"), patch("inbound")] } };
    await mesh.applyAndConverge(targeting("MeshProxyPatch", "headers", spec));
    await waitFor("the headers of both sides", async () => {
      const { headers: shown } = await ask();
      return shown["x-outbound"] === "yes" && shown["x-inbound"] === "yes";
    });
    await remove("MeshProxyPatch", "headers");
    await waitFor("the headers to be gone", async () => !("x-outbound" in (await ask()).headers));
  });

  it("a ProxyTemplate does so for the proxies that its selector names", async () => {
    const buffer = "envoy.filters.http.buffer";
    const value = JSON.stringify({
      name: buffer,
      typedConfig: { "@type": "type.googleapis.com/envoy.extensions.filters.http.buffer.v3.Buffer", maxRequestBytes: 10 },
    });
    const change = {
      httpFilter: { operation: "addBefore", match: { origin: "inbound", name: "envoy.filters.http.router" }, value },
    };
    await mesh.applyAndConverge({
      ...{ type: "ProxyTemplate", mesh: "default", name: "small-requests" },
      selectors: [{ match: { "kuma.io/service": "api" } }],
      conf: { imports: ["default-proxy"], modifications: [change] },
    });
    const url = `http://${web.to("api")}/`;
    await waitFor("a long request to be refused", async () => {
      return (await http({ url, method: "POST", body: "x".repeat(100) })).status === 413;
    });
    expect((await http({ url, method: "POST", body: "x" })).status).toBe(200);
  });
});

function sum(stats: ReadonlyMap<string, number>): number {
  return [...stats.values()].reduce((total, value) => total + value, 0);
}
