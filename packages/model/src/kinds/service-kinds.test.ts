import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { renderResource } from "../document/render.ts";
import { checkResource, toResourceInput } from "../document/to-resource-input.ts";
import { labelNames } from "../labels.ts";
import { createKindRegistry } from "../registry.ts";
import type { ResourceInput } from "../resource.ts";
import { coreKinds } from "./index.ts";

const registry = createKindRegistry(coreKinds);

function read(type: string, spec: string, name = "a") {
  return toResourceInput({ type, name, spec: parse(spec) as unknown }, registry);
}

/** What is wrong with a spec written as flow YAML: `path: message`. */
function mistakes(type: string, spec: string, name?: string): readonly string[] {
  const result = read(type, spec, name);
  return "ok" in result ? [] : result.violations.map(({ path, message }) => `${path}: ${message}`);
}

function accept(type: string, spec: string): ResourceInput {
  const result = read(type, spec);
  if ("violations" in result) throw new Error(JSON.stringify(result.violations));
  return result.ok;
}

const certificate = "-----BEGIN CERTIFICATE-----\\nTUlJ\\n-----END CERTIFICATE-----\\n";
const key = "-----BEGIN EC PRIVATE KEY-----\\nTUlJ\\n-----END EC PRIVATE KEY-----\\n";
const notDns =
  "which is not a valid DNS name: a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', " +
  "and must start and end with an alphanumeric character";
const dnsLabel =
  "name: must be a DNS label: lower case alphanumeric characters or '-', starting and ending with an alphanumeric character";
const onlySelector = "exact one selector (meshService, meshExternalService) must be defined";
const trust = (bundle: string) => `{trustDomain: a, caBundles: [${bundle}]}`;
const external = (rest: string) => `{match: {port: 80}, ${rest}}`;
const zones = (ports: string) => `{selector: {meshService: {matchLabels: {a: b}}}, ports: [${ports}]}`;
const bundled = (text: string) => `{provider: {type: Bundled, bundled: ${text}}}`;
const ca = "spec.provider.bundled.ca";

const refused: readonly (readonly [kind: string, spec: string, expected: readonly string[]])[] = [
  [
    "MeshService",
    "{selector: {dataplaneTags: {a: b}, dataplaneRef: {name: c}}}",
    ["spec.selector: must specify only one of: dataplaneTags, dataplaneRef, or dataplaneLabels"],
  ],
  ["MeshService", "{ports: [{}]}", ["spec.ports[0].port: in body is required"]],
  [
    "MeshService",
    "{ports: [{port: 0, targetPort: true}], state: Up, identities: [{type: Dns, value: a}]}",
    [
      "spec.ports[0].port: in body should be greater than or equal to 1",
      'spec.ports[0].targetPort: in body must be of type integer or string: "boolean"',
      "spec.state: in body should be one of [Available Unavailable]",
      "spec.identities[0].type: in body should be one of [ServiceTag SpiffeID]",
    ],
  ],
  ["MeshMultiZoneService", "{}", ["spec.selector: in body is required", "spec.ports: in body is required"]],
  [
    "MeshMultiZoneService",
    "{selector: {meshService: {}}, ports: []}",
    ["spec.selector.meshService.matchLabels: cannot be empty", "spec.ports: cannot be empty"],
  ],
  [
    "MeshMultiZoneService",
    zones("{port: 80, name: '', appProtocol: mysql}"),
    [
      "spec.ports[0].name: must not be empty",
      'spec.ports[0].appProtocol: "appProtocol" must be one of ["grpc", "http", "http2", "kafka", "tcp"]',
    ],
  ],
  ["MeshExternalService", "{}", ["spec.match: in body is required"]],
  [
    "MeshExternalService",
    "{match: {type: Nope, port: 70000, protocol: kafka}}",
    [
      "spec.match.type: in body should be one of [HostnameGenerator]",
      "spec.match.port: in body should be less than or equal to 65535",
      "spec.match.protocol: in body should be one of [tcp grpc http http2]",
    ],
  ],
  [
    "MeshExternalService",
    external("endpoints: [{address: 'a b', port: 1}, {address: 300.1.1.1, port: 1}]"),
    [
      "spec.endpoints[0].address: address has to be a valid IP or hostname",
      "spec.endpoints[1].address: address has to be a valid IP or hostname",
    ],
  ],
  ["MeshExternalService", external("endpoints: [{address: a}]"), ["spec.endpoints[0].port: in body is required"]],
  [
    "MeshExternalService",
    external("endpoints: [{address: a, port: 1, priority: 129}]"),
    ["spec.endpoints[0].priority: in body should be less than or equal to 128"],
  ],
  [
    "MeshExternalService",
    external("tls: {version: {min: TLS13, max: TLS12}, verification: {clientCert: {secret: a}}}"),
    [
      "spec.tls.version.min: min version must be lower than max",
      "spec.tls.verification.clientKey: must be defined when clientCert is defined",
    ],
  ],
  [
    "MeshExternalService",
    external("tls: {verification: {mode: Never, clientKey: {secret: a}}}"),
    [
      "spec.tls.verification.clientCert: must be defined when clientKey is defined",
      "spec.tls.verification.mode: in body should be one of [Secured SkipSAN SkipCA SkipAll]",
    ],
  ],
  [
    "MeshExternalService",
    external("tls: {verification: {caCert: {}, clientKey: {secret: a, inlineString: b}}}"),
    [
      "spec.tls.verification.clientCert: must be defined when clientKey is defined",
      "spec.tls.verification.caCert: must have exactly one defined: inline, inlineString, secret",
      "spec.tls.verification.clientKey: must have exactly one defined: inline, inlineString, secret",
    ],
  ],
  ["MeshExternalService", external("extension: {type: ''}"), ["spec.extension.type: must not be empty"]],
  ["HostnameGenerator", "{}", [`spec.selector: ${onlySelector}`, "spec.template: must not be empty"]],
  [
    "HostnameGenerator",
    "{selector: {meshService: {}, meshExternalService: {}}, template: '{{ .Name }}.MESH', extension: {type: ''}}",
    [
      `spec.selector: ${onlySelector}`,
      `spec.template: template renders to "name.MESH" ${notDns}`,
      "spec.extension.type: must not be empty",
    ],
  ],
  [
    "HostnameGenerator",
    "{selector: {meshService: {}}, template: '{{ .Name'}",
    ["spec.template: couldn't parse template: unclosed action: {{ .Name"],
  ],
  [
    "HostnameGenerator",
    "{selector: {meshService: {}}, template: '{{ .Nope }}.mesh'}",
    ["spec.template: couldn't render template with stub values: there is no field .Nope"],
  ],
  ["MeshIdentity", "{}", ["spec.provider.type: must be defined"]],
  ["MeshIdentity", "{provider: {type: Vault}}", ["spec.provider.type: in body should be one of [Bundled Spire Extension]"]],
  [
    "MeshIdentity",
    "{spiffeID: {trustDomain: '{{', path: '{{ if }}'}, provider: {type: Bundled}}",
    [
      "spec.spiffeID.trustDomain: couldn't parse template: unclosed action: {{",
      "spec.spiffeID.path: couldn't parse template: an empty action ends too early",
      "spec.provider.bundled: configuration needs to be defined",
    ],
  ],
  ["MeshIdentity", "{provider: {type: Spire}}", ["spec.provider.spire: configuration needs to be defined"]],
  ["MeshIdentity", "{provider: {type: Extension}}", ["spec.provider.extension: configuration needs to be defined"]],
  ["MeshIdentity", "{provider: {type: Extension, extension: {name: ''}}}", ["spec.provider.extension.name: must not be empty"]],
  ["MeshIdentity", bundled("{}"), [`${ca}.certificate: needs to be defined`, `${ca}.privateKey: needs to be defined`]],
  [
    "MeshIdentity",
    bundled("{autogenerate: {enabled: true}, ca: {privateKey: {type: EnvVar}}, certificateParameters: {expiry: 0s}}"),
    [
      `${ca}.privateKey: shouldn't be defined once using autogenerated`,
      "spec.provider.bundled.certificateParameters.expiry: must be greater than 0",
    ],
  ],
  [
    "MeshIdentity",
    bundled("{ca: {certificate: {type: Secret}, privateKey: {type: File, file: {path: ''}}}}"),
    [`${ca}.certificate.secretRef: must be defined`, `${ca}.privateKey.file.path: must not be empty`],
  ],
  ["MeshTrust", "{}", ["spec.trustDomain: in body is required", "spec.caBundles: in body is required"]],
  [
    "MeshTrust",
    "{trustDomain: '', caBundles: []}",
    ["spec.caBundles: must not be empty", "spec.trustDomain: trustDomain needs to be defined"],
  ],
  [
    "MeshTrust",
    `{trustDomain: ${"a".repeat(254)}, caBundles: []}`,
    ["spec.caBundles: must not be empty", "spec.trustDomain: cannot be longer than 253 characters"],
  ],
  [
    "MeshTrust",
    trust("{type: Jwks}"),
    ["spec.caBundles[0].pem: must be defined", "spec.caBundles[0].type: in body should be one of [Pem]"],
  ],
  ["MeshTrust", trust("{type: Pem}"), ["spec.caBundles[0].pem: must be defined"]],
  [
    "MeshTrust",
    trust(`{type: Pem, pem: {value: "${key}"}}, {type: Pem, pem: {value: "${certificate}${key}"}}, {type: Pem, pem: {value: x}}`),
    [0, 1, 2].map((index) => `spec.caBundles[${index}].pem.value: provided certificate has incorrect format`),
  ],
  [
    "MeshOpenTelemetryBackend",
    "{endpoint: {address: '', port: 0, path: /v1}}",
    [
      "spec.endpoint.address: must not be empty",
      "spec.endpoint.port: port must be a valid (1-65535)",
      "spec.endpoint.path: must not be set when protocol is grpc",
    ],
  ],
  [
    "MeshOpenTelemetryBackend",
    "{endpoint: {address: 'http://a', path: 'v1?a'}, protocol: http}",
    [
      "spec.endpoint.address: address has to be a valid IP or hostname",
      "spec.endpoint.path: must start with /",
      "spec.endpoint.path: must not contain query or fragment",
    ],
  ],
  [
    "MeshOpenTelemetryBackend",
    "{protocol: thrift, env: {mode: Never, precedence: Both}}",
    [
      "spec.protocol: in body should be one of [grpc http]",
      "spec.env.mode: in body should be one of [Disabled Optional Required]",
      "spec.env.precedence: in body should be one of [ExplicitFirst EnvFirst]",
    ],
  ],
  ["MeshZoneAddress", "{}", ["spec.address: in body is required", "spec.port: in body is required"]],
  [
    "MeshZoneAddress",
    "{address: '', port: 0}",
    ["spec.address: must not be empty", "spec.port: port must be in the range [1, 65535]"],
  ],
];

describe("refuses", () => {
  it.each(refused)("%s %s", (kind, spec, expected) => expect(mistakes(kind, spec)).toEqual(expected));
});

it.each([
  ["MeshService", "{}"],
  ["MeshService", "{selector: {dataplaneLabels: {matchLabels: {a: b}}}, ports: [{port: 80, targetPort: http}]}"],
  ["MeshExternalService", external("extension: {type: lambda, config: {a: [1]}}, endpoints: [{address: 'a b', port: 1}]")],
  ["MeshExternalService", external("tls: {enabled: true, version: {min: TLS12}, verification: {caCert: {inline: YQ==}}}")],
  [
    "HostnameGenerator",
    "{selector: {meshMultiZoneService: {}}, template: '{{ label \"app\" }}.{{ .Namespace }}.{{ .Zone }}.mesh'}",
  ],
  ["MeshIdentity", "{selector: {}, provider: {type: Spire, spire: {agent: {timeout: 2s}}}}"],
  [
    "MeshIdentity",
    bundled("{ca: {certificate: {type: File, file: {path: /a}}, privateKey: {type: Secret, secretRef: {name: a}}}}"),
  ],
  ["MeshTrust", trust(`{type: Pem, pem: {value: "${certificate}${certificate}"}}`)],
  ["MeshOpenTelemetryBackend", "{}"],
  ["Workload", "{}"],
])("takes %s %s", (kind, spec) => expect(mistakes(kind, spec)).toEqual([]));

it("fills in defaults, and reads back what it wrote", () => {
  const service = accept("MeshService", "{ports: [{port: 80}, {port: 81, targetPort: web, appProtocol: http}]}");
  expect(service.spec).toEqual({
    state: "Unavailable",
    ports: [
      { port: 80, targetPort: 80, appProtocol: "tcp" },
      { port: 81, targetPort: "web", appProtocol: "http" },
    ],
  });
  const tls = "{version: {}, verification: {subjectAltNames: [{value: a}]}}";
  const externalService = accept("MeshExternalService", external(`tls: ${tls}`));
  expect(externalService.spec).toEqual({
    match: { type: "HostnameGenerator", port: 80, protocol: "tcp" },
    tls: {
      enabled: false,
      allowRenegotiation: false,
      version: { min: "TLSAuto", max: "TLSAuto" },
      verification: { mode: "Secured", subjectAltNames: [{ type: "Exact", value: "a" }] },
    },
  });
  for (const written of [service, externalService, accept("MeshIdentity", bundled("{autogenerate: {enabled: true}}"))]) {
    const again = toResourceInput(renderResource(written, registry), registry);
    expect("ok" in again && again.ok).toEqual(written);
  }
});

it("warns of a protocol that is not known", () => {
  expect(read("MeshService", "{ports: [{port: 80, appProtocol: mysql}]}").warnings).toEqual([
    'spec.ports[0].appProtocol "mysql" is not known, so it is treated as tcp: use grpc, http, http2, kafka, tcp',
  ]);
});

it("warns of a trust whose author says where it comes from", () => {
  const spec = `{trustDomain: a, caBundles: [{type: Pem, pem: {value: "${certificate}"}}], origin: {kri: kri_mid_default_east__a_}}`;
  expect(read("MeshTrust", spec).warnings[0]).toMatch("'spec.origin' is deprecated");
});

it("warns of a MeshExternalService that an extension would have to serve", () => {
  expect(read("MeshExternalService", "{match: {port: 80}, extension: {type: lambda}}").warnings[0]).toMatch("spec.extension");
  expect(read("MeshExternalService", "{match: {port: 80}}").warnings).toEqual([]);
});

describe("names of services", () => {
  it.each([
    ["MeshService", "{}"],
    ["MeshExternalService", "{match: {port: 80}}"],
    ["MeshMultiZoneService", "{selector: {meshService: {matchLabels: {a: b}}}, ports: [{port: 80}]}"],
  ])("of kind %s begin with a letter, or there is a warning", (kind, spec) => {
    const warned = (name: string) => read(kind, spec, name).warnings.some((text) => text.includes("is no DNS label of RFC 1035"));
    expect([warned("web-1"), warned("1-web")]).toEqual([false, true]);
  });

  it.each(["MeshService", "Workload"])("of kind %s are DNS labels", (kind) => {
    expect(mistakes(kind, "{}", "a.b")).toEqual([dnsLabel]);
    expect(mistakes(kind, "{}", "a".repeat(64))).toEqual(["name: cannot be longer than 63 characters"]);
  });

  it("may be longer in a copy from a zone", () => {
    const displayName = "a".repeat(63);
    const copy = { kind: "Workload", mesh: "default", name: `${displayName}-66xxfvw7fxxww298`, labels: {}, spec: {} };
    expect(checkResource(copy, registry)).toHaveLength(1);
    expect(checkResource({ ...copy, labels: { [labelNames.displayName]: displayName } }, registry)).toEqual([]);
  });
});
