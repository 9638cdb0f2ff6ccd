import type { Tags } from "@meridian/model";
import { describe, expect, it } from "vitest";
import { type ClientPermission, clientPermission } from "./client-permission.ts";
import { inbound, policiesFrom, proxy } from "./testing/policies.ts";

function permits(client: Tags, ...documents: readonly string[]): boolean | undefined {
  return decision(client, ...documents)?.isAllowed;
}

function decision(client: Tags, ...documents: readonly string[]): ClientPermission | undefined {
  const policies = documents.flatMap((document) => policiesFrom(document));
  return clientPermission({
    subject: proxy(),
    inbound: inbound("billing"),
    mesh: "default",
    trafficPermissions: policies.filter(({ kind }) => kind === "TrafficPermission"),
    meshTrafficPermissions: policies.filter(({ kind }) => kind === "MeshTrafficPermission"),
    clientTagSets: [client],
  });
}

const web = { "kuma.io/service": "web", team: "a" };
const legacy = (source: string) =>
  `{type: TrafficPermission, mesh: default, name: p, sources: [{match: ${source}}], destinations: [{match: {kuma.io/service: billing}}]}`;
const newer = (lists: string) =>
  `{type: MeshTrafficPermission, mesh: default, name: m, spec: {targetRef: {kind: Mesh}, ${lists}}}`;
const from = (kind: string, action: string) => `{targetRef: ${kind}, default: {action: ${action}}}`;

it("says nothing where no policy has a say", () => {
  expect(permits(web)).toBeUndefined();
});

it.each([
  ["{kuma.io/service: web}", true],
  ["{kuma.io/service: api}", false],
  ['{team: "*"}', true],
  ['{zone: "*"}', false],
])("by the sources %s of a TrafficPermission: %s", (source, expected) => {
  expect(permits(web, legacy(source))).toBe(expected);
});

it("by the last entry of a MeshTrafficPermission that fits, whatever a TrafficPermission says", () => {
  const everybody = from("{kind: Mesh}", "Allow");
  const notWeb = from("{kind: MeshService, name: web}", "Deny");
  expect(permits(web, newer(`from: [${everybody}, ${notWeb}]`), legacy("{kuma.io/service: web}"))).toBe(false);
  expect(permits({ "kuma.io/service": "api" }, newer(`from: [${everybody}, ${notWeb}]`))).toBe(true);
  expect(permits(web, newer(`from: [${from("{kind: MeshSubset, tags: {team: a}}", "AllowWithShadowDeny")}]`))).toBe(true);
});

it("by rules on SPIFFE ids: what is denied stays denied", () => {
  const id = (type: string, value: string) => `{spiffeID: {type: ${type}, value: ${value}}}`;
  const allow = `allow: [${id("Prefix", "spiffe://default/")}]`;
  expect(permits(web, newer(`rules: [{default: {${allow}}}]`))).toBe(true);
  expect(permits(web, newer(`rules: [{default: {${allow}, deny: [${id("Exact", "spiffe://default/web")}]}}]`))).toBe(false);
  expect(permits(web, newer("rules: [{default: {allow: [{sni: {type: Exact, value: a.b}}]}}]"))).toBe(false);
});

describe("who decides", () => {
  const decides = (client: Tags, ...documents: readonly string[]) => {
    const { isAllowed, isExplicit, policies } = decision(client, ...documents) ?? {};
    return [isAllowed ? "allowed" : "denied", isExplicit ? "by" : "though not named by", ...(policies ?? [])].join(" ");
  };

  it("is the one TrafficPermission of the destination", () => {
    expect(decides(web, legacy("{kuma.io/service: web}"))).toBe("allowed by TrafficPermission/default/p");
    expect(decides(web, legacy("{kuma.io/service: api}"))).toBe("denied though not named by TrafficPermission/default/p");
  });

  it("is of several `from` lists the policy of the last entry that fits", () => {
    const all = newer(`from: [${from("{kind: Mesh}", "Allow")}]`).replace("name: m", "name: z-everybody");
    const notWeb = newer(`from: [${from("{kind: MeshService, name: web}", "Deny")}]`).replace("name: m", "name: a-not-web");
    expect(decides(web, all, notWeb)).toBe("denied by MeshTrafficPermission/default/a-not-web");
    expect(decides({ "kuma.io/service": "api" }, all, notWeb)).toBe("allowed by MeshTrafficPermission/default/z-everybody");
    expect(decides({ "kuma.io/service": "api" }, notWeb)).toBe(
      "denied though not named by MeshTrafficPermission/default/a-not-web",
    );
  });

  it("is a rule that denies before any that allows", () => {
    const rule = (name: string, lists: string) => newer(`rules: [{default: {${lists}}}]`).replace("name: m", `name: ${name}`);
    const id = (value: string) => `[{spiffeID: {type: Exact, value: ${value}}}]`;
    const allow = rule("allow", `allow: ${id("spiffe://default/web")}`);
    const deny = rule("deny", `deny: ${id("spiffe://default/web")}`);
    expect(decides(web, allow)).toBe("allowed by MeshTrafficPermission/default/allow");
    expect(decides(web, allow, deny)).toBe("denied by MeshTrafficPermission/default/deny");
  });
});
