import { describe, expect, it } from "vitest";
import { isRe2 } from "../core/fragments/re2.ts";
import { policiesFrom, violationsOf, warningsOf } from "../testing/policies.ts";

const document = (conf: string) => `{type: MeshMetric, mesh: default, name: p, spec: {default: ${conf}}}`;
const otel = (fields: string) => `{backends: [{type: OpenTelemetry, openTelemetry: {${fields}}}]}`;
const at = "spec.default.backends.backend[0]";

describe("refuses", () => {
  it.each([
    ["{backends: [{type: Prometheus}]}", [`${at}.prometheus: must be defined`]],
    ["{backends: [{type: OpenTelemetry}]}", [`${at}.openTelemetry: must be defined`]],
    ["{backends: [{type: Statsd}]}", ["spec.default.backends[0].type: in body should be one of [Prometheus OpenTelemetry]"]],
    ["{backends: [{type: Prometheus, prometheus: {port: 70000}}]}", [`${at}.port: port must be in the range [1, 65535]`]],
    [
      "{backends: [{type: Prometheus, prometheus: {tls: {mode: On}}}]}",
      ["spec.default.backends[0].prometheus.tls.mode: in body should be one of [Disabled ProvidedTLS ActiveMTLSBackend]"],
    ],
    ["{applications: [{}]}", ["spec.default.applications[0].port: in body is required"]],
    [
      "{applications: [{port: 80}, {port: 0}]}",
      ["spec.default.applications.application[1]: port must be in the range [1, 65535]"],
    ],
    [
      "{sidecar: {profiles: {appendProfiles: [{name: most}], include: [{type: Suffix, match: a}]}}}",
      [
        "spec.default.sidecar.profiles.appendProfiles[0].name: in body should be one of [All Basic None]",
        "spec.default.sidecar.profiles.include[0].type: in body should be one of [Prefix Regex Exact Contains]",
      ],
    ],
    [
      "{sidecar: {profiles: {exclude: [{type: Regex, match: '('}], include: [{type: Exact, match: '('}, {type: Regex, match: '(?=a)'}]}}}",
      [
        "spec.default.sidecar.profiles.exclude[0].match: invalid regex",
        "spec.default.sidecar.profiles.include[1].match: invalid regex",
      ],
    ],
    [otel("endpoint: 'http://a:4317'"), [`${at}.openTelemetry.endpoint: must not use schema`]],
    [otel("endpoint: 'a b'"), [`${at}.openTelemetry.endpoint: must be a valid url`]],
    [otel("refreshInterval: 1m"), [`${at}.openTelemetry: must have exactly one defined: endpoint, backendRef`]],
    [
      otel("endpoint: 'a:1', refreshInterval: soon"),
      ["spec.default.backends[0].openTelemetry.refreshInterval: must be a duration, such as 10s or 1h30m"],
    ],
  ])("%s", (conf, expected) => {
    expect(violationsOf(document(conf))).toEqual(expected);
  });
});

it("fills in defaults", () => {
  const conf = "{sidecar: {}, applications: [{port: 80}], backends: [{type: Prometheus, prometheus: {tls: {}}}]}";
  const [policy] = policiesFrom(document(conf));
  expect(policy?.spec).toEqual({
    default: {
      sidecar: { includeUnused: false },
      applications: [{ port: 80, path: "/metrics" }],
      backends: [{ type: "Prometheus", prometheus: { port: 5670, path: "/metrics", tls: { mode: "Disabled" } } }],
    },
  });
});

it("warns of backends that shadow each other", () => {
  const twice = "{backends: [{type: Prometheus, prometheus: {}}, {type: Prometheus, prometheus: {clientId: a}}]}";
  expect(warningsOf(document(twice))[0]).toBe("two Prometheus backends have the same port");
  expect(warningsOf(document(otel("endpoint: 'a:4317'")))[0]).toMatch("'openTelemetry.endpoint' is deprecated");
  const labels = "backendRef: {kind: MeshOpenTelemetryBackend, name: main}";
  expect(warningsOf(document(otel(labels)))).toEqual([]);
});

it.each([
  ["(?i)http.*", true],
  ["(?P<name>a)|(?<other>b)", true],
  ["[[:alpha:]]+\\z", true],
  ["\\Qa(b\\E", true],
  ["(?s:.)\\pL", true],
  ["a(?!b)", false],
  ["(a)\\1", false],
  ["\\\\1", true],
  ["a**", false],
  ["[b-a]", false],
])("knows whether %s is RE2", (text, expected) => {
  expect(isRe2(text)).toBe(expected);
});
