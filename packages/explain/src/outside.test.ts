import { describe, expect, it } from "vitest";
import { ask, dataplane, linesOf, mesh, permission, plainMesh, resource, zone } from "./testing/mesh.ts";

const magnanimo = dataplane("magnanimo-1", { service: "magnanimo", calls: ["payments"], host: 1 });
const world = [mesh(), zone("east"), magnanimo];

function external(name: string, address: string, tags: object = {}) {
  return resource("ExternalService", name, {
    networking: { address },
    tags: { "kuma.io/service": "payments", "kuma.io/protocol": "http", ...tags },
  });
}

const payments = external("payments-1", "192.0.2.80:443");

describe("an ExternalService", () => {
  it("is reached by the sidecar itself, if a permission says so", () => {
    const explained = ask([...world, payments, permission("to-payments", "magnanimo", "payments")], { to: "payments" });
    expect(linesOf(explained, "endpoints")).toEqual(["endpoints of payments", "100 %: payments-1 at 192.0.2.80:443"]);
    expect(linesOf(explained, "permission")).toEqual([
      "permission at payments: allowed",
      "payments-1: allowed by TrafficPermission to-payments",
    ]);
    expect(linesOf(explained, "identity")).toEqual([
      "identity: none",
      "the destination is outside of the mesh: it is not shown who calls",
    ]);
    expect(explained.verdict).toMatchObject({ outcome: "reaches", policies: ["TrafficPermission/default/to-payments"] });
  });

  it("is left out by the client's own proxy, if a permission lets only others go there", () => {
    const { verdict, destinations } = ask([...world, payments, permission("others", "generoso", "payments")], { to: "payments" });
    expect(verdict).toMatchObject({
      outcome: "blocked",
      reason: "denied",
      policies: ["TrafficPermission/default/others"],
      text: "magnanimo does not reach payments: TrafficPermission others lets others in, but not this client",
    });
    expect(destinations[0]?.leftOut).toEqual([
      { zone: "", name: "payments-1", reason: "TrafficPermission others lets others in, but not this client" },
    ]);
  });

  it("is closed in a mesh with mTLS, and open in one without", () => {
    expect(ask([...world, payments], { to: "payments" }).verdict.text).toBe(
      "magnanimo does not reach payments: no permission of payments lets anybody in",
    );
    expect(ask([plainMesh, ...world.slice(1), payments], { to: "payments" }).verdict.outcome).toBe("reaches");
  });

  it("that has other tags is not meant by a route", () => {
    const toEu = resource("TrafficRoute", "eu", {
      sources: [{ match: { "kuma.io/service": "*" } }],
      destinations: [{ match: { "kuma.io/service": "payments" } }],
      conf: { destination: { "kuma.io/service": "payments", region: "eu" } },
    });
    const { destinations } = ask(
      [plainMesh, ...world.slice(1), payments, external("eu", "192.0.2.82:443", { region: "eu" }), toEu],
      {
        to: "payments",
      },
    );
    expect(destinations[0]).toMatchObject({
      endpoints: [{ name: "eu", share: 1 }],
      leftOut: [{ name: "payments-1", reason: "it has no tag region" }],
    });
  });

  it("may be several, of which each has a share", () => {
    const explained = ask([plainMesh, ...world.slice(1), payments, external("payments-2", "192.0.2.81:443")], { to: "payments" });
    expect(explained.destinations[0]?.endpoints).toMatchObject([
      { via: "external", name: "payments-1", share: 0.5 },
      { via: "external", name: "payments-2", share: 0.5 },
    ]);
  });
});

describe("behind a zone egress", () => {
  const egress = resource(
    "ZoneEgress",
    "egress-1",
    { networking: { address: "10.0.0.99", port: 10_002 } },
    { "kuma.io/zone": "east" },
  );
  const withEgress = [mesh({ routing: { zoneEgress: true } }), ...world.slice(1), egress];

  it("an ExternalService is reached through it, and it decides who may", () => {
    const explained = ask([...withEgress, payments, permission("to-payments", "magnanimo", "payments")], { to: "payments" });
    expect(linesOf(explained, "endpoints")[1]).toContain("through zone egress egress-1 at 10.0.0.99:10002");
    expect(explained.destinations[0]?.servers).toMatchObject([
      {
        dataplane: "payments-1",
        through: ["egress-1"],
        permission: { decision: "allowed", policies: ["TrafficPermission/default/to-payments"] },
      },
    ]);
    expect(explained.verdict.outcome).toBe("reaches");
  });

  it("nothing is reached while no egress runs", () => {
    const without = withEgress.filter(({ kind }) => kind !== "ZoneEgress");
    const { verdict } = ask([...without, payments, permission("to-payments", "magnanimo", "payments")], { to: "payments" });
    expect(verdict).toMatchObject({ outcome: "blocked", reason: "no-endpoints" });
    expect(verdict.text).toContain("payments is reached through a zone egress, and zone east has none that runs");
  });

  it("a client that is not meant is refused there", () => {
    const { verdict } = ask([...withEgress, payments, permission("others", "generoso", "payments")], { to: "payments" });
    expect(verdict).toMatchObject({ outcome: "blocked", reason: "denied", policies: ["TrafficPermission/default/others"] });
  });
});

describe("a MeshExternalService", () => {
  const egress = resource(
    "ZoneEgress",
    "egress-1",
    { networking: { address: "10.0.0.99", port: 10_002 } },
    { "kuma.io/zone": "east" },
  );
  const backendRef = { kind: "MeshExternalService", name: "billing", port: 443 };
  const billing = resource("MeshExternalService", "billing", {
    match: { type: "HostnameGenerator", port: 443, protocol: "http" },
    endpoints: [{ address: "192.0.2.90", port: 8443 }],
  });
  const caller = {
    ...magnanimo,
    spec: {
      networking: { ...(magnanimo.spec as { readonly networking: object }).networking, outbound: [{ port: 10_001, backendRef }] },
    },
  };
  const services = { meshServices: { mode: "Everywhere" } };
  const open = [mesh(services), zone("east"), caller, billing, egress];

  it("is reached through the egress, open to the mesh", () => {
    const explained = ask(open, { to: "billing" });
    expect(explained.verdict).toMatchObject({
      outcome: "reaches",
      text: expect.stringContaining("MeshExternalService billing:443") as string,
    });
    expect(explained.destinations[0]?.servers).toMatchObject([{ dataplane: "192.0.2.90:8443", through: ["egress-1"] }]);
  });

  it("may be forbidden by the mesh", () => {
    const closed = mesh({ ...services, routing: { defaultForbidMeshExternalServiceAccess: true } });
    const { verdict } = ask([closed, ...open.slice(1)], { to: "billing" });
    expect(verdict.text).toBe(
      "magnanimo does not reach billing: the mesh forbids MeshExternalServices (routing.defaultForbidMeshExternalServiceAccess)",
    );
  });

  it("is not reached while no egress runs", () => {
    expect(ask(open.slice(0, -1), { to: "billing" }).verdict).toMatchObject({ outcome: "blocked", reason: "no-endpoints" });
  });
});
