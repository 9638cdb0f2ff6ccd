import type { ExternalServiceSpec, Resource, Tags, VirtualOutboundSpec } from "@meridian/model";
import fc from "fast-check";
import { expect, it } from "vitest";
import { defaultNameSettings } from "./claim.ts";
import type { NameEntry } from "./entry.ts";
import { NameClaims } from "./name-claims.ts";

function virtualOutbound(name: string, conf: VirtualOutboundSpec["conf"], match: Tags = { "kuma.io/service": "*" }) {
  const time = "2026-01-01T00:00:00Z";
  const resource = { kind: "VirtualOutbound", mesh: "default", name, labels: {}, spec: { selectors: [{ match }], conf } };
  return { ...resource, version: 1, creationTime: time, modificationTime: time } as Resource<VirtualOutboundSpec>;
}

const service = { name: "svc", tagKey: "kuma.io/service" };
const version = { name: "ver", tagKey: "version" };

function names(): { readonly claims: NameClaims; readonly touched: Set<string> } {
  const touched = new Set<string>();
  return { claims: new NameClaims(defaultNameSettings, (host) => touched.add(host)), touched };
}

function web(tags: Tags = {}): Tags {
  return { "kuma.io/service": "web", ...tags };
}

function leads(entry: NameEntry | undefined): readonly (readonly [number, Tags])[] {
  return (entry?.ports ?? []).map(({ port, tags }) => [port, tags]);
}

it("each service is called by its own name, at one port, as long as somebody offers it", () => {
  const { claims, touched } = names();
  claims.setSource("dp-1", [web({ version: "v1" })]);
  claims.setSource("dp-2", [web({ version: "v2" }), {}]);
  expect([...touched]).toEqual(["web.mesh"]);
  expect(leads(claims.entryOf("web.mesh"))).toEqual([[80, web()]]);
  claims.setSource("dp-1", []);
  expect(claims.entryOf("web.mesh")).toBeDefined();
  claims.setSource("dp-2", []);
  expect(claims.entryOf("web.mesh")).toBeUndefined();
  expect(claims.isEmpty).toBe(true);
});

it("a name with underscores has a spelling without", () => {
  const { claims } = names();
  claims.setSource("dp-1", [{ "kuma.io/service": "web_shop_svc_80" }]);
  expect(claims.entryOf("web_shop_svc_80.mesh")?.aliases).toEqual(["web.shop.svc.80.mesh"]);
});

it("what comes again with tags that are known touches no name", () => {
  const { claims, touched } = names();
  claims.setSource("dp-1", [web({ version: "v1" })]);
  touched.clear();
  claims.setSource("dp-2", [web({ version: "v1" })]);
  claims.setSource("dp-1", []);
  expect([...touched]).toEqual([]);
});

it("a VirtualOutbound names by tags, and leads to those with the tags that its parameters are about", () => {
  const { claims } = names();
  claims.setSource("dp-1", [web({ version: "v1", team: "x" })]);
  claims.setSource("dp-2", [web()]);
  claims.setVirtualOutbound(
    "v",
    virtualOutbound("v", { host: "{{.svc}}.{{.ver}}.Apps", port: "8080", parameters: [service, version] }),
  );
  expect(leads(claims.entryOf("web.v1.apps"))).toEqual([[8080, web({ version: "v1" })]]);
  claims.setVirtualOutbound("v", undefined);
  expect(claims.entryOf("web.v1.apps")).toBeUndefined();
});

it("templates that make no name, or no port, of some tags leave these alone", () => {
  const { claims, touched } = names();
  claims.setSource("dp-1", [web({ port: "0", version: "-" }), web({ port: "http" }), web()]);
  touched.clear();
  const port = { name: "port" };
  claims.setVirtualOutbound("a", virtualOutbound("a", { host: "{{.svc}}.apps", port: "{{.port}}", parameters: [service, port] }));
  claims.setVirtualOutbound("b", virtualOutbound("b", { host: "{{.ver}}", port: "80", parameters: [service, version] }));
  expect([...touched]).toEqual([]);
});

it("of several VirtualOutbounds for a name and port the first by name counts, and the others are told so", () => {
  const { claims } = names();
  claims.setSource("dp-1", [web({ version: "v1" })]);
  const conf = { host: "{{.svc}}.mesh", port: "80", parameters: [service, version] };
  claims.setVirtualOutbound("b", virtualOutbound("b", { ...conf, parameters: [service] }));
  claims.setVirtualOutbound("a", virtualOutbound("a", conf));
  const entry = claims.entryOf("web.mesh");
  expect(leads(entry)).toEqual([[80, web({ version: "v1" })]]);
  const message = "web.mesh:80 leads to kuma.io/service=web,version=v1 as VirtualOutbound a says";
  expect(entry?.conflicts).toEqual([{ by: "VirtualOutbound/default/b", message }]);
});

it("an ExternalService is called as a service, on its own port too, and by its host unless it says otherwise", () => {
  const { claims } = names();
  const spec = { networking: { address: "api.example:8443" }, tags: { "kuma.io/service": "api" } } as ExternalServiceSpec;
  claims.setExternal("api", spec);
  const to = { "kuma.io/service": "api" };
  expect(leads(claims.entryOf("api.mesh"))).toEqual([
    [80, to],
    [8443, to],
  ]);
  expect(leads(claims.entryOf("api.example"))).toEqual([[8443, to]]);
  claims.setExternal("api", { ...spec, networking: { ...spec.networking, disableHostDNSEntry: true } });
  expect(claims.entryOf("api.example")).toBeUndefined();
  claims.setExternal("api", { ...spec, networking: { address: "192.0.2.1:8443" } });
  expect(claims.entryOf("192.0.2.1")).toBeUndefined();
});

const someTags = fc.record(
  { "kuma.io/service": fc.constantFrom("web", "a_b", "a.b"), version: fc.constantFrom("v1", "v2") },
  { requiredKeys: ["kuma.io/service"] },
);
const someConf = fc.constantFrom(
  { host: "{{.svc}}.{{.ver}}.apps", port: "80", parameters: [service, version] },
  { host: "{{.svc}}.mesh", port: "80", parameters: [service, version] },
  { host: "all.apps", port: "81", parameters: [service] },
);
const move = fc.oneof(
  fc.tuple(fc.constantFrom("dp-1", "dp-2", "dp-3"), fc.array(someTags, { maxLength: 2 })).map(
    ([source, tags]) =>
      (claims: NameClaims) =>
        claims.setSource(source, tags as Tags[]),
  ),
  fc.tuple(fc.constantFrom("x", "y"), fc.option(someConf)).map(
    ([name, conf]) =>
      (claims: NameClaims) =>
        claims.setVirtualOutbound(name, conf ? virtualOutbound(name, conf) : undefined),
  ),
  fc.tuple(fc.constantFrom("web", "all"), fc.boolean()).map(([host, isThere]) => (claims: NameClaims) => {
    const spec = { networking: { address: `${host}.apps:81` }, tags: { "kuma.io/service": host } } as ExternalServiceSpec;
    claims.setExternal(host, isThere ? spec : undefined);
  }),
);

it("whatever comes in whatever order, only names that were touched mean something else", () => {
  fc.assert(
    fc.property(fc.array(move, { maxLength: 15 }), (moves) => {
      const { claims, touched } = names();
      const known = new Map<string, string>();
      for (const each of moves) {
        touched.clear();
        each(claims);
        for (const [host, text] of known) if (!touched.has(host)) expect(JSON.stringify(claims.entryOf(host))).toBe(text);
        for (const host of touched) known.set(host, JSON.stringify(claims.entryOf(host)));
      }
    }),
  );
});
