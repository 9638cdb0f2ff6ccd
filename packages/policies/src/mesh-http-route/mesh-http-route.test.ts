import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compareMatches } from "../core/listeners/request-match.ts";
import type { OutboundSubject, RoutePlan } from "../core/types.ts";
import { destinationTagSets, outboundPolicyReach, planOutbound } from "../plan.ts";
import { outbound, policiesFrom, proxy, violationsOf, warningsOf } from "../testing/policies.ts";
import type { RouteMatch } from "./schema.ts";

const document = (spec: string, name = "r") => `---\n{type: MeshHTTPRoute, mesh: default, name: ${name}, spec: ${spec}}\n`;
const toBackend = (rules: string) => `{to: [{targetRef: {kind: MeshService, name: backend}, rules: [${rules}]}]}`;
const ref = (version: string) => `{kind: MeshServiceSubset, name: backend, tags: {version: ${version}}}`;

function plan(yaml: string, target: OutboundSubject = outbound("backend")): RoutePlan {
  const result = planOutbound({
    subject: proxy(),
    outbound: target,
    policiesOf: (kind) => policiesFrom(yaml).filter((policy) => policy.kind === kind),
    meshHasTrafficRoutes: false,
    backendOf: () => undefined,
  });
  if (result === "cut") throw new Error("a plan expected");
  return result;
}

/** `<match> -> <versions>` of each entry. */
function summary({ entries }: RoutePlan): readonly string[] {
  return entries.map(({ route, destinations }) => {
    const { headers, ...path } = route["match"] as Record<string, unknown>;
    return `${Object.values(path).join()}${headers ? "+headers" : ""} -> ${destinations.map(({ tags }) => tags["version"] ?? "any").join()}`;
  });
}

describe("rules", () => {
  it("of several policies are joined; the strongest one's version of a rule wins, field by field", () => {
    const a = toBackend(`{matches: [{path: {type: Exact, value: /a}}], default: {backendRefs: [${ref("v1")}]}}`);
    const b = toBackend(
      `{matches: [{path: {value: /a, type: Exact}}], default: {backendRefs: [${ref("v2")}], filters: [{type: RequestHeaderModifier, requestHeaderModifier: {remove: [x]}}]}},
       {matches: [{path: {type: Exact, value: /b}}], default: {backendRefs: [${ref("v2")}]}}`,
    );
    const merged = plan(document(a, "a") + document(b, "b"));
    expect(summary(merged)).toEqual(["/a -> v1", "/b -> v2", "/ -> any"]);
    expect(merged.entries[0]?.route).toMatchObject({ requestHeadersToRemove: ["x"] });
    expect(merged.origins).toEqual(["MeshHTTPRoute/default/a", "MeshHTTPRoute/default/b"]);
  });

  it("of a narrower top-level reference win", () => {
    const mesh = toBackend(`{matches: [{}], default: {backendRefs: [${ref("v1")}]}}`);
    const subset = `{targetRef: {kind: MeshSubset, tags: {kuma.io/service: web}}, to: [{targetRef: {kind: MeshService, name: backend}, rules: [{matches: [{}], default: {backendRefs: [${ref("v2")}]}}]}]}`;
    expect(summary(plan(document(mesh, "a") + document(subset, "z")))).toEqual(["/ -> v2"]);
  });

  it("whose backends get nothing are left out", () => {
    const rules = `{matches: [{path: {type: PathPrefix, value: /a}}], default: {backendRefs: [{kind: MeshService, name: backend, weight: 0}, {kind: MeshExternalService, name: out}]}}`;
    expect(summary(plan(document(toBackend(rules))))).toEqual(["/ -> any"]);
  });

  it("keep the outbound's own tags where they name no backend", () => {
    const target = outbound("backend", { tags: { "kuma.io/service": "backend", version: "v7" } });
    expect(summary(plan(document(toBackend("{matches: [{path: {type: Exact, value: /a}}], default: {}}")), target))).toEqual([
      "/a -> v7",
      "/ -> v7",
    ]);
  });

  it("do not concern other services, and no protocol but HTTP", () => {
    const yaml = document(toBackend(`{matches: [{}], default: {backendRefs: [${ref("v1")}]}}`));
    expect(plan(yaml, outbound("api")).origins).toEqual([]);
    expect(plan(yaml, outbound("backend", { protocol: "tcp" })).origins).toEqual([]);
    expect(plan(yaml, outbound("backend", { protocol: "grpc" })).origins).toEqual(["MeshHTTPRoute/default/r"]);
  });
});

describe("order of routes", () => {
  const match = (matches: string, version: string) => `{matches: [${matches}], default: {backendRefs: [${ref(version)}]}}`;

  it("is the most specific first, whatever the order of the rules", () => {
    const rules = [
      match("{path: {type: PathPrefix, value: /}}", "v1"),
      match("{headers: [{name: x, value: y}]}", "v2"),
      match('{path: {type: RegularExpression, value: "/r.*"}}', "v3"),
      match("{path: {type: PathPrefix, value: /a}}", "v4"),
      match("{path: {type: PathPrefix, value: /a/b}, method: GET}", "v5"),
      match("{path: {type: PathPrefix, value: /a/b}}", "v6"),
      match("{path: {type: Exact, value: /e}}", "v7"),
    ];
    const expected = [
      "/e -> v7",
      "/a/b+headers -> v5",
      "/a/b/+headers -> v5",
      "/a/b -> v6",
      "/a/b/ -> v6",
      "/a -> v4",
      "/a/ -> v4",
      "/r.* -> v3",
      "/+headers -> v2",
      "/ -> v1",
    ];
    fc.assert(
      fc.property(fc.shuffledSubarray(rules, { minLength: rules.length }), (shuffled) => {
        const entries = summary(plan(document(toBackend(shuffled.join()))));
        expect(entries.map((entry) => entry.replace("[object Object]", "/r.*"))).toEqual(expected);
      }),
      { numRuns: 20 },
    );
  });

  it("is transitive", () => {
    const path = fc.record({
      type: fc.constantFrom("Exact", "PathPrefix", "RegularExpression"),
      value: fc.constantFrom("/", "/a", "/ab", "/ab/c"),
    });
    const any = fc.record({ path, method: fc.constant("GET") }, { requiredKeys: [] }) as fc.Arbitrary<RouteMatch>;
    fc.assert(
      fc.property(any, any, any, (a, b, c) => {
        if (compareMatches(a, b) <= 0 && compareMatches(b, c) <= 0) expect(compareMatches(a, c)).toBeLessThanOrEqual(0);
      }),
    );
  });
});

describe("paths", () => {
  const rewrite = (value: string, replacement: string) => {
    const filter = `{type: URLRewrite, urlRewrite: {path: {type: ReplacePrefixMatch, replacePrefixMatch: "${replacement}"}}}`;
    const rule = `{matches: [{path: {type: PathPrefix, value: ${value}}}], default: {filters: [${filter}]}}`;
    return plan(document(toBackend(rule)))
      .entries.filter(
        ({ route }) =>
          route["name"] !== undefined &&
          (value === "/" || !("prefix" in (route["match"] as object) && (route["match"] as { prefix: string }).prefix === "/")),
      )
      .map(({ route }) => route["route"]);
  };

  it("keep whole segments when a prefix is replaced", () => {
    const whole = (substitution: string) => ({ timeout: "0s", regexRewrite: { pattern: { regex: ".*" }, substitution } });
    expect(rewrite("/x", "/y")).toEqual([whole("/y"), { timeout: "0s", prefixRewrite: "/y/" }]);
    expect(rewrite("/x", "/")).toEqual([whole("/"), { timeout: "0s", prefixRewrite: "/" }]);
    expect(rewrite("/x", "")).toEqual([whole("/"), { timeout: "0s", prefixRewrite: "/" }]);
    expect(rewrite("/", "/y")).toEqual([{ timeout: "0s", prefixRewrite: "/y/" }]);
  });
});

describe("validation", () => {
  const rule = (body: string) => toBackend(`{matches: [{path: {type: PathPrefix, value: /a}}], default: {${body}}}`);
  const filters = (list: string) => rule(`filters: [${list}]`);
  const at = "spec.to[0].rules[0]";

  it.each([
    ["{targetRef: {kind: MeshHTTPRoute, name: x}}", ["spec.targetRef.kind: value 'MeshHTTPRoute' is not supported"]],
    [
      "{targetRef: {kind: Mesh, name: x, tags: {a: b}}}",
      [
        "spec.targetRef.tags: must not be set with kind Mesh",
        "spec.targetRef.name: using name with kind Mesh is not yet supported",
      ],
    ],
    ["{targetRef: {kind: Mesh, proxyTypes: []}}", ["spec.targetRef.proxyTypes: must not be empty"]],
    [
      "{targetRef: {kind: Dataplane, name: a, labels: {b: c}, sectionName: http}}",
      [
        "spec.targetRef.labels: either labels or name and namespace must be specified",
        "spec.targetRef.sectionName: can only be used with inbound policies",
      ],
    ],
    ["{to: [{targetRef: {kind: Mesh}, rules: []}]}", ["spec.to[0].targetRef.kind: value 'Mesh' is not supported"]],
    [
      "{to: [{targetRef: {kind: MeshService}, rules: []}]}",
      ["spec.to[0].targetRef.name: name or labels must be set when kind is MeshService"],
    ],
    [
      "{to: [{targetRef: {kind: MeshService, name: A}, rules: []}]}",
      ["spec.to[0].targetRef.name: invalid characters: must consist of lower case alphanumeric characters, '-', '.' and '_'."],
    ],
    [
      "{to: [{targetRef: {kind: MeshService, name: a}, hostnames: [x], rules: []}]}",
      ["spec.to[0].hostnames: must not be defined"],
    ],
    [
      "{to: [{targetRef: {kind: MeshService, name: a}, rules: [{matches: [], default: {}}]}]}",
      [`${at}.matches: in body should have at least 1 items`],
    ],
    [
      toBackend("{matches: [{path: {type: PathPrefix, value: a/}}], default: {}}"),
      [
        `${at}.matches[0].path.value: does not need a trailing slash because only a \`/\`-separated prefix or an entire path is matched`,
        `${at}.matches[0].path.value: must be an absolute path`,
      ],
    ],
    [
      toBackend("{matches: [{path: {type: Exact, value: a}}], default: {}}"),
      [`${at}.matches[0].path.value: must be an absolute path`],
    ],
    [
      toBackend(
        "{matches: [{headers: [{type: Present, name: a, value: b}], queryParams: [{type: Exact, name: q, value: a}, {type: Exact, name: q, value: b}]}], default: {}}",
      ),
      [
        `${at}.matches[0].queryParams[1].name: multiple entries for name q`,
        `${at}.matches[0].headers[0].value: must not be defined`,
      ],
    ],
    [filters("{type: RequestHeaderModifier}"), [`${at}.default.filters[0].requestHeaderModifier: must be defined`]],
    [
      filters("{type: RequestHeaderModifier, requestHeaderModifier: {}}"),
      [`${at}.default.filters[0].requestHeaderModifier: must have at least one defined: set, add, remove`],
    ],
    [
      filters(
        "{type: ResponseHeaderModifier, responseHeaderModifier: {set: [{name: a, value: b}], add: [{name: a, value: c}], remove: [a]}}",
      ),
      [
        `${at}.default.filters[0].responseHeaderModifier.add[0].name: duplicate header name`,
        `${at}.default.filters[0].responseHeaderModifier.remove[0].name: duplicate header name`,
      ],
    ],
    [
      filters("{type: RequestRedirect, requestRedirect: {hostname: 10.0.0.1}}"),
      [`${at}.default.filters[0].requestRedirect.hostname: cannot be an IP address`],
    ],
    [
      filters("{type: URLRewrite, urlRewrite: {hostname: a.b, hostToBackendHostname: true}}"),
      [
        `${at}.default.filters[0].urlRewrite.hostToBackendHostname: can only be set with MeshGateway`,
        `${at}.default.filters[0].urlRewrite.hostToBackendHostname: cannot be set together with hostname`,
      ],
    ],
    [
      toBackend(
        "{matches: [{path: {type: Exact, value: /a}}], default: {filters: [{type: URLRewrite, urlRewrite: {path: {type: ReplacePrefixMatch, replacePrefixMatch: b}}}]}}",
      ),
      [
        `${at}.default.filters[0].urlRewrite.path.replacePrefixMatch: must be an absolute path`,
        `${at}.default.filters[0].urlRewrite.path.replacePrefixMatch: can only appear if all matches match a path prefix`,
      ],
    ],
    [
      filters("{type: RequestMirror, requestMirror: {percentage: 101, backendRef: {kind: MeshServiceSubset, tags: {a: b}}}}"),
      [
        `${at}.default.filters[0].requestMirror.percentage: must be in inclusive range [0.0, 100.0]`,
        `${at}.default.filters[0].requestMirror.backendRef.name: must be set with kind MeshServiceSubset`,
      ],
    ],
    [
      rule("backendRefs: [{kind: MeshServiceSubset, tags: {version: v1}}]"),
      [`${at}.default.backendRefs[0].name: must be set with kind MeshServiceSubset`],
    ],
    [
      rule("backendRefs: [{kind: MeshMultiZoneService, name: a}]"),
      [`${at}.default.backendRefs[0].port: must be defined with kind MeshMultiZoneService`],
    ],
    [
      rule("backendRefs: [{kind: MeshService, name: a, weight: -1}]"),
      [`${at}.default.backendRefs[0].weight: in body should be greater than or equal to 0`],
    ],
    [
      "{targetRef: {kind: MeshGateway, name: g}, to: [{targetRef: {kind: Mesh}, hostnames: [a.b], rules: [{matches: [{}], default: {}}]}]}",
      [`${at}.default.backendRefs: must not be empty`],
    ],
  ])("%s", (spec, expected) => {
    expect(violationsOf(document(spec))).toEqual(expected);
  });

  it("warns of deprecated top-level kinds", () => {
    expect(warningsOf(document("{targetRef: {kind: MeshServiceSubset, name: a}}"))).toHaveLength(1);
    expect(warningsOf(document("{targetRef: {kind: MeshSubset, tags: {a: b}}}"))).toEqual([
      "MeshSubset value for 'targetRef.kind' is deprecated, use Dataplane with 'labels' instead",
    ]);
  });

  it("has the defaults of its fields filled in", () => {
    const redirect = "{type: RequestRedirect, requestRedirect: {scheme: https}}";
    const rule = `{matches: [{headers: [{name: x, value: a}]}], default: {filters: [${redirect}], backendRefs: [{kind: MeshService, name: a}]}}`;
    expect(policiesFrom(document(toBackend(rule)))[0]?.spec).toMatchObject({
      to: [
        {
          rules: [
            {
              matches: [{ headers: [{ type: "Exact", name: "x", value: "a" }] }],
              default: {
                filters: [{ requestRedirect: { scheme: "https", statusCode: 302 } }],
                backendRefs: [{ kind: "MeshService", name: "a", weight: 1 }],
              },
            },
          ],
        },
      ],
    });
  });
});

it("tells which outbounds it reaches and which tag sets it asks for", () => {
  const [split, byLabels] = policiesFrom(
    document(
      toBackend(
        `{matches: [{}], default: {backendRefs: [${ref("v1")}, ${ref("v1")}, {kind: MeshService, name: api, weight: 0}]}}`,
      ),
    ) + document("{to: [{targetRef: {kind: MeshService, labels: {a: b}}, rules: []}]}", "labels"),
  );
  if (!split || !byLabels) throw new Error("two policies expected");
  expect(outboundPolicyReach(split)).toEqual({ services: ["backend"] });
  expect(outboundPolicyReach(byLabels)).toEqual({ services: "any" });
  expect(destinationTagSets(split)).toEqual([{ "kuma.io/service": "api" }, { "kuma.io/service": "backend", version: "v1" }]);
});
