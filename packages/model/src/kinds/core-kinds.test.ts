import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { toResourceInput } from "../document/to-resource-input.ts";
import { createKindRegistry } from "../registry.ts";
import { coreKinds } from "./index.ts";

const registry = createKindRegistry(coreKinds);

/** What is wrong with a document written as flow YAML: `path: message`. */
function mistakes(type: string, text: string, name = "a"): readonly string[] {
  const result = toResourceInput({ type, name, ...(parse(text) as object) }, registry);
  return "ok" in result ? [] : result.violations.map(({ path, message }) => `${path}: ${message}`);
}

describe("Mesh", () => {
  it.each([
    [
      "{mtls: {backends: [{name: a, type: builtin}, {name: a, type: builtin}]}}",
      ["mtls.backends: cannot have more than 1 backends", 'mtls.backends[1].name: "a" name is already used for another backend'],
    ],
    [
      "{mtls: {enabledBackend: b, backends: [{name: a, type: nope, dpCert: {requestTimeout: 1s}}]}}",
      [
        "mtls.enabledBackend: has to be set to one of the backends in the mesh",
        "mtls.dpcert.rotation.expiration: has to be a valid format",
        "mtls.backends[0].type: could not find installed plugin for this type",
      ],
    ],
    [
      "{mtls: {backends: [{name: A_1, type: builtin, conf: {caCert: {RSAbits: 512, expiration: soon}}}]}}",
      [
        'mtls.backends[0].conf.mtls.backends.name: "A_1" name must be valid dns name',
        "mtls.backends[0].conf.caCert.RSAbits: must be in inclusive range [2048, 8192]",
        "mtls.backends[0].conf.caCert.expiration: has to be a valid format",
      ],
    ],
    [
      "{mtls: {backends: [{name: a, type: provided, conf: {cert: {secret: a, file: b}}}]}}",
      [
        "mtls.backends[0].conf.cert: must have exactly one defined: secret, file, inline, inlineString",
        "mtls.backends[0].conf.key: has to be defined",
      ],
    ],
    ["{mtls: {backends: [{name: a, type: builtin, mode: MAYBE}]}}", ["mtls.backends[0].mode: must be one of STRICT, PERMISSIVE"]],
    [
      "{logging: {defaultBackend: x, backends: [{type: file}, {name: t, type: tcp, conf: {address: nowhere}}]}}",
      [
        "logging.backends[0].name: cannot be empty",
        "logging.backends[0].config.path: cannot be empty",
        "logging.backends[1].config.address: has to be in format of HOST:PORT",
        "logging.defaultBackend: has to be set to one of the logging backend in mesh",
      ],
    ],
    [
      "{tracing: {backends: [{name: z, type: zipkin, sampling: 101, conf: {url: 'http://z/api', apiVersion: v9}}]}}",
      [
        "tracing.backends[0].sampling: has to be in [0.0 - 100.0] range",
        "tracing.backends[0].config.url: port has to be explicitly specified",
        "tracing.backends[0].config.apiVersion: has invalid value. Allowed values: httpJsonV1, httpJson, httpProto",
      ],
    ],
    [
      "{metrics: {backends: [{type: prometheus, conf: {skipMTLS: true, tls: {mode: providedTLS}, aggregate: [{}, {}]}}]}}",
      [
        "metrics.backends[0].conf: skipMTLS and tls configuration cannot be defined together",
        "metrics.backends[0].conf.aggregate[1].name: duplicate entry: , values have to be unique",
      ],
    ],
    [
      "{constraints: {dataplaneProxy: {requirements: [{tags: {}}], restrictions: [{tags: {a: 'x y'}}]}}}",
      [
        "constraints.dataplaneProxy.requirements[0].tags: must have at least one tag",
        'constraints.dataplaneProxy.restrictions[0].tags["a"]: tag value must consist of alphanumeric characters, dots, dashes, ' +
          'slashes and underscores or be "*"',
      ],
    ],
    ["{routing: {zoneEgress: true}}", ["mtls: has to be set when zoneEgress enabled"]],
  ])("%s", (text, expected) => expect(mistakes("Mesh", text)).toEqual(expected));

  it("limits its name to 63 characters", () => {
    expect(mistakes("Mesh", "{}", "a".repeat(64))).toEqual(["name: cannot be longer than 63 characters"]);
  });

  it("gets the defaults of metrics written", () => {
    const metrics = { backends: [{ name: "p", type: "prometheus" }] };
    const result = toResourceInput({ type: "Mesh", name: "m", metrics }, registry);
    const conf = {
      port: 5670,
      path: "/metrics",
      tags: { "kuma.io/service": "dataplane-metrics" },
      tls: { mode: "activeMTLSBackend" },
    };
    expect(result).toMatchObject({ ok: { spec: { metrics: { backends: [{ conf }] } } } });
  });
});

const service = "tags: {kuma.io/service: a}";

describe("Dataplane", () => {
  it.each([
    ["{}", ["networking: must be defined"]],
    ["{networking: {}}", ["networking.address: address can't be empty"]],
    ["{networking: {address: 0.0.0.0}}", ["networking.address: must not be 0.0.0.0 or ::"]],
    ["{networking: {address: 'a b'}}", ["networking.address: address has to be valid IP address or domain name"]],
    ["{networking: {address: 300.1.1.1}}", ["networking.address: address has to be valid IP address or domain name"]],
    [
      `{networking: {address: 127.0.0.1, admin: {port: 80}, inbound: [{port: 80, ${service}}]}}`,
      ["networking.admin.port: must differ from inbound"],
    ],
    [
      `{networking: {address: 1.1.1.1, admin: {port: 81}, outbound: [{port: 81, ${service}}]}}`,
      ["networking.admin.port: must differ from outbound"],
    ],
    [
      "{networking: {address: 1.1.1.1, inbound: [{tags: {version: v1, kuma.io/protocol: xx}, protocol: yy, address: web}]}}",
      [
        "networking.inbound[0].port: port must be in the range [1, 65535]",
        "networking.inbound[0].address: address has to be valid IP address",
        'networking.inbound[0].tags["kuma.io/protocol"]: tag "kuma.io/protocol" has an invalid value "xx". ' +
          "Allowed values: grpc, http, http2, kafka, tcp",
        'networking.inbound[0].tags["kuma.io/service"]: tag has to exist',
        'networking.inbound[0].protocol: tag "kuma.io/protocol" has an invalid value "yy". ' +
          "Allowed values: grpc, http, http2, kafka, tcp",
      ],
    ],
    [
      `{networking: {address: 1.1.1.1, inbound: [{port: 1, serviceAddress: 1.1.1.1, ${service}, serviceProbe: {timeout: 0s}}]}}`,
      [
        "networking.inbound[0].serviceAddress: serviceAddress and servicePort has to differ from address and port",
        "networking.inbound[0].serviceProbe.timeout: must have a positive value",
      ],
    ],
    [
      "{networking: {address: 1.1.1.1, outbound: [{port: 1}, {port: 70000, backendRef: {kind: X}}]}}",
      [
        'networking.outbound[0].tags: mandatory tag "kuma.io/service" is missing',
        "networking.outbound[1].port: port must be in the range [1, 65535]",
        "networking.outbound[1].backendRef.kind: invalid value. Available values are: " +
          "MeshExternalService,MeshMultiZoneService,MeshService",
        "networking.outbound[1].backendRef: either 'name' or 'labels' should be specified",
        "networking.outbound[1].backendRef.port: port must be in the range [1, 65535]",
      ],
    ],
    [
      `{networking: {address: 1.1.1.1, inbound: [{port: 1, ${service}}], gateway: {tags: {kuma.io/protocol: http}}}}`,
      [
        "networking.inbound: inbound cannot be defined for delegated gateways",
        'networking.gateway.tags: mandatory tag "kuma.io/service" is missing',
        'networking.gateway.tags["kuma.io/protocol"]: other values than tcp are not allowed, provided value "http"',
      ],
    ],
    [
      "{networking: {address: 1.1.1.1, transparentProxying: {reachableBackends: {refs: [{kind: MeshService, namespace: n}]}}}}",
      ["networking.transparentProxing.reachableBackends.refs[0].name: name is required, when namespace is defined"],
    ],
    [
      `{networking: {address: 1.1.1.1, inbound: [{port: 1, ${service}}], listeners: [{type: ZoneIngress, port: 1}]}}`,
      [
        'networking.listeners[0].name: name "1" must be unique across inbounds and listeners',
        "networking.listeners[0]: address:port 1.1.1.1:1 collides with an inbound listener",
      ],
    ],
    [
      "{networking: {address: 1.1.1.1}, probes: {endpoints: [{inboundPort: 1, path: x}]}}",
      [
        "probes.port: port must be in the range [1, 65535]",
        "probes.endpoints[0].inboundPath: should be a valid URL Path",
        "probes.endpoints[0].path: should be a valid URL Path",
      ],
    ],
  ])("%s", (text, expected) => expect(mistakes("Dataplane", text)).toEqual(expected));

  it("may have an inbound without tags, and no inbound at all", () => {
    expect(mistakes("Dataplane", "{networking: {address: web.internal, inbound: [{port: 80}]}}")).toEqual([]);
    expect(mistakes("Dataplane", "{networking: {address: '2001:db8::1'}}")).toEqual([]);
    // What the control plane of the zone made of an inbound and of a gateway without tags.
    for (const place of ["inbound: [{port: 80, tags: {kuma.io/zone: east}}]", "gateway: {tags: {kuma.io/zone: east}}"]) {
      expect(mistakes("Dataplane", `{networking: {address: web.internal, ${place}}}`)).toEqual([]);
    }
  });

  it("says that a way out of its mesh is not served", () => {
    const listeners = "[{type: ZoneIngress, port: 1}, {type: ZoneEgress, port: 2}]";
    const document = parse(
      `{type: Dataplane, mesh: m, name: a, networking: {address: 1.1.1.1, listeners: ${listeners}}}`,
    ) as object;
    const result = toResourceInput(document, registry);
    expect("ok" in result && result.warnings).toEqual([
      "networking.listeners[1]: listeners of type ZoneEgress are not served: run a ZoneEgress for the zone",
    ]);
  });
});

describe("zone proxies and secrets", () => {
  it.each([
    ["ZoneIngress", "{}", ["networking.port: port must be in the range [1, 65535]"]],
    [
      "ZoneIngress",
      "{networking: {port: 1, address: '::', advertisedAddress: a.b}}",
      [
        "networking.address.address: must not be 0.0.0.0 or ::",
        "networking.advertisedAddress: has to be defined with advertisedPort",
      ],
    ],
    [
      "ZoneIngress",
      "{networking: {port: 9, address: 127.0.0.1, admin: {port: 9}, advertisedPort: 1}}",
      ["networking.admin.port: must differ from port", "networking.advertisedPort: has to be defined with advertisedAddress"],
    ],
    [
      "ZoneIngress",
      "{networking: {port: 9}, availableServices: [{tags: {version: v1}}]}",
      ['availableService[0].tags: mandatory tag "kuma.io/service" is missing'],
    ],
    [
      "ZoneEgress",
      "{networking: {port: 0, address: '!'}}",
      [
        "networking.port: port must be in the range [1, 65535]",
        "networking.address.address: address has to be valid IP address or domain name",
      ],
    ],
    ["Secret", "{data: '%%%'}", ["data: must be base64"]],
    ["GlobalSecret", "{}", []],
    ["Zone", "{enabled: 'yes'}", ["enabled: must be of type boolean, not string"]],
  ])("%s %s", (kind, text, expected) => expect(mistakes(kind, text)).toEqual(expected));
});
