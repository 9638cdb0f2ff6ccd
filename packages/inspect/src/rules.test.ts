import type { MeshGatewaySpec } from "@meridian/model";
import { describe, expect, it } from "vitest";
import { dataplaneRules, gatewayRules } from "./rules.ts";
import { dataplaneRuleList } from "./rules-list.ts";
import { dataplaneOf, meshFrom, named } from "./testing/mesh.ts";

const web = `
type: Dataplane
mesh: default
name: web-1
networking:
  address: 10.0.0.1
  inbound:
    - {port: 8080, name: http, tags: {kuma.io/service: web, kuma.io/protocol: http}}
  outbound:
    - {port: 10001, tags: {kuma.io/service: orders}}
    - {port: 10002, tags: {kuma.io/service: other}}
`;

const mtls = { mtls: { enabledBackend: "ca", backends: [] } } as never;

describe("_rules", () => {
  it("merges `to` by tags, the most specific first", () => {
    const mesh = meshFrom(`${web}
---
{type: MeshTimeout, mesh: default, name: b, spec: {to: [{targetRef: {kind: Mesh}, default: {connectionTimeout: 5s, idleTimeout: 1m}}]}}
---
{type: MeshTimeout, mesh: default, name: a, spec: {to: [{targetRef: {kind: MeshService, name: orders}, default: {connectionTimeout: 2s}}]}}
`);
    const merged = { connectionTimeout: "2s", idleTimeout: "1m0s" };
    const both = { origin: ["b", "a"] };
    expect(named(dataplaneRules(mesh, dataplaneOf(mesh, "web-1")))).toEqual({
      resource: "web-1",
      httpMatches: [],
      rules: [
        {
          type: "MeshTimeout",
          toRules: [
            { conf: merged, matchers: [{ key: "kuma.io/service", value: "orders", not: false }], ...both },
            { conf: { connectionTimeout: "5s", idleTimeout: "1m0s" }, matchers: [], origin: ["b"] },
          ],
          toResourceRules: [
            {
              conf: [{ connectionTimeout: "5s", idleTimeout: "1m0s" }],
              origin: [{ resourceMeta: "b", ruleIndex: 0 }],
              resourceMeta: "default",
            },
          ],
          fromRules: [],
          inboundRules: [],
          warnings: [],
        },
      ],
    });
    expect(dataplaneRuleList(mesh, dataplaneOf(mesh, "web-1"))).toMatchObject({
      total: 2,
      items: [
        { type: "DestinationSubset", service: "orders", addresses: ["127.0.0.1:10001"], conf: merged },
        { type: "DestinationSubset", service: "other", addresses: ["127.0.0.1:10002"], conf: { connectionTimeout: "5s" } },
      ],
    });
  });

  it("tells destinations that are resources, and ports of them, apart", () => {
    const mesh = meshFrom(
      `${web}
---
{type: MeshService, mesh: default, name: orders, spec: {selector: {dataplaneTags: {kuma.io/service: orders}}, ports: [{port: 80, name: http}, {port: 81}]}}
---
type: MeshRetry
mesh: default
name: again
spec:
  to:
    - targetRef: {kind: Mesh}
      default: {tcp: {maxConnectAttempt: 1}}
    - targetRef: {kind: MeshService, name: orders}
      default: {tcp: {maxConnectAttempt: 2}}
    - targetRef: {kind: MeshService, name: orders, sectionName: http}
      default: {http: {numRetries: 3}}
`,
      { meshServices: { mode: "Exclusive" } },
    );
    const { rules } = named(dataplaneRules(mesh, dataplaneOf(mesh, "web-1"))) as { rules: readonly Record<string, unknown>[] };
    const from = (...indexes: readonly number[]) => indexes.map((ruleIndex) => ({ resourceMeta: "again", ruleIndex }));
    expect(rules[0]).toMatchObject({
      toRules: [],
      toResourceRules: [
        { resourceMeta: "orders", conf: [{ tcp: { maxConnectAttempt: 2 } }], origin: from(0, 1) },
        {
          resourceMeta: "orders",
          resourceSectionName: "http",
          conf: [{ tcp: { maxConnectAttempt: 2 }, http: { numRetries: 3 } }],
          origin: from(0, 1, 2),
        },
        { resourceMeta: "default", origin: from(0) },
      ],
    });
  });

  it("shows inbounds by rule, old `from` for everybody included, and clients by tags", () => {
    const mesh = meshFrom(
      `${web}
---
{type: MeshTimeout, mesh: default, name: old, spec: {from: [{targetRef: {kind: Mesh}, default: {idleTimeout: 1m}}]}}
---
{type: MeshTimeout, mesh: default, name: new, spec: {targetRef: {kind: Dataplane, sectionName: http}, rules: [{default: {idleTimeout: 2m}}]}}
---
{type: MeshTimeout, mesh: default, name: elsewhere, spec: {targetRef: {kind: Dataplane, sectionName: admin}, rules: [{default: {idleTimeout: 9m}}]}}
---
type: MeshTrafficPermission
mesh: default
name: allow
spec:
  from:
    - targetRef: {kind: Mesh}
      default: {action: Deny}
    - targetRef: {kind: MeshSubset, tags: {kuma.io/service: api}}
      default: {action: Allow}
`,
      mtls,
    );
    const inbound = { name: "http", port: 8080, tags: { "kuma.io/service": "web", "kuma.io/protocol": "http" } };
    const { rules } = named(dataplaneRules(mesh, dataplaneOf(mesh, "web-1"))) as { rules: readonly Record<string, unknown>[] };
    expect(rules[0]).toMatchObject({
      type: "MeshTimeout",
      inboundRules: [
        {
          inbound,
          rules: [
            {
              conf: [{ idleTimeout: "2m0s" }],
              origin: [
                { resourceMeta: "old", ruleIndex: 0 },
                { resourceMeta: "new", ruleIndex: 0 },
              ],
            },
          ],
        },
      ],
    });
    const api = { key: "kuma.io/service", value: "api" };
    expect(rules[1]).toMatchObject({
      type: "MeshTrafficPermission",
      fromRules: [
        {
          inbound,
          rules: [
            { conf: { action: "Allow" }, matchers: [{ ...api, not: false }], origin: ["allow"] },
            { conf: { action: "Deny" }, matchers: [{ ...api, not: true }], origin: ["allow"] },
          ],
        },
      ],
      warnings: [],
    });
  });

  it("puts no rule of a permission over another, and says when there is no identity", () => {
    const mesh = meshFrom(`${web}
---
type: MeshTrafficPermission
mesh: default
name: allow
spec:
  rules:
    - default: {allow: [{spiffeID: {type: Prefix, value: "spiffe://default/"}}]}
    - default: {deny: [{spiffeID: {type: Exact, value: "spiffe://default/web"}}]}
`);
    const { rules } = dataplaneRules(mesh, dataplaneOf(mesh, "web-1")) as { rules: readonly Record<string, unknown>[] };
    expect(rules).toMatchObject([{ inboundRules: [{ rules: [{ conf: [{ allow: [{}] }] }, { conf: [{ deny: [{}] }] }] }] }]);
    expect(rules[0]?.["warnings"]).toHaveLength(1);
  });

  it("tells requests of a route by the hash of its matches", () => {
    const mesh = meshFrom(`${web}
---
type: MeshHTTPRoute
mesh: default
name: api
spec:
  to:
    - targetRef: {kind: MeshService, name: orders}
      rules: [{matches: [{path: {type: PathPrefix, value: /api}}], default: {}}]
---
type: MeshTimeout
mesh: default
name: on-route
spec:
  targetRef: {kind: MeshHTTPRoute, name: api}
  to: [{targetRef: {kind: Mesh}, default: {http: {requestTimeout: 1s}}}]
`);
    const answer = dataplaneRules(mesh, dataplaneOf(mesh, "web-1")) as {
      readonly httpMatches: readonly { readonly hash: string; readonly match: unknown }[];
      readonly rules: readonly object[];
    };
    const [match] = answer.httpMatches;
    expect(match?.match).toEqual([{ path: { type: "PathPrefix", value: "/api" } }]);
    expect(named(answer.rules[1])).toMatchObject({
      type: "MeshTimeout",
      toRules: [
        {
          matchers: [
            { key: "__rule-matches-hash__", value: match?.hash, not: false },
            { key: "kuma.io/service", value: "orders", not: false },
          ],
          origin: ["on-route"],
        },
      ],
    });
  });

  it("shows one conf for kinds about the whole proxy, also of a gateway that runs nowhere", () => {
    const mesh = meshFrom(`${web}
---
{type: MeshPassthrough, mesh: default, name: b, spec: {default: {passthroughMode: Matched, appendMatch: [{type: Domain, value: a.com, port: 443, protocol: tls}]}}}
---
{type: MeshPassthrough, mesh: default, name: a, spec: {default: {appendMatch: [{type: Domain, value: b.com, port: 443, protocol: tls}]}}}
---
{type: MeshGateway, mesh: default, name: edge, selectors: [{match: {kuma.io/service: edge}}], conf: {listeners: [{port: 80, protocol: HTTP}]}}
---
{type: MeshRetry, mesh: default, name: edges, spec: {targetRef: {kind: MeshGateway, name: edge}, to: [{targetRef: {kind: Mesh}, default: {tcp: {maxConnectAttempt: 2}}}]}}
`);
    const { rules } = named(dataplaneRules(mesh, dataplaneOf(mesh, "web-1"))) as { rules: readonly Record<string, unknown>[] };
    expect(rules).toMatchObject([
      { proxyRule: { conf: { appendMatch: [{ value: "a.com" }, { value: "b.com" }] }, origin: ["b", "a"] }, toRules: [] },
    ]);
    expect(dataplaneRuleList(mesh, dataplaneOf(mesh, "web-1"))).toMatchObject({
      total: 1,
      items: [{ type: "SingleItem", policyType: "MeshPassthrough", origins: [{ name: "b" }, { name: "a" }] }],
    });
    const [edge] = mesh.list<MeshGatewaySpec>("MeshGateway");
    if (!edge) throw new Error("a gateway expected");
    expect(named(gatewayRules(mesh, edge))).toMatchObject({
      resource: "edge",
      rules: [{ type: "MeshPassthrough" }, { type: "MeshRetry", toRules: [{ origin: ["edges"] }] }],
    });
  });
});
