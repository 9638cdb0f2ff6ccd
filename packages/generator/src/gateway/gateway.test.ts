import { type TypeUrl, typeUrls } from "@meridian/envoy";
import type { Resource } from "@meridian/model";
import { describe, expect, it } from "vitest";
import { createConfigEngine } from "../engine/engine.ts";
import { createMeshView, generate } from "../generate.ts";
import { decodeResource } from "../testing/golden.ts";
import { dataplane, mesh, resource, sidecar } from "../testing/resources.ts";

const edge = sidecar("default", "edge-1");

function gatewayDataplane(name: string, tags: object, type = "BUILTIN", outbound: readonly object[] = []): Resource {
  const networking = { address: "10.0.0.1", gateway: { type, tags }, outbound };
  return resource("Dataplane", "default", name, { networking }, { "kuma.io/proxy-type": "gateway" });
}

function meshGateway(name: string, listeners: readonly object[], match: object = { "kuma.io/service": "edge" }): Resource {
  return resource("MeshGateway", "default", name, { selectors: [{ match }], conf: { listeners } });
}

function route(name: string, service: string, path = "/"): Resource {
  const rules = [
    { matches: [{ path: { match: "PREFIX", value: path } }], backends: [{ destination: { "kuma.io/service": service } }] },
  ];
  const selectors = [{ match: { "kuma.io/service": "edge" } }];
  return resource("MeshGatewayRoute", "default", name, { selectors, conf: { http: { rules } } });
}

const http = { port: 8080, protocol: "HTTP" };
const web = dataplane({
  name: "web-1",
  address: "10.0.0.2",
  inbound: [{ port: 80, tags: { "kuma.io/service": "web", "kuma.io/protocol": "http" } }],
});
const base = [mesh("default"), gatewayDataplane("edge-1", { "kuma.io/service": "edge" }), web];

function names(resources: readonly Resource[], typeUrl: TypeUrl): readonly string[] {
  const config = generate(edge, createMeshView({ zone: "west", resources }));
  return [...(config.resources.get(typeUrl)?.keys() ?? [])].sort();
}

function notesOf(resources: readonly Resource[], policy: string): readonly string[] {
  const engine = createConfigEngine({ zone: "west" });
  engine.apply(resources.map((each) => ({ op: "put", resource: each })));
  engine.attach(edge);
  return engine.policies.notes(policy).map(({ message }) => message);
}

describe("a builtin gateway", () => {
  it("has nothing without a MeshGateway but its identity", () => {
    const config = generate(edge, createMeshView({ zone: "west", resources: base }));
    expect([...config.resources.values()].flatMap((ofType) => [...ofType.keys()])).toEqual([]);
    expect(config.identity).toMatchObject({ mesh: "default", services: ["edge"] });
  });

  it("runs the most specific MeshGateway that selects it, and the others say so", () => {
    const resources = [...base, meshGateway("one", [http]), meshGateway("two", [http], { "kuma.io/service": "edge", tier: "x" })];
    expect(names(resources, typeUrls.listener)).toEqual(["one:HTTP:8080"]);
    const tiered = [
      ...resources.slice(0, 1),
      gatewayDataplane("edge-1", { "kuma.io/service": "edge", tier: "x" }),
      ...resources.slice(2),
    ];
    expect(names(tiered, typeUrls.listener)).toEqual(["two:HTTP:8080"]);
    expect(notesOf(tiered, "MeshGateway/default/one")).toEqual(["MeshGateway two is used instead: it is more specific"]);
    expect(notesOf(tiered, "MeshGateway/default/two")).toEqual([]);
  });

  it("leaves out listeners that cannot be, names them, and has the others", () => {
    const listeners = [
      http,
      { port: 8080, protocol: "HTTPS", hostname: "a", tls: { mode: "TERMINATE", certificates: [{ secret: "s" }] } },
      { port: 8080, protocol: "HTTP", hostname: "*" },
      { port: 8443, protocol: "HTTPS", hostname: "a" },
      { port: 8444, protocol: "TLS", tls: { mode: "TERMINATE", certificates: [] } },
      { port: 8445, protocol: "TCP", crossMesh: true },
      { port: 8080, protocol: "HTTP", hostname: "b", crossMesh: true },
      { port: 9000, protocol: "TCP" },
    ];
    const resources = [...base, meshGateway("edge", listeners)];
    expect(names(resources, typeUrls.listener)).toEqual(["edge:HTTP:8080", "edge:TCP:9000"]);
    expect(notesOf(resources, "MeshGateway/default/edge")).toEqual([
      "listener 8080 * is left out: another listener of the port has the same host",
      "listener 8080 a is left out: the port already speaks HTTP",
      "listener 8080 b is left out: the port is for clients without an identity already",
      "listener 8443 a is left out: HTTPS needs tls: it does not say where TLS ends",
      "listener 8444 * is left out: it has no certificate",
      "listener 8445 * is left out: other meshes come to listeners for HTTP only",
    ]);
  });

  it("says which secrets its listeners need, and holds none", () => {
    const tls = { mode: "TERMINATE", certificates: [{ secret: "s" }, { secret: "t" }] };
    const gateway = meshGateway("edge", [{ port: 8443, protocol: "HTTPS", hostname: "a", tls }]);
    const config = generate(edge, createMeshView({ zone: "west", resources: [...base, gateway] }));
    expect(config.resources.get(typeUrls.listener)?.get("edge:HTTPS:8443")?.secrets).toEqual([
      "gateway_cert:secret:default:edge:8443:0:a",
      "gateway_cert:secret:default:edge:8443:1:a",
    ]);
    expect(config.resources.get(typeUrls.secret)).toBeUndefined();
  });

  it("asks for backends that exist only, and the route says what is missing", () => {
    const target = { kind: "MeshGateway", name: "edge" };
    const backendRefs = [{ kind: "MeshService", name: "nowhere", port: 80 }];
    const rules = [{ matches: [{ path: { type: "PathPrefix", value: "/" } }], default: { backendRefs } }];
    const wanted = resource("MeshHTTPRoute", "default", "r", { targetRef: target, to: [{ targetRef: { kind: "Mesh" }, rules }] });
    const resources = [...base, meshGateway("edge", [http]), wanted];
    expect(names(resources, typeUrls.cluster)).toEqual([]);
    expect(notesOf(resources, "MeshHTTPRoute/default/r")).toEqual([
      "backend MeshService nowhere, port 80 is no destination of the mesh: it gets no traffic",
    ]);
  });
});

describe("a delegated gateway", () => {
  it("has outbounds and an identity, and no inbound", () => {
    const outbound = [{ port: 10_001, tags: { "kuma.io/service": "web" } }];
    const delegated = gatewayDataplane("edge-1", { "kuma.io/service": "edge" }, "DELEGATED", outbound);
    const resources = [mesh("default"), delegated, web, meshGateway("edge", [http])];
    const config = generate(edge, createMeshView({ zone: "west", resources }));
    expect([...(config.resources.get(typeUrls.listener)?.keys() ?? [])]).toEqual(["outbound:127.0.0.1:10001"]);
    expect([...(config.resources.get(typeUrls.cluster)?.keys() ?? [])]).toEqual(["web"]);
    expect(config.identity).toMatchObject({ services: ["edge"] });
  });
});

describe("changes", () => {
  const client = sidecar("default", "client-1");
  const clientDataplane = dataplane({
    name: "client-1",
    address: "10.0.0.3",
    outbound: [{ port: 10_001, tags: { "kuma.io/service": "web" } }],
  });
  const replica = gatewayDataplane("edge-2", { "kuma.io/service": "edge" });

  function started() {
    const engine = createConfigEngine({ zone: "west" });
    const resources = [
      ...base,
      replica,
      clientDataplane,
      meshGateway("edge", [http, { port: 9000, protocol: "TCP" }]),
      route("r", "web"),
    ];
    engine.apply(resources.map((each) => ({ op: "put", resource: each })));
    for (const proxy of [edge, sidecar("default", "edge-2"), client]) engine.attach(proxy);
    return engine;
  }

  it("of a route are one route config, at gateways alone, the same for all replicas", () => {
    const engine = started();
    const updates = engine.apply([{ op: "put", resource: route("r", "web", "/api") }]);
    expect([...updates.keys()].sort()).toEqual(["default.edge-1", "default.edge-2"]);
    const [one, two] = [...updates.values()];
    expect(one?.patch).toBe(two?.patch);
    expect(one?.patch.changed.map(({ name }) => name)).toEqual(["edge:HTTP:8080:*"]);
    expect(one?.patch.removed).toEqual([]);
  });

  it("that make no difference send nothing", () => {
    const engine = started();
    expect(engine.apply([{ op: "put", resource: route("r", "web") }]).size).toBe(0);
    const elsewhere = resource("MeshGatewayRoute", "default", "other", {
      ...(route("other", "web").spec as object),
      selectors: [{ match: { "kuma.io/service": "elsewhere" } }],
    });
    expect(engine.apply([{ op: "put", resource: elsewhere }]).size).toBe(0);
  });

  it("of a policy for gateways leave sidecars alone", () => {
    const engine = started();
    const spec = {
      targetRef: { kind: "MeshGateway", name: "edge" },
      to: [{ targetRef: { kind: "Mesh" }, default: { http: { requestTimeout: "3s" } } }],
    };
    const updates = engine.apply([{ op: "put", resource: resource("MeshTimeout", "default", "t", spec) }]);
    expect([...updates.keys()].sort()).toEqual(["default.edge-1", "default.edge-2"]);
    const changed = updates.get("default.edge-1")?.patch.changed ?? [];
    expect(changed.map(({ name }) => name).filter((name) => name.startsWith("edge:"))).toEqual(["edge:HTTP:8080:*"]);
    const [config] = changed.filter(({ typeUrl }) => typeUrl === typeUrls.route).map(decodeResource);
    expect(JSON.stringify(config)).toContain('"timeout":"3s"');
  });

  it("of an endpoint are one assignment", () => {
    const engine = started();
    const second = dataplane({
      name: "web-2",
      address: "10.0.0.4",
      inbound: [{ port: 80, tags: { "kuma.io/service": "web", "kuma.io/protocol": "http" } }],
    });
    const update = engine.apply([{ op: "put", resource: second }]).get("default.edge-1");
    expect(update?.patch.changed.map(({ typeUrl }) => typeUrl)).toEqual([typeUrls.endpoint]);
  });
});
