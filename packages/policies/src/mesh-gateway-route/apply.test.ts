import type { Resource } from "@meridian/model";
import { describe, expect, it } from "vitest";
import type { ListenerPlan, ListenerSubject } from "../core/listeners/types.ts";
import { destinationTagSets, planListener } from "../plan.ts";

const tags = { "kuma.io/service": "edge", door: "x" };
const http: ListenerSubject = { port: 8080, protocol: "HTTP", hostname: "*", tags };
const tcp: ListenerSubject = { ...http, protocol: "TCP" };

function resource(kind: string, name: string, spec: object, creationTime = "2026-01-01T00:00:00Z"): Resource {
  return { kind, mesh: "default", name, labels: {}, spec, version: 1, creationTime, modificationTime: creationTime };
}

const gateway = resource("MeshGateway", "edge", {});
const backend = (service: string, weight?: number, more = {}) => ({
  ...(weight !== undefined && { weight }),
  destination: { "kuma.io/service": service, ...more },
});

function routeOf(
  rules: readonly object[],
  options: { readonly name?: string; readonly hostnames?: readonly string[]; readonly time?: string } = {},
) {
  const { name = "r", hostnames = [], time } = options;
  return resource(
    "MeshGatewayRoute",
    name,
    { selectors: [{ match: { door: "x" } }], conf: { http: { hostnames, rules } } },
    time,
  );
}

function plan(listener: ListenerSubject, ...policies: readonly Resource[]): ListenerPlan {
  return planListener({
    subject: { mesh: "default", name: "edge-1", zone: "east", labels: {}, tagSets: [tags], gateway },
    listener,
    policiesOf: (kind) => policies.filter((policy) => policy.kind === kind),
    backendOf: () => undefined,
  });
}

/** The Envoy routes of a plan for one rule. */
function routes(rule: object): readonly object[] {
  return plan(http, routeOf([rule])).rules.flatMap(({ entries }) => entries.map(({ route }) => route));
}

const everything = [{ path: { match: "PREFIX", value: "/" } }];

describe("a MeshGatewayRoute", () => {
  it("is for listeners that its selectors fit, and for their protocol", () => {
    const route = routeOf([{ matches: everything, backends: [backend("web")] }]);
    const bytes = resource("MeshGatewayRoute", "b", {
      selectors: [{ match: { door: "*" } }],
      conf: { tcp: { rules: [{ backends: [backend("db")] }] } },
    });
    const elsewhere = resource("MeshGatewayRoute", "e", { ...(route.spec as object), selectors: [{ match: { door: "y" } }] });
    expect(plan(http, route, bytes, elsewhere)).toMatchObject({ origins: ["MeshGatewayRoute/default/r"], connections: [] });
    expect(plan(tcp, route, bytes, elsewhere)).toMatchObject({
      origins: ["MeshGatewayRoute/default/b"],
      rules: [],
      connections: [{ tags: { "kuma.io/service": "db" }, weight: 1 }],
    });
  });

  it("matches path, method, headers and parameters", () => {
    const matches = [
      {
        path: { match: "REGEX", value: "/a.*" },
        method: "PUT",
        headers: [
          { name: "X-A", value: "1" },
          { match: "ABSENT", name: "x-b" },
          { match: "REGEX", name: "x-c", value: "c+" },
        ],
        queryParameters: [{ name: "q", value: "1" }],
      },
    ];
    expect(routes({ matches, backends: [backend("web")] })).toMatchObject([
      {
        match: {
          safeRegex: { regex: "/a.*" },
          headers: [
            { name: ":method", stringMatch: { exact: "PUT" } },
            { name: "x-a", stringMatch: { exact: "1" } },
            { name: "x-b", presentMatch: false },
            { name: "x-c", stringMatch: { safeRegex: { regex: "c+" } } },
          ],
          queryParameters: [{ name: "q", stringMatch: { exact: "1" } }],
        },
      },
    ]);
  });

  it("without a path matches every path, and an exact one by default", () => {
    expect(routes({ matches: [{ method: "GET" }], backends: [backend("web")] })).toMatchObject([{ match: { prefix: "/" } }]);
    expect(routes({ matches: [{ path: { value: "/a" } }], backends: [backend("web")] })).toMatchObject([
      { match: { path: "/a" } },
    ]);
  });

  it("replaces whole segments of a prefix", () => {
    const rule = {
      matches: [{ path: { match: "PREFIX", value: "/a" } }],
      filters: [{ rewrite: { replacePrefixMatch: "/b" } }, { rewrite: { hostToBackendHostname: true } }],
      backends: [backend("web")],
    };
    const single = { ...rule, filters: rule.filters.slice(0, 1) };
    expect(routes(single)).toMatchObject([
      { match: { path: "/a" }, route: { regexRewrite: { substitution: "/b" } } },
      { match: { prefix: "/a/" }, route: { prefixRewrite: "/b/" } },
    ]);
    expect(routes({ ...rule, filters: rule.filters.slice(1) })).toMatchObject([
      { route: { autoHostRewrite: true } },
      { route: { autoHostRewrite: true } },
    ]);
  });

  it("changes headers of requests and answers, mirrors and redirects", () => {
    const filters = [
      { requestHeader: { set: [{ name: "x-a", value: "1" }], add: [{ name: "x-b", value: "2" }], remove: ["x-c"] } },
      { responseHeader: { remove: ["server"] } },
      { mirror: { percentage: 50, backend: backend("copy") } },
    ];
    const [rule] = plan(http, routeOf([{ matches: everything, filters, backends: [backend("web")] }])).rules;
    expect(rule?.entries[0]).toMatchObject({
      route: { requestHeadersToRemove: ["x-c"], responseHeadersToRemove: ["server"] },
      mirrors: [{ tags: { "kuma.io/service": "copy" } }],
    });
    const redirect = { scheme: "https", hostname: "b.example", port: 8443, statusCode: 308, path: { replaceFull: "/new" } };
    expect(routes({ matches: everything, filters: [{ redirect }] })).toMatchObject([
      {
        redirect: {
          schemeRedirect: "https",
          hostRedirect: "b.example",
          portRedirect: 8443,
          responseCode: "PERMANENT_REDIRECT",
          regexRewrite: { substitution: "/new" },
        },
      },
    ]);
  });

  it("rewrites the host where a filter sets it, beside the path", () => {
    const filters = [
      { requestHeader: { set: [{ name: "Host", value: "inside.example" }], remove: [":path"] } },
      { rewrite: { replaceFull: "/new" } },
    ];
    const [route] = routes({ matches: everything, filters, backends: [backend("web")] });
    expect(route).toMatchObject({ route: { hostRewriteLiteral: "inside.example", regexRewrite: { substitution: "/new" } } });
    expect(route).not.toHaveProperty("requestHeadersToAdd");
    expect(route).not.toHaveProperty("requestHeadersToRemove");
  });

  it("leaves out a match whose expression is none, and says so", () => {
    const matches = [{ path: { match: "REGEX", value: "/(a" } }, { path: { match: "REGEX", value: "/b.*" } }];
    const { rules, notes } = plan(http, routeOf([{ matches, backends: [backend("web")] }]));
    expect(rules.map(({ match }) => match.path?.value)).toEqual(["/b.*"]);
    expect(notes).toEqual([{ policy: "MeshGatewayRoute/default/r", message: "/(a is no RE2 expression: its match is left out" }]);
  });

  it("redirects with 302 where its status is none of a redirect", () => {
    expect(routes({ matches: everything, filters: [{ redirect: { statusCode: 305 } }] })).toMatchObject([
      { redirect: { responseCode: "FOUND" } },
    ]);
  });

  it("sends everything to a lone backend, whatever its weight, and nothing to one of several that has none", () => {
    const destinationsOf = (...backends: readonly object[]) =>
      plan(http, routeOf([{ matches: everything, backends }])).rules.flatMap(({ entries }) =>
        entries.flatMap((each) => each.destinations),
      );
    expect(destinationsOf(backend("a", 0))).toEqual([{ tags: { "kuma.io/service": "a" }, weight: 1 }]);
    expect(destinationsOf(backend("a", 0), backend("b", 3, { version: "v1" }))).toEqual([
      { tags: { "kuma.io/service": "b", version: "v1" }, weight: 3 },
    ]);
    expect(plan(http, routeOf([{ matches: everything, backends: [backend("a", 0), backend("b", 1)] }])).idle).toEqual([
      { tags: { "kuma.io/service": "a" } },
    ]);
  });

  it("of equal matches the older route comes first", () => {
    const younger = routeOf([{ matches: everything, backends: [backend("young")] }], { name: "a", time: "2026-02-01T00:00:00Z" });
    const older = routeOf([{ matches: everything, backends: [backend("old")] }], { name: "z" });
    const services = plan(http, younger, older).rules.flatMap(({ entries }) =>
      entries.flatMap(({ destinations }) => destinations.map((each) => each.tags["kuma.io/service"])),
    );
    expect(services).toEqual(["old", "young"]);
  });

  it("has its rules once for each host name", () => {
    const rules = [{ matches: everything, backends: [backend("web")] }];
    const { rules: hosted } = plan(http, routeOf(rules, { hostnames: ["A.example", "*.b.example"] }));
    expect(hosted.map(({ hostname }) => hostname)).toEqual(["a.example", "*.b.example"]);
  });

  it("is replaced by a route of the newer generation for the same listener", () => {
    const old = routeOf([{ matches: everything, backends: [backend("web")] }]);
    const targetRef = { kind: "MeshGateway", name: "edge", tags: { door: "x" } };
    const backendRefs = [{ kind: "MeshService", name: "next" }];
    const rules = [{ matches: [{ path: { type: "PathPrefix", value: "/" } }], default: { backendRefs } }];
    const to = [{ targetRef: { kind: "Mesh" }, hostnames: ["a.example"], rules }];
    const newer = resource("MeshHTTPRoute", "h", { targetRef, to });
    expect(plan(http, old, newer)).toMatchObject({ origins: ["MeshHTTPRoute/default/h"], rules: [{ hostname: "a.example" }] });
    const elsewhere = { ...newer, spec: { targetRef: { ...targetRef, tags: { door: "y" } }, to } };
    expect(plan(http, old, elsewhere).origins).toEqual(["MeshGatewayRoute/default/r"]);
    const bytes = resource("MeshTCPRoute", "t", {
      targetRef,
      to: [{ targetRef: { kind: "Mesh" }, rules: [{ default: { backendRefs } }] }],
    });
    expect(plan(tcp, old, bytes).connections).toEqual([{ tags: { "kuma.io/service": "next" }, weight: 1 }]);
  });

  it("names the tag sets that ingresses of other zones need chains for", () => {
    const filters = [{ mirror: { percentage: 1, backend: backend("copy", 1, { version: "v2" }) } }];
    const route = routeOf([
      { matches: everything, filters, backends: [backend("web", 0, { version: "v1" }), backend("web", 1)] },
    ]);
    expect(destinationTagSets(route)).toEqual([
      { "kuma.io/service": "copy", version: "v2" },
      { "kuma.io/service": "web", version: "v1" },
      { "kuma.io/service": "web" },
    ]);
  });
});
