import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { renderResource } from "../document/render.ts";
import { type ResourceInputResult, toResourceInput } from "../document/to-resource-input.ts";
import { createKindRegistry } from "../registry.ts";
import { externalServiceKind } from "./external-service.ts";
import { meshGatewayKind } from "./mesh-gateway/index.ts";
import { virtualOutboundKind } from "./virtual-outbound.ts";

const registry = createKindRegistry([externalServiceKind, virtualOutboundKind, meshGatewayKind]);

function read(type: string, text: string): ResourceInputResult {
  return toResourceInput({ type, mesh: "default", name: "a", ...(parse(text) as object) }, registry);
}

/** What is wrong with a document written as flow YAML: `path: message`. */
function mistakes(type: string, text: string): readonly string[] {
  const result = read(type, text);
  return "ok" in result ? [] : result.violations.map(({ path, message }) => `${path}: ${message}`);
}

describe.each(registry.all)("$kind", (definition) => {
  it("reads back as it is answered", () => {
    const first = toResourceInput(parse(definition.example), registry);
    if (!("ok" in first)) throw new Error(JSON.stringify(first.violations));
    expect(toResourceInput(renderResource(first.ok, registry), registry)).toEqual(first);
    expect(first.warnings).toEqual([]);
  });
});

describe("ExternalService", () => {
  const tags = "tags: {kuma.io/service: a}";
  const unparsable = [
    "networking.address: unable to parse address",
    "networking.address: address has to be a valid IP address or a domain name",
    "networking.address: unable to parse port in address",
    "networking.address: port must be in the range [1, 65535]",
  ];

  it.each([
    [`{${tags}}`, ["networking: should have networking"]],
    [`{networking: {}, ${tags}}`, ["networking.address: address can't be empty"]],
    [`{networking: {address: 'http://a.b:80'}, ${tags}}`, unparsable],
    [`{networking: {address: 'fd00::1:80'}, ${tags}}`, unparsable],
    [
      `{networking: {address: '..>_<..:80'}, ${tags}}`,
      ["networking.address: address has to be a valid IP address or a domain name"],
    ],
    [`{networking: {address: 'a.b:65536'}, ${tags}}`, ["networking.address: port must be in the range [1, 65535]"]],
    [
      `{networking: {address: 'a.b:x'}, ${tags}}`,
      ["networking.address: unable to parse port in address", "networking.address: port must be in the range [1, 65535]"],
    ],
    [
      `{networking: {address: 'a.b:1', tls: {serverName: '', caCert: {}, clientCert: {}, clientKey: {}}}, ${tags}}`,
      [
        "networking.tls.serverName: cannot be empty",
        "networking.tls.caCert: data source cannot be empty",
        "networking.tls.clientCert: data source cannot be empty",
        "networking.tls.clientKey: data source cannot be empty",
      ],
    ],
    [
      "{networking: {address: 'a.b:1'}, tags: {version: v1, kuma.io/protocol: x}}",
      [
        'tags["kuma.io/protocol"]: tag "kuma.io/protocol" has an invalid value "x". Allowed values: grpc, http, http2, kafka, tcp',
        'tags: mandatory tag "kuma.io/service" is missing',
      ],
    ],
    [
      "{networking: {address: 'a.b:1'}, tags: {kuma.io/service: 'a.b:1'}}",
      ['tags["kuma.io/service"]: cannot be the same as networking.address'],
    ],
  ])("refuses %s", (text, expected) => {
    expect(mistakes("ExternalService", text)).toEqual(expected);
  });

  it.each(["10.0.0.1:80", "example.com:443", "'[fd00:a123::1]:8080'"])("takes the address %s", (address) => {
    expect(mistakes("ExternalService", `{networking: {address: ${address}}, ${tags}}`)).toEqual([]);
  });

  it("warns of a data source with two places", () => {
    const { warnings } = read(
      "ExternalService",
      `{networking: {address: 'a.b:1', tls: {caCert: {file: a, secret: b}}}, ${tags}}`,
    );
    expect(warnings[0]).toBe("networking.tls.caCert has secret and file: only secret counts");
  });

  it("warns of TLS that protects less than it seems to", () => {
    const warningsOf = (tls: string) =>
      read("ExternalService", `{networking: {address: 'a.b:1', tls: ${tls}}, ${tags}}`).warnings;
    expect(warningsOf("{enabled: false}")).toEqual([]);
    expect(warningsOf("{enabled: true, caCert: {secret: a}}")).toEqual([]);
    expect(warningsOf("{enabled: true, clientKey: {secret: a}}")).toEqual([
      "networking.tls has no caCert: the certificate of the server is not checked",
      "networking.tls: no certificate is shown to the server without both, clientCert and clientKey",
    ]);
  });
});

describe("VirtualOutbound", () => {
  const selectors = 'selectors: [{match: {team: "*"}}]';
  const service = "{name: svc, tagKey: kuma.io/service}";
  const conf = (text: string) => `{${selectors}, conf: ${text}}`;
  const failed = (error: string) => `template pre evaluation failed with error=${JSON.stringify(error)}`;

  it.each([
    ["{}", ["selectors: must have at least one element", "conf: has to be defined"]],
    [
      conf("{}"),
      [
        "conf.host: has to be defined",
        "conf.port: has to be defined",
        "conf.parameters: must contain a parameter with kuma.io/service as a tagKey",
      ],
    ],
    [
      conf(`{host: '{{.svc}} x', port: '{{.svc}}a', parameters: [${service}]}`),
      [
        `conf.host: ${failed('evaluation of template with parameters didn\'t return a valid dns name result="dummy x"')}`,
        `conf.port: ${failed('evaluation of template with parameters didn\'t evaluate to a parsable number result="1a"')}`,
      ],
    ],
    [
      conf(`{host: a, port: '70000', parameters: [${service}]}`),
      [`conf.port: ${failed("evaluation of template returned a port outside of the range [1..65535] result=70000")}`],
    ],
    [
      conf(`{host: a, port: '1', parameters: [${service}, {name: svc, tagKey: 'a b'}, {name: a.b}, {name: 'c d'}, {}]}`),
      [
        "conf.parameters[1].name: name is already used",
        "conf.parameters[1].tagKey: must be a valid tag name",
        "conf.parameters[2].name: must consist of alphanumeric characters to be used as a gotemplate key",
        "conf.parameters[3].name: must be a valid tag name if you are not setting tagKey",
        "conf.parameters[3].name: must consist of alphanumeric characters to be used as a gotemplate key",
        "conf.parameters[4].name: must consist of alphanumeric characters to be used as a gotemplate key",
      ],
    ],
  ])("refuses %s", (text, expected) => {
    expect(mistakes("VirtualOutbound", text)).toEqual(expected);
  });

  it.each(["foo.{{mesh", "{{.nope}}.mesh", "{{if}}"])("refuses the template %s", (template) => {
    expect(mistakes("VirtualOutbound", conf(`{host: '${template}', port: '1', parameters: [${service}]}`))).toEqual([
      expect.stringMatching(/^conf\.host: template pre evaluation failed with error=/),
    ]);
  });

  it.each([
    `{host: 'A_b.{{ .svc }}', port: '{{.port}}', parameters: [${service}, {name: port}]}`,
    `{host: 'static.mesh', port: '80', parameters: [${service}]}`,
  ])("takes %s", (text) => {
    expect(mistakes("VirtualOutbound", conf(text))).toEqual([]);
  });
});

describe("MeshGateway", () => {
  const edge = "selectors: [{match: {kuma.io/service: edge}}]";
  const listeners = (...texts: readonly string[]) => `{${edge}, conf: {listeners: [${texts.join(", ")}]}}`;
  const first = (message: string) => `conf.listeners[0].${message}`;

  it.each([
    ["{}", ["selectors: must have at least one element", "conf: cannot be empty"]],
    [`{${edge}, conf: {}}`, ["conf.listeners: cannot be empty"]],
    [
      "{selectors: [{match: {a: b}}], tags: {kuma.io/service: a, a: ''}, conf: {listeners: [{port: 1, protocol: TCP}]}}",
      [
        'selectors[0].match: mandatory tag "kuma.io/service" is missing',
        'tags["a"]: tag value must be non-empty',
        'tags["kuma.io/service"]: tag name must not be "kuma.io/service"',
      ],
    ],
    [
      listeners("{tags: {kuma.io/zone: a, kuma.io/protocol: b, kuma.io/external-service-name: c}}"),
      [
        first("port: port must be in the range [1, 65535]"),
        first("protocol: cannot be empty"),
        ...["kuma.io/external-service-name", "kuma.io/protocol", "kuma.io/zone"].map((tag) =>
          first(`tags["${tag}"]: tag name must not be "${tag}"`),
        ),
      ],
    ],
    [listeners("{port: 1, protocol: HTTP, hostname: '*.a.*.b'}"), [first("hostname: invalid wildcard domain")]],
    [listeners("{port: 1, protocol: HTTP, hostname: 'a$.b'}"), [first("hostname: invalid hostname")]],
    [listeners(`{port: 1, protocol: HTTP, hostname: '${"a".repeat(254)}'}`), [first("hostname: must be at most 253 characters")]],
    [listeners("{port: 1, protocol: HTTPS}"), [first("tls: cannot be empty")]],
    [listeners("{port: 1, protocol: HTTPS, crossMesh: true}"), [first("protocol: protocol is not supported with crossMesh")]],
    [
      listeners("{port: 1, protocol: HTTPS, tls: {mode: PASSTHROUGH}}"),
      [first("tls.mode: mode is not supported on HTTPS listeners")],
    ],
    [listeners("{port: 1, protocol: TLS, tls: {}}"), [first("tls.mode: cannot be empty")]],
    [
      listeners("{port: 1, protocol: TLS, tls: {mode: TERMINATE}}"),
      [first("tls.certificates: cannot be empty in TLS termination mode")],
    ],
    [
      listeners("{port: 1, protocol: HTTPS, tls: {mode: TERMINATE, certificates: [{}, {}, {}]}}"),
      [first("tls.certificates: cannot have more than 2 certificates")],
    ],
    [
      listeners("{port: 1, protocol: HTTP, crossMesh: true, tls: {mode: TERMINATE}}"),
      [first("tls: must be empty with crossMesh")],
    ],
    [
      "{selectors: [{match: {kuma.io/service: a}}, {match: {kuma.io/service: b}}], conf: {listeners: [{port: 1, protocol: HTTP, crossMesh: true}]}}",
      ["selectors[1]: there can be at most one selector"],
    ],
    [
      listeners(
        "{port: 1, protocol: HTTP, resources: {connectionLimit: 1}}",
        "{port: 1, protocol: TCP, hostname: '*', resources: {connectionLimit: 2}}",
        "{port: 2, protocol: TCP}",
      ),
      [
        ...[0, 1].map((index) => `conf.listeners[${index}]: protocol conflicts with other listeners on this port`),
        ...[0, 1].map((index) => `conf.listeners[${index}]: multiple listeners for hostname on this port`),
        ...[0, 1].map((index) => `conf.listeners[${index}].resources.connectionLimit: conflicting values for this port`),
      ],
    ],
  ])("refuses %s", (text, expected) => {
    expect(mistakes("MeshGateway", text)).toEqual(expected);
  });

  it.each([
    listeners("{port: 1, protocol: TLS}"),
    listeners("{port: 1, protocol: HTTP, hostname: a.b}", "{port: 1, protocol: HTTP, hostname: '*.b', tags: {a: '*'}}"),
    listeners("{port: 1, protocol: TLS, tls: {mode: TERMINATE, certificates: [{}, {secret: a}], options: {}}}"),
    listeners("{port: 1, protocol: TCP, resources: {connectionLimit: 5}}", "{port: 1, protocol: TCP, hostname: a.b}"),
  ])("takes %s", (text) => {
    expect(mistakes("MeshGateway", text)).toEqual([]);
  });
});
