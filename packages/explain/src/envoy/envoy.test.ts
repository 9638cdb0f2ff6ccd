import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { clusterEndpoints } from "./endpoints.ts";
import { chooseChain } from "./listeners.ts";
import { isAllowed, judge } from "./rbac.ts";
import { chooseRoute, chooseVirtualHost, normalPath, type RoutedRequest } from "./route-match.ts";
import { fitsHeader } from "./strings.ts";
import { tlsMismatch } from "./tls.ts";

describe("routes", () => {
  const request: RoutedRequest = { method: "GET", path: "/a/b?x=1", authority: "orders", headers: new Map([["x-team", "a"]]) };
  const routed = (matches: readonly object[], more: Partial<RoutedRequest> = {}) => {
    const routes = matches.map((match) => ({ match }));
    return chooseRoute({ virtualHosts: [{ domains: ["*"], routes }] }, { ...request, ...more });
  };

  it.each([
    [{ prefix: "/a" }, true],
    [{ path: "/a/b" }, true],
    [{ path: "/a" }, false],
    [{ pathSeparatedPrefix: "/a" }, true],
    [{ pathSeparatedPrefix: "/a/b/c" }, false],
    [{ prefix: "/A", caseSensitive: false }, true],
    [{ safeRegex: { regex: "/a/[a-z]" } }, true],
    [{ prefix: "/", headers: [{ name: ":method", stringMatch: { exact: "GET" } }] }, true],
    [{ prefix: "/", headers: [{ name: "x-team", stringMatch: { prefix: "b" } }] }, false],
    [{ prefix: "/", queryParameters: [{ name: "x", stringMatch: { exact: "1" } }] }, true],
    [{ prefix: "/", queryParameters: [{ name: "y", presentMatch: true }] }, false],
    [{ prefix: "/", grpc: {} }, false],
    [{ prefix: "/", runtimeFraction: { defaultValue: {} } }, false],
  ])("%o takes GET /a/b?x=1: %s", (match, fits) => {
    expect(routed([match])?.index).toBe(fits ? 0 : undefined);
  });

  it("the first that fits is taken; one that may take it by chance is told", () => {
    const half = { prefix: "/", runtimeFraction: { defaultValue: { numerator: 50 } } };
    expect(routed([{ prefix: "/x" }, half, { prefix: "/" }])).toMatchObject({ index: 2, uncertain: [{ match: half }] });
  });

  it.each([
    ["orders.mesh", "exact"],
    ["a.orders.mesh", "suffix"],
    ["orders.other", "prefix"],
    ["else", "any"],
  ])("of several virtual hosts %s gets the %s one", (authority, name) => {
    const hosts = [["*"], ["orders.*"], ["*.mesh"], ["orders.mesh"]].map((domains, index) => ({
      name: ["any", "prefix", "suffix", "exact"][index],
      domains,
    }));
    expect(chooseVirtualHost(hosts, authority)).toMatchObject({ name });
  });

  it("paths are made normal as the connection manager says", () => {
    expect(normalPath({ normalizePath: true, mergeSlashes: true }, "/a/./b/../%63//d?x=/../")).toBe("/a/c/d?x=/../");
    expect(normalPath({}, "/a/../b")).toBe("/a/../b");
  });
});

describe("headers", () => {
  it.each([
    [{ presentMatch: true }, "a", true],
    [{ presentMatch: false }, undefined, true],
    [{ stringMatch: { exact: "a" }, invertMatch: true }, "b", true],
    [{ stringMatch: { exact: "a" }, invertMatch: true }, undefined, false],
    [{ stringMatch: { exact: "" }, treatMissingHeaderAsEmpty: true }, undefined, true],
    [{ rangeMatch: { start: "1", end: "3" } }, "3", false],
    [{}, "a", true],
  ])("%o on %s: %s", (match, value, fits) => {
    expect(fitsHeader({ name: "x", ...match }, value)).toBe(fits);
  });
});

describe("endpoints", () => {
  const endpoint = (address: string, loadBalancingWeight: number, healthStatus = "HEALTHY") => ({
    endpoint: { address: { socketAddress: { address, portValue: 80 } } },
    ...{ loadBalancingWeight, healthStatus },
  });
  const locality = (zone: string, priority: number, lbEndpoints: readonly object[], loadBalancingWeight?: number) => ({
    locality: { zone },
    ...{ priority, lbEndpoints, loadBalancingWeight },
  });

  it("share by weight within the first priority that has anybody", () => {
    const endpoints = [
      locality("near", 0, [endpoint("ill", 1, "UNHEALTHY")]),
      locality("mid", 1, [endpoint("a", 1), endpoint("b", 3)]),
      locality("far", 2, [endpoint("c", 9)]),
    ];
    expect(clusterEndpoints({ endpoints }, {}).map(({ address, share }) => [address, share])).toEqual([
      ["b", 0.75],
      ["a", 0.25],
      ["c", 0],
    ]);
  });

  it("share by the weight of their locality where the cluster asks for that", () => {
    const endpoints = [locality("x", 0, [endpoint("a", 1), endpoint("b", 1)], 1), locality("y", 0, [endpoint("c", 1)], 3)];
    const cluster = { commonLbConfig: { localityWeightedLbConfig: {} } };
    const shares = clusterEndpoints({ endpoints }, cluster).map(({ address, share }) => [address, share]);
    expect(shares).toEqual([
      ["c", 0.75],
      ["a", 0.125],
      ["b", 0.125],
    ]);
  });

  it("share out everything, whatever there is", () => {
    const weight = fc.integer({ min: 1, max: 100 });
    const any = fc.array(fc.tuple(fc.integer({ min: 0, max: 2 }), fc.array(weight, { minLength: 1, maxLength: 4 })), {
      minLength: 1,
    });
    fc.assert(
      fc.property(any, (localities) => {
        const endpoints = localities.map(([priority, weights]) =>
          locality(
            "",
            priority,
            weights.map((each) => endpoint("a", each)),
          ),
        );
        const total = clusterEndpoints({ endpoints }, {}).reduce((sum, { share }) => sum + share, 0);
        expect(total).toBeCloseTo(1, 9);
      }),
    );
  });
});

describe("filter chains", () => {
  const filterChains = [
    { name: "plain", filterChainMatch: { transportProtocol: "raw_buffer" } },
    { name: "any tls", filterChainMatch: { transportProtocol: "tls" } },
    { name: "mesh", filterChainMatch: { transportProtocol: "tls", applicationProtocols: ["kuma"] } },
    { name: "orders", filterChainMatch: { transportProtocol: "tls", serverNames: ["*.orders"] } },
  ];

  it.each([
    [{}, "plain"],
    [{ tls: { sni: "x", alpn: ["h2"] } }, "any tls"],
    [{ tls: { sni: "x", alpn: ["kuma"] } }, "mesh"],
    [{ tls: { sni: "A.ORDERS", alpn: ["kuma"] } }, "orders"],
  ])("%o takes %s", (arrival, name) => {
    expect(chooseChain({ filterChains }, arrival)).toMatchObject({ name });
  });

  it("that ask for what does not come take nothing", () => {
    expect(chooseChain({ filterChains: filterChains.slice(1) }, {})).toBeUndefined();
  });
});

describe("RBAC", () => {
  const named = (uri: string) => ({ authenticated: { principalName: { exact: uri } } });
  const rules = (...principals: readonly object[]) => ({
    rules: { policies: { p: { permissions: [{ any: true }], principals } } },
  });
  const web = { uris: ["spiffe://default/web", "kuma://team/a"] };

  it.each([
    [rules(named("spiffe://default/web")), true],
    [rules(named("spiffe://default/api")), false],
    [rules({ andIds: { ids: [named("spiffe://default/web"), { notId: named("kuma://team/a") }] } }), false],
    [rules({ orIds: { ids: [named("x"), { any: true }] } }), true],
    [{ rules: {} }, false],
    [{}, true],
    [rules({ header: { name: "x" } }), undefined],
  ])("%o lets web in: %s", (rbac, allowed) => {
    expect(isAllowed(rbac, web)).toBe(allowed);
  });

  it("names the rule that decides", () => {
    expect(judge(rules(named("spiffe://default/web")), web)).toEqual({ isAllowed: true, rule: "p" });
    expect(judge(rules(named("x")), web)).toEqual({ isAllowed: false });
  });
});

describe("TLS", () => {
  const socket = (type: string, common: object) => ({
    transportSocket: { typedConfig: { "@type": `type.googleapis.com/x.${type}`, commonTlsContext: common } },
  });
  const sans = (...matchers: readonly object[]) => ({
    combinedValidationContext: {
      defaultValidationContext: { matchTypedSubjectAltNames: matchers.map((matcher) => ({ sanType: "URI", matcher })) },
    },
  });
  const versions = (min: string, max: string) => ({
    tlsParams: { tlsMinimumProtocolVersion: min, tlsMaximumProtocolVersion: max },
  });
  const ends = (upstream: object | undefined, downstream: object | undefined) => ({
    cluster: upstream ? socket("UpstreamTlsContext", upstream) : {},
    chain: downstream ? socket("DownstreamTlsContext", downstream) : {},
    clientUris: ["spiffe://m/web"],
    serverUris: ["spiffe://m/orders"],
  });

  it.each([
    [undefined, undefined, undefined],
    [sans({ exact: "spiffe://m/orders" }), sans({ prefix: "spiffe://m/" }), undefined],
    [undefined, {}, "the server wants TLS and the client speaks plaintext"],
    [{}, undefined, "the client speaks TLS and the server does not"],
    [versions("TLSv1_2", "TLSv1_2"), versions("TLSv1_3", "TLSv1_3"), "the client speaks TLS 1.2 and the server TLS 1.3"],
    [sans({ exact: "spiffe://m/other" }), {}, "the client expects spiffe://m/other and the server is spiffe://m/orders"],
    [{}, sans({ prefix: "spiffe://n/" }), "the server expects spiffe://n/… and the client is spiffe://m/web"],
  ])("of a client with %o and a server with %o: %s", (upstream, downstream, why) => {
    expect(tlsMismatch(ends(upstream, downstream))).toBe(why);
  });
});
