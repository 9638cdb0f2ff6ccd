import { describe, expect, it } from "vitest";
import { ask, dataplane, linesOf, mesh, permission, plainMesh, resource, zone } from "./testing/mesh.ts";

const workloads = [
  zone("east"),
  dataplane("magnanimo-1", { service: "magnanimo", calls: ["benigno"], host: 1 }),
  dataplane("benigno-1", { service: "benigno", host: 3 }),
];
const world = [mesh(), ...workloads];
const atBenigno = { kind: "MeshSubset", tags: { "kuma.io/service": "benigno" } };

function meshPermission(name: string, spec: object) {
  return resource("MeshTrafficPermission", name, { targetRef: atBenigno, ...spec });
}

function from(tags: object, action: string) {
  return { from: [{ targetRef: { kind: "MeshSubset", tags }, default: { action } }] };
}

describe("TrafficPermission", () => {
  it("lets in, and is named", () => {
    const explained = ask([...world, permission("only", "magnanimo", "benigno")]);
    expect(explained.verdict).toMatchObject({ outcome: "reaches", policies: ["TrafficPermission/default/only"] });
    expect(linesOf(explained, "permission")).toEqual([
      "permission at benigno: allowed",
      "benigno-1 in east: allowed by TrafficPermission only",
    ]);
  });

  it("that lets only others in is named, too; the connection is closed before HTTP, so the client gets 503", () => {
    const explained = ask([...world, permission("others", "generoso", "benigno")]);
    expect(explained.verdict).toMatchObject({
      outcome: "blocked",
      reason: "denied",
      status: 503,
      text: "magnanimo does not reach benigno: TrafficPermission others lets others in, but not this client",
      policies: ["TrafficPermission/default/others"],
    });
  });

  it("is missed where the mesh has mTLS", () => {
    const { verdict } = ask(world);
    expect(verdict).toMatchObject({ outcome: "blocked", reason: "denied", policies: [] });
    expect(verdict.text).toBe("magnanimo does not reach benigno: no permission of benigno lets anybody in");
  });
});

describe("MeshTrafficPermission with from", () => {
  // Of equally specific policies the first by name is the strongest.
  const anybody = meshPermission("z-anybody", from({}, "Allow"));

  it("is named if its entry is the one that decides", () => {
    const notMagnanimo = meshPermission("not-magnanimo", from({ "kuma.io/service": "magnanimo" }, "Deny"));
    const { verdict } = ask([...world, anybody, notMagnanimo]);
    expect(verdict).toMatchObject({
      outcome: "blocked",
      status: 403,
      policies: ["MeshTrafficPermission/default/not-magnanimo"],
      text: "magnanimo does not reach benigno: denied by MeshTrafficPermission not-magnanimo",
    });
  });

  it("passes and is counted with a shadow", () => {
    const shadow = meshPermission("shadow", from({ "kuma.io/service": "magnanimo" }, "AllowWithShadowDeny"));
    const explained = ask([...world, anybody, shadow]);
    expect(explained.destinations[0]?.servers[0]?.permission).toMatchObject({
      decision: "allowed",
      shadowDenied: true,
      policies: ["MeshTrafficPermission/default/shadow"],
    });
    expect(linesOf(explained, "permission")[1]).toBe(
      "benigno-1 in east: allowed by MeshTrafficPermission shadow, and counted as if denied",
    );
  });
});

describe("MeshTrafficPermission with rules", () => {
  const spiffe = (type: string, value: string) => ({ spiffeID: { type, value } });
  const allow = meshPermission("allow", { rules: [{ default: { allow: [spiffe("Prefix", "spiffe://default/")] } }] });

  it("is named by the rule that Envoy takes", () => {
    expect(ask([...world, allow]).verdict.policies).toEqual(["MeshTrafficPermission/default/allow"]);
    const deny = meshPermission("deny", { rules: [{ default: { deny: [spiffe("Exact", "spiffe://default/magnanimo")] } }] });
    expect(ask([...world, allow, deny]).verdict).toMatchObject({
      outcome: "blocked",
      status: 403,
      policies: ["MeshTrafficPermission/default/deny"],
    });
  });

  it("that knows others only lets nobody else in", () => {
    const other = meshPermission("other", { rules: [{ default: { allow: [spiffe("Exact", "spiffe://default/generoso")] } }] });
    expect(ask([...world, other]).verdict).toMatchObject({
      outcome: "blocked",
      text: "magnanimo does not reach benigno: MeshTrafficPermission other lets others in, but not this client",
    });
  });
});

describe("without a question of who calls", () => {
  it("a mesh without mTLS is open, whatever permissions say", () => {
    const explained = ask([plainMesh, ...workloads, permission("others", "generoso", "benigno")]);
    expect(explained.verdict.outcome).toBe("reaches");
    expect(linesOf(explained, "identity")).toEqual([
      "identity: none",
      "the mesh has no mTLS: everybody may call, and nobody knows who",
    ]);
    expect(linesOf(explained, "permission")[0]).toBe("permission at benigno: nobody asks");
  });
});

it("servers that do not agree share the verdict", () => {
  const second = dataplane("benigno-2", { service: "benigno", version: "v2", host: 4 });
  const onlyV2 = resource("TrafficPermission", "only-v2", {
    sources: [{ match: { "kuma.io/service": "magnanimo" } }],
    destinations: [{ match: { "kuma.io/service": "benigno", version: "v2" } }],
  });
  const { verdict } = ask([...world, second, onlyV2]);
  expect(verdict).toMatchObject({ outcome: "partly", reason: "denied", share: 0.5 });
  expect(verdict.text).toBe("50 % of magnanimo's requests do not reach benigno: no permission of benigno lets anybody in");
});

it("the certificate and the server name are told", () => {
  const explained = ask([...world, permission("only", "magnanimo", "benigno")]);
  expect(explained.client?.identity[0]).toBe("spiffe://default/magnanimo");
  expect(linesOf(explained, "identity")).toContain("asks for server name benigno{mesh=default}");
});
