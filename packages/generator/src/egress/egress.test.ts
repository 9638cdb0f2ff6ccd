import { typeUrls } from "@meridian/envoy";
import type { Resource } from "@meridian/model";
import { describe, expect, it, test } from "vitest";
import { createConfigEngine } from "../engine/engine.ts";
import { decodeResource } from "../testing/golden.ts";
import { dataplane, egress, mesh, resource, sidecar } from "../testing/resources.ts";
import type { ConfigEngine, ViewChange } from "../types.ts";

// What leaves by a zone egress, and what a change of it sends to whom.

const put = (...resources: readonly Resource[]): readonly ViewChange[] =>
  resources.map((each) => ({ op: "put", resource: each }));

const leaving = withRouting({ zoneEgress: true });
const zoneEgress = (name = "ze-west", host = 8, labels = {}): Resource =>
  resource("ZoneEgress", "", name, { networking: { address: `10.1.0.${host}`, port: 10_002 } }, labels);

function withRouting(routing: object): Resource {
  const plain = mesh("default");
  return { ...plain, spec: { ...(plain.spec as object), routing } };
}

function eastern(...offers: readonly object[]): Resource {
  const networking = { address: "10.2.0.9", port: 1, advertisedAddress: "192.0.2.2", advertisedPort: 30_001 };
  return resource("ZoneIngress", "", "zi-east", { zone: "east", networking, availableServices: offers });
}

function offer(service: string, more: object = {}): object {
  return { mesh: "default", instances: 3, tags: { "kuma.io/service": service, "kuma.io/zone": "east" }, ...more };
}

function external(service: string, tags: object = {}, name = service): Resource {
  return resource("ExternalService", "default", name, {
    tags: { "kuma.io/service": service, "kuma.io/protocol": "http", ...tags },
    networking: { address: `${name}.example:80` },
  });
}

function partner(spec: object = {}): Resource {
  const whole = { match: { port: 80, protocol: "http" }, endpoints: [{ address: "partner.example", port: 443 }], ...spec };
  return resource("MeshExternalService", "default", "partner", whole);
}

const web = dataplane({
  name: "web-1",
  address: "10.0.0.1",
  outbound: [
    { port: 10_001, tags: { "kuma.io/service": "api" } },
    { port: 10_002, tags: { "kuma.io/service": "billing" } },
    { port: 10_003, backendRef: { kind: "MeshExternalService", name: "partner" } },
  ],
});
const api = dataplane({
  name: "api-1",
  address: "10.0.0.2",
  inbound: [{ port: 80, tags: { "kuma.io/service": "api", "kuma.io/protocol": "http" } }],
});

function started(...resources: readonly Resource[]): ConfigEngine {
  const engine = createConfigEngine({ zone: "west" });
  engine.apply(put(web, ...resources));
  return engine;
}

/** `address weight priority` of each endpoint of a cluster of web's. */
function endpointsOf(engine: ConfigEngine, cluster: string): readonly string[] {
  const assignment = engine.attach(sidecar("default", "web-1")).resources.get(typeUrls.endpoint)?.get(cluster);
  const { endpoints = [] } = (assignment ? decodeResource(assignment) : {}) as { readonly endpoints?: readonly Group[] };
  const found = endpoints.flatMap(({ lbEndpoints, priority = 0 }) =>
    lbEndpoints.map(({ endpoint, loadBalancingWeight }) => {
      return `${endpoint.address.socketAddress.address} ${loadBalancingWeight} ${priority}`;
    }),
  );
  return found.sort();
}

interface Group {
  readonly priority?: number;
  readonly lbEndpoints: readonly {
    readonly loadBalancingWeight: number;
    readonly endpoint: { readonly address: { readonly socketAddress: { readonly address: string } } };
  }[];
}

function serverNames(engine: ConfigEngine): readonly string[] {
  const listeners = [...(engine.attach(egress("ze-west")).resources.get(typeUrls.listener)?.values() ?? [])].map(decodeResource);
  return listeners.flatMap((listener) =>
    (listener["filterChains"] as readonly Chain[]).flatMap(({ filterChainMatch }) => filterChainMatch.serverNames),
  );
}

interface Chain {
  readonly filterChainMatch: { readonly serverNames: readonly string[] };
}

describe("a sidecar of a mesh that leaves by egresses", () => {
  it("has as much traffic to each other zone as it would have without them", () => {
    const engine = started(leaving, api, eastern(offer("api")), zoneEgress(), zoneEgress("ze-2", 9));
    expect(endpointsOf(engine, "api")).toEqual(["10.0.0.2 2 0", "10.1.0.8 3 0", "10.1.0.9 3 0"]);
  });

  it("prefers its own zone where the mesh says so", () => {
    const near = withRouting({ zoneEgress: true, localityAwareLoadBalancing: true });
    expect(endpointsOf(started(near, api, eastern(offer("api")), zoneEgress()), "api")).toEqual(["10.0.0.2 1 0", "10.1.0.8 3 1"]);
    expect(endpointsOf(started(near, eastern(offer("api")), zoneEgress()), "api")).toEqual(["10.1.0.8 3 0"]);
  });

  it("reaches nothing beyond its zone while there is none, or while it is about to stop", () => {
    const beyond = [leaving, eastern(offer("api")), external("billing"), partner()];
    const leavingOne = zoneEgress("ze-west", 8, { "meridian.io/leaving": "true" });
    for (const engine of [started(...beyond), started(...beyond, leavingOne)]) {
      expect(["api", "billing", "default_partner___extsvc_80"].flatMap((cluster) => endpointsOf(engine, cluster))).toEqual([]);
    }
  });

  it("reaches what is bound to another zone only where that zone offers it", () => {
    const bound = external("billing", { "kuma.io/zone": "east" });
    expect(endpointsOf(started(leaving, bound, zoneEgress()), "billing")).toEqual([]);
    const offered = eastern(offer("billing", { externalService: true }));
    expect(endpointsOf(started(leaving, bound, zoneEgress(), offered), "billing")).toEqual(["10.1.0.8 1 0"]);
  });
});

describe("an egress", () => {
  it("serves MeshExternalServices whatever the mesh says of its routing, and the rest only where it leaves that way", () => {
    const beyond = [zoneEgress(), eastern(offer("api")), external("billing"), partner()];
    const [mes] = serverNames(started(mesh("default"), ...beyond));
    expect(mes).toMatch(/\.partner\.80\.default\.mes$/);
    expect(serverNames(started(leaving, ...beyond))).toEqual(["billing{mesh=default}", mes, "api{mesh=default}"]);
    expect(serverNames(started(mesh("default", "off"), ...beyond))).toEqual([]);
  });

  it("passes on what is bound to another zone, and serves what is bound to its own", () => {
    const offered = eastern(offer("billing", { externalService: true }));
    const names = (zone: string) => {
      const engine = started(leaving, zoneEgress(), offered, external("billing", { "kuma.io/zone": zone }));
      const config = engine.attach(egress("ze-west"));
      return [config.identities?.map((need) => need.mesh), serverNames(engine)];
    };
    expect(names("east")).toEqual([[], ["billing{mesh=default}"]]);
    expect(names("west")).toEqual([["default"], ["billing{mesh=default}"]]);
  });

  it("has a certificate of each mesh whose TLS ends there, and loses it with the last service", () => {
    const engine = started(mesh("default"), zoneEgress(), partner());
    const tags = [["kuma.io/service", "zone-egress"]];
    expect(engine.attach(egress("ze-west")).identities).toEqual([
      { mesh: "default", backend: "ca-1", services: ["zone-egress"], tags },
    ]);
    const { kind, name } = partner();
    const update = engine.apply([{ op: "delete", key: { kind, mesh: "default", name } }]).get(".ze-west");
    expect(update?.identities).toEqual([]);
    expect(update?.patch.removed.map((each) => each.name).sort()).toEqual([
      "default_partner___extsvc_80",
      "inbound:10.1.0.8:10002",
    ]);
  });

  it("of another zone has nothing here", () => {
    const foreign = zoneEgress("ze-west", 8, { "kuma.io/zone": "east" });
    const engine = started(leaving, foreign, external("billing"));
    expect(serverNames(engine)).toEqual([]);
    expect(endpointsOf(engine, "billing")).toEqual([]);
  });
});

describe("in a mesh that has its identities from MeshIdentities alone", () => {
  const id = "spiffe://default.west.mesh.local/meridian.io/zone-egress";
  const kri = "kri_mid_default___all_";
  const identity = (status: "True" | "False"): Resource => ({
    ...resource("MeshIdentity", "default", "all", {
      selector: { dataplane: { matchLabels: {} } },
      provider: { type: "Bundled", bundled: { autogenerate: { enabled: true } } },
    }),
    status: { conditions: [{ type: "Ready", status, reason: "x", message: "not yet" }] },
  });
  const caBundles = [{ type: "Pem", pem: { value: "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n" } }];
  const trust = resource("MeshTrust", "default", "all", { trustDomain: "default.west.mesh.local", caBundles });
  const known = { ...trust, labels: { "kuma.io/managed-by": "meshtrust-generator", "kuma.io/zone": "west" } };

  const named = { ...web, labels: { "kuma.io/workload": "web" } };

  it("an egress shows an id of its own, which clients ask for and nobody else has", () => {
    const engine = started(mesh("default", "off"), zoneEgress(), partner(), known, identity("True"), named);
    const { identities, resources } = engine.attach(egress("ze-west"));
    expect(identities).toEqual([
      { mesh: "default", backend: kri, services: [], tags: [], given: { identity: "all", spiffeId: id } },
    ]);
    const listener = [...(resources.get(typeUrls.listener)?.values() ?? [])].map(decodeResource);
    const shown = JSON.stringify(listener);
    for (const text of [kri, '"prefix":"spiffe://default.west.mesh.local/"', "system_trust_bundle"])
      expect(shown).toContain(text);
    expect(shown).not.toContain("spiffe://default/");
    expect(endpointsOf(engine, "default_partner___extsvc_80")).toEqual(["10.1.0.8 1 0"]);
    const cluster = engine
      .attach(sidecar("default", "web-1"))
      .resources.get(typeUrls.cluster)
      ?.get("default_partner___extsvc_80");
    expect(JSON.stringify(cluster && decodeResource(cluster))).toContain(`"exact":"${id}"`);
  });

  it("clients know that id before it is shown, and still while the mesh has a CA of its own", () => {
    const engine = started(mesh("default"), zoneEgress(), partner(), known, identity("False"));
    const idsOf = () => {
      const cluster = engine
        .attach(sidecar("default", "web-1"))
        .resources.get(typeUrls.cluster)
        ?.get("default_partner___extsvc_80");
      return JSON.stringify(cluster && decodeResource(cluster)).match(/(?<="exact":")[^"]*/g);
    };
    expect(idsOf()).toEqual([id, "spiffe://default/zone-egress"]);
    expect(engine.attach(egress("ze-west")).identities?.map(({ backend }) => backend)).toEqual(["ca-1"]);
    engine.apply(put(identity("True")));
    expect(idsOf()).toEqual([id, "spiffe://default/zone-egress"]);
    expect(engine.attach(egress("ze-west")).identities?.map(({ backend }) => backend)).toEqual([kri]);
  });

  it("nothing leaves while they are not in use", () => {
    const engine = started(mesh("default", "off"), zoneEgress(), partner(), known, identity("False"));
    expect(serverNames(engine)).toEqual([]);
    expect(endpointsOf(engine, "default_partner___extsvc_80")).toEqual([]);
  });
});

test("between two states of its routing a mesh is served by egresses that nobody is sent to", () => {
  const beyond = [eastern(offer("api")), zoneEgress(), external("billing")];
  const served = ["billing{mesh=default}", "api{mesh=default}"];
  for (const settled of [leaving, mesh("default")]) {
    const engine = started({ ...settled, labels: { "meridian.io/egress-handover": "true" } }, ...beyond);
    expect(serverNames(engine)).toEqual(served);
    expect(endpointsOf(engine, "api")).toEqual(["192.0.2.2 3 0"]);
    engine.apply(put(settled));
    expect(serverNames(engine)).toEqual(settled === leaving ? served : []);
    expect(endpointsOf(engine, "api")).toEqual(settled === leaving ? ["10.1.0.8 3 0"] : ["192.0.2.2 3 0"]);
  }
});

test("what is bound to this zone is offered whether or not its mesh leaves by egresses yet", () => {
  const engine = started(mesh("default"), zoneEgress(), external("billing", { "kuma.io/zone": "west" }), external("free"));
  expect(engine.availableServices().map(({ tags }) => tags["kuma.io/service"])).toEqual(["billing"]);
  expect(serverNames(engine)).toEqual(["billing{mesh=default}"]);
  engine.apply(put(mesh("default", "off")));
  expect(engine.availableServices()).toEqual([]);
});

test("what is bound to this zone is offered to others as long as an egress serves it", () => {
  const bound = external("billing", { "kuma.io/zone": "west" });
  const engine = started(leaving, bound, external("free"));
  expect(engine.availableServices()).toEqual([]);
  engine.apply(put(zoneEgress()));
  const tags = { "kuma.io/protocol": "http", "kuma.io/service": "billing", "kuma.io/zone": "west" };
  const offers = engine.availableServices();
  expect(offers).toEqual([{ mesh: "default", tags, instances: 1, externalService: true }]);
  engine.apply(put(api));
  engine.apply([{ op: "delete", key: { kind: "Dataplane", mesh: "default", name: "api-1" } }]);
  expect(engine.availableServices()).toEqual(offers);
});

test("another address outside is one cluster of the egress, and nothing for its clients", () => {
  const engine = started(leaving, zoneEgress(), external("billing"), partner());
  engine.attach(sidecar("default", "web-1"));
  engine.attach(egress("ze-west"));
  const changed = partner({ endpoints: [{ address: "elsewhere.example", port: 443 }] });
  const updates = engine.apply(put(changed));
  expect([...updates.keys()]).toEqual([".ze-west"]);
  expect(updates.get(".ze-west")?.patch.changed.map(({ name }) => name)).toEqual(["default_partner___extsvc_80"]);
  expect(engine.apply(put(changed)).size).toBe(0);
});
