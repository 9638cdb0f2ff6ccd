import { labelNames, type ResourceInput } from "@meridian/model";
import { describe, expect, it } from "vitest";
import { testKinds } from "../testing/kinds.ts";
import { decodeEntry } from "./entry.ts";
import { concerns, copyForZones, everyZone } from "./to-zone.ts";

const options = { kinds: testKinds, publicKeyOf: (data: string) => `public half of ${data}` };

function resource(kind: string, name: string, changes: Partial<ResourceInput> = {}): ResourceInput {
  return { kind, mesh: testKinds.get(kind)?.scope === "global" ? "" : "default", name, labels: {}, spec: {}, ...changes };
}

function sent(input: ResourceInput): ResourceInput | undefined {
  const copy = copyForZones(input, options);
  return copy && decodeEntry(copy.entry.bytes).resource;
}

const fromEast = { [labelNames.origin]: "zone", [labelNames.zone]: "east", [labelNames.displayName]: "zi" };

describe("what zones get (reference: multizone.md section 3)", () => {
  it("policies of the global under a name with a hash, without their status", () => {
    const copy = sent(resource("TrafficRoute", "canary", { status: { seen: true }, labels: { team: "a" } }));
    expect(copy?.name).toMatch(/^canary-[b-z2-9]{16}$/);
    expect(copy?.labels).toEqual({ team: "a", [labelNames.origin]: "global", [labelNames.displayName]: "canary" });
    expect(copy).not.toHaveProperty("status");
  });

  it.each([
    ["Mesh", "default"],
    ["Secret", "ca"],
    ["GlobalSecret", "partner-key"],
  ])("%s under its own name", (kind, name) => expect(sent(resource(kind, name))?.name).toBe(name));

  it.each(["Zone", "ZoneInsight", "Dataplane", "ZoneIngress", "Nonsense"])("no %s of the global", (kind) =>
    expect(sent(resource(kind, "x"))).toBeUndefined(),
  );

  it.each(["admin-user-token", "user-token-signing-key-1", "user-token-revocations", "envoy-admin-ca", "inter-cp-ca"])(
    "never the GlobalSecret %s",
    (name) => expect(sent(resource("GlobalSecret", name, { spec: { data: "c2VjcmV0" } }))).toBeUndefined(),
  );

  it("of a zone token's signing key only the public half", () => {
    const key = resource("GlobalSecret", "zone-token-signing-key-7", { spec: { data: "cHJpdmF0ZQ==" } });
    expect(sent(key)).toMatchObject({
      name: "zone-token-signing-public-key-7",
      spec: { data: "public half of cHJpdmF0ZQ==" },
      labels: { [labelNames.displayName]: "zone-token-signing-public-key-7" },
    });
    expect(copyForZones(key, { kinds: testKinds })).toBeUndefined();
    const unreadable = { kinds: testKinds, publicKeyOf: () => raise() };
    expect(copyForZones(key, unreadable)).toBeUndefined();
  });

  it("what another zone offers, with its zone's label and name kept", () => {
    const copy = copyForZones(resource("ZoneIngress", "zi-hash", { labels: fromEast }), options);
    expect(copy?.key).toBe("ZoneIngress//zi-hash");
    expect(copy && concerns(copy.audience, "east")).toBe(false);
    expect(copy && concerns(copy.audience, "west")).toBe(true);
    expect(copy && decodeEntry(copy.entry.bytes).resource.labels).toMatchObject({
      [labelNames.origin]: "global",
      [labelNames.zone]: "east",
    });
    expect(sent(resource("Dataplane", "d", { labels: fromEast }))).toBeUndefined();
  });

  it("of a zone's policies only those for the clients of a service, and a targeted one only in its zone", () => {
    const producer = { ...fromEast, [labelNames.policyRole]: "producer" };
    expect(sent(resource("MeshHTTPRoute", "r", { labels: fromEast }))).toBeUndefined();
    expect(sent(resource("MeshHTTPRoute", "r", { labels: producer }))).toBeDefined();
    const targetRef = { kind: "MeshSubset", tags: { "kuma.io/zone": "west" } };
    const targeted = copyForZones(resource("MeshHTTPRoute", "r", { labels: producer, spec: { targetRef } }), options);
    expect(targeted?.audience).toEqual({ to: "only", zone: "west" });
  });

  it("nothing that is labelled to stay", () => {
    expect(sent(resource("TrafficRoute", "r", { labels: { "kuma.io/kds-sync": "disabled" } }))).toBeUndefined();
    expect(copyForZones(resource("TrafficRoute", "r", { labels: { "kuma.io/kds-sync": "enabled" } }), options)?.audience).toBe(
      everyZone,
    );
  });

  it("the same bytes for equal content, whatever order its fields came in", () => {
    const one = copyForZones(resource("TrafficRoute", "r", { spec: { a: 1, b: [{ c: 1, d: 2 }] } }), options);
    const other = copyForZones(resource("TrafficRoute", "r", { spec: { b: [{ d: 2, c: 1 }], a: 1 } }), options);
    expect(one?.entry.hash).toBe(other?.entry.hash);
  });
});

function raise(): never {
  throw new Error("not a key");
}
