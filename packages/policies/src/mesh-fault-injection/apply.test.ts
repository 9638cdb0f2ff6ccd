import { type FilterChain, typed } from "@meridian/envoy";
import { describe, expect, it } from "vitest";
import { faultFilter } from "../core/effects/faults.ts";
import type { InboundChainTarget, World } from "../core/effects/targets.ts";
import type { Protocol } from "../core/types.ts";
import { legacyFaultHooks } from "../fault-injection/apply.ts";
import { inbound, policiesFrom, proxy } from "../testing/policies.ts";
import { faultHooks } from "./apply.ts";

const world: World = { name: "default", zone: "east", mesh: {}, list: () => [] };
const target: InboundChainTarget = {
  ...{ mesh: "default", zone: "east", service: "web", tags: {}, protocol: "http", address: "10.0.0.1", port: 8080 },
  secured: true,
};
const chain: FilterChain = {
  filters: [
    {
      name: "envoy.filters.network.http_connection_manager",
      typedConfig: typed("hcm", { httpFilters: [{ name: "router", typedConfig: typed("router") }] }),
    },
  ],
};

const policy = (lists: string, name = "p") =>
  `{type: MeshFaultInjection, mesh: default, name: ${name}, spec: {targetRef: {kind: Mesh, proxyTypes: [Sidecar]}, ${lists}}}`;
const abort = (httpStatus: number) => `{http: [{abort: {httpStatus: ${httpStatus}, percentage: 50}}]}`;
const client = 'matches: [{spiffeID: {type: Prefix, value: "spiffe://default/a"}}], ';

function input(yaml: string, protocol: Protocol = "http") {
  const tags = { "kuma.io/protocol": "http" };
  return { subject: proxy(), inbound: { ...inbound("web", tags), protocol }, world, policies: policiesFrom(yaml) };
}

interface HttpFilter {
  readonly name: string;
  readonly typedConfig: {
    readonly abort?: { readonly httpStatus: number };
    readonly headers?: readonly object[];
    readonly extensionConfig?: HttpFilter;
    readonly xdsMatcher?: object;
  };
}

/** Name, status, and what tells the clients. */
function faultsIn({ filters }: FilterChain): readonly (readonly unknown[])[] {
  const http = filters.flatMap(({ typedConfig }) => typedConfig["httpFilters"] ?? []) as unknown as readonly HttpFilter[];
  return http.slice(0, -1).map(({ name, typedConfig: { extensionConfig, xdsMatcher, abort: own, headers } }) => {
    const status = own?.httpStatus ?? extensionConfig?.typedConfig.abort?.httpStatus;
    const isMatched = xdsMatcher !== undefined && JSON.stringify(xdsMatcher).includes('"notMatcher"');
    return [name, status, ...(isMatched ? ["for some"] : []), ...(headers ?? []).map((each) => JSON.stringify(each))];
  });
}

function faults(...documents: readonly string[]) {
  const decision = faultHooks.decide(input(documents.join("\n---\n")));
  return faultsIn(faultHooks.chain?.(chain, decision?.conf ?? [], target) ?? chain);
}

describe("MeshFaultInjection", () => {
  it("every rule of every policy adds a filter, named after its policy", () => {
    const rules = `rules: [{default: ${abort(500)}}, {${client}default: ${abort(501)}}]`;
    expect(faults(policy(rules), policy(`rules: [{default: ${abort(502)}}]`, "q"))).toEqual([
      ["kri_mfi_default___p_", 501, "for some"],
      ["kri_mfi_default___q_", 502],
      ["kri_mfi_default___p_", 500],
    ]);
  });

  it("of clients by their identity has no place where nobody has one", () => {
    const rules = `rules: [{default: ${abort(500)}}, {${client}default: ${abort(501)}}]`;
    const decision = faultHooks.decide(input(policy(rules)));
    const plain = faultHooks.chain?.(chain, decision?.conf ?? [], { ...target, secured: false }) ?? chain;
    expect(faultsIn(plain)).toEqual([["kri_mfi_default___p_", 500]]);
  });

  it("`from` cuts clients into groups by the tags they send along", () => {
    const from = (ref: string, status: number) => `{targetRef: ${ref}, default: ${abort(status)}}`;
    expect(faults(policy(`from: [${from("{kind: Mesh}", 500)}, ${from("{kind: MeshService, name: a}", 501)}]`))).toEqual([
      ["envoy.filters.http.fault", 501, expect.stringContaining("service=(?:[^&]*,)?a[,&]")],
      ["envoy.filters.http.fault", 500, expect.stringContaining('"invertMatch":true')],
    ]);
  });

  it("leaves an inbound alone that a FaultInjection makes fail", () => {
    const http = { httpFilters: [faultFilter({ abort: { status: 500, percentage: 1 } })] };
    const taken = { filters: [{ name: "envoy.filters.network.http_connection_manager", typedConfig: typed("hcm", http) }] };
    const decision = faultHooks.decide(input(policy(`rules: [{default: ${abort(500)}}]`)));
    expect(faultHooks.chain?.(taken, decision?.conf ?? [], target)).toBe(taken);
  });

  it("tells what cannot be: a status that is no answer, an inbound without requests", () => {
    expect(faultHooks.decide(input(policy(`rules: [{default: ${abort(150)}}]`)))).toEqual({
      ...{ conf: [], origins: ["MeshFaultInjection/default/p"] },
      notes: [
        {
          policy: "MeshFaultInjection/default/p",
          message: "http.abort.httpStatus: Envoy cannot answer with 150; requests are not aborted",
        },
      ],
    });
    expect(faultHooks.decide(input(policy(`rules: [{default: ${abort(500)}}]`), "tcp"))?.notes?.[0]?.message).toBe(
      "web is tcp, which has no requests that could fail",
    );
    expect(faultHooks.decide(input(policy("to: []")))).toBeUndefined();
  });
});

it("FaultInjections all act, each for its sources", () => {
  const legacy = (name: string, source: string, status: number) =>
    `{type: FaultInjection, mesh: default, name: ${name}, sources: [{match: ${source}}], destinations: [{match: {kuma.io/protocol: http}}],
      conf: {abort: {httpStatus: ${status}, percentage: 1}, delay: {}, responseBandwidth: {limit: 2 Mbps, percentage: 100}}}`;
  const decision = legacyFaultHooks.decide(
    input([legacy("all", '{kuma.io/service: "*"}', 500), legacy("team", "{team: a}", 501)].join("\n---\n")),
  );
  const result = legacyFaultHooks.chain?.(chain, decision?.conf ?? [], target) ?? chain;
  expect(faultsIn(result)).toEqual([
    ["envoy.filters.http.fault", 501, expect.stringContaining("&team=")],
    ["envoy.filters.http.fault", 500],
  ]);
  expect(JSON.stringify(result)).toContain('"limitKbps":2000');
  expect(legacyFaultHooks.decide(input(legacy("p", "{team: a}", 500), "tcp"))?.notes).toHaveLength(1);
});
