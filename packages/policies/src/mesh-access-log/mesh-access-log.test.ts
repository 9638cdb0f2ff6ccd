import { describe, expect, it } from "vitest";
import { policiesFrom, violationsOf, warningsOf } from "../testing/policies.ts";

const document = (spec: string) => `{type: MeshAccessLog, mesh: default, name: p, spec: ${spec}}`;
const logging = (backend: string) => `{to: [{targetRef: {kind: Mesh}, default: {backends: [${backend}]}}]}`;
const file = (format: string) => logging(`{type: File, file: {path: /tmp/a.log, format: ${format}}}`);
const otel = (fields: string) => logging(`{type: OpenTelemetry, openTelemetry: {${fields}}}`);
const at = "spec.to[0].default.backends[0]";
const ref = "backendRef: {kind: MeshOpenTelemetryBackend, labels: {team: core}}";
const attributeMessage =
  "must start with a lower case letter, and consist of lower case letters, digits, and single '.' or '_' between them";

describe("refuses", () => {
  it.each([
    ["{}", ["spec: at least one of 'from', 'to' or 'rules' has to be defined"]],
    [
      "{from: [{targetRef: {kind: Mesh}, default: {backends: []}}], rules: [{default: {backends: []}}]}",
      ["spec: fields 'to' and 'from' must be empty when 'rules' is defined"],
    ],
    ["{to: [{targetRef: {kind: Mesh}}]}", ["spec.to[0].default.backends: must be defined"]],
    ["{rules: [{default: {}}]}", ["spec.rules[0].default.backends: must be defined"]],
    [
      "{targetRef: {kind: MeshHTTPRoute, name: r}, to: [{targetRef: {kind: Dataplane}, default: {backends: []}}]}",
      [
        "spec.targetRef.kind: value 'MeshHTTPRoute' is not supported",
        "spec.to[0].targetRef.kind: value 'Dataplane' is not supported",
      ],
    ],
    [
      "{targetRef: {kind: MeshGateway, name: edge}, to: [{targetRef: {kind: MeshService, name: a}, default: {backends: []}}]}",
      ["spec.to[0].targetRef.kind: value 'MeshService' is not supported"],
    ],
    [
      "{from: [{targetRef: {kind: MeshSubset}, default: {backends: []}}]}",
      ["spec.from[0].targetRef.kind: value 'MeshSubset' is not supported"],
    ],
    [
      "{targetRef: {kind: Dataplane, name: a, sectionName: b}, to: [{targetRef: {kind: Mesh}, default: {backends: []}}]}",
      ["spec.targetRef.sectionName: can only be used with inbound policies"],
    ],
    [
      "{rules: [{matches: [{}], default: {backends: []}}]}",
      ["spec.rules[0].matches[0]: must have at least one defined: spiffeID, sni"],
    ],
    [logging("{type: Syslog}"), [`${at}.type: in body should be one of [Tcp File OpenTelemetry]`]],
    [logging("{type: File}"), [`${at}.file: must be defined`]],
    [logging("{type: Tcp}"), [`${at}.tcp: must be defined`]],
    [logging("{type: OpenTelemetry}"), [`${at}.openTelemetry: must be defined`]],
    [logging("{type: File, file: {path: tmp/a}}"), [`${at}.file.path: file backend requires a valid path`]],
    [logging("{type: File, file: {}}"), [`${at}.file.path: in body is required`]],
    [logging("{type: Tcp, tcp: {address: 'a:b'}}"), [`${at}.tcp.address: tcp backend requires valid address`]],
    [file("{type: Plain}"), [`${at}.file.format.plain: must be defined`]],
    [file('{type: Plain, plain: ""}'), [`${at}.file.format.plain: must not be empty`]],
    [file("{type: Json}"), [`${at}.file.format.json: must be defined`]],
    [file("{type: Json, json: []}"), [`${at}.file.format.json: must not be empty`]],
    [
      file("{type: Json, json: [{key: '', value: ''}, {key: 'a\"', value: b}]}"),
      [
        `${at}.file.format.json[0].key: key cannot be empty`,
        `${at}.file.format.json[0].value: value cannot be empty`,
        `${at}.file.format.json[1]: is not a valid JSON object`,
      ],
    ],
    [otel(""), [`${at}.openTelemetry: must have exactly one defined: endpoint, backendRef`]],
    [otel(`endpoint: "a:4317", ${ref}`), [`${at}.openTelemetry: must have only one type defined: endpoint, backendRef`]],
    [otel('endpoint: ""'), [`${at}.openTelemetry.endpoint: must not be empty`]],
    [
      otel("backendRef: {kind: MeshOpenTelemetryBackend}"),
      [`${at}.openTelemetry.backendRef: name or labels must be set when kind is MeshOpenTelemetryBackend`],
    ],
    [
      otel("backendRef: {kind: Secret}"),
      [
        `${at}.openTelemetry.backendRef: name or labels must be set when kind is MeshOpenTelemetryBackend`,
        `${at}.openTelemetry.backendRef.kind: in body should be one of [MeshOpenTelemetryBackend]`,
      ],
    ],
    [
      otel(`${ref}, attributes: [{key: a.b_c, value: x}, {key: A, value: x}, {key: a..b, value: x}, {key: otel.a, value: x}]`),
      [
        `${at}.openTelemetry.attributes[1].key: ${attributeMessage}`,
        `${at}.openTelemetry.attributes[2].key: ${attributeMessage}`,
        `${at}.openTelemetry.attributes[3].key: must not start with 'otel.', which is reserved`,
      ],
    ],
  ])("%s", (spec, expected) => {
    expect(violationsOf(document(spec))).toEqual(expected);
  });
});

it.each([
  "{to: [{targetRef: {kind: MeshHTTPRoute, name: r}, default: {backends: []}}]}",
  "{targetRef: {kind: MeshGateway, name: edge, tags: {port: http}}, to: [{targetRef: {kind: Mesh}, default: {backends: []}}]}",
  "{targetRef: {kind: Dataplane, name: a, sectionName: b}, rules: [{matches: [{sni: {type: Exact, value: a.b}}], default: {backends: []}}]}",
  logging("{type: Tcp, tcp: {address: 'logs.example:5000', format: {type: Plain, plain: '%KUMA_MESH%'}}}"),
  file(`{type: Json, json: [{key: a, value: '%REQ(:PATH)% \\"quoted\\"'}]}`),
  otel(`${ref}, body: {kvlistValue: {values: [{key: a, value: {stringValue: "%START_TIME%"}}]}}`),
])("takes %s", (spec) => {
  expect(violationsOf(document(spec))).toEqual([]);
});

it("fills in defaults, and keeps a body as it is", () => {
  const [policy] = policiesFrom(document(file("{type: Plain, plain: x}")));
  expect(policy?.spec).toMatchObject({ to: [{ default: { backends: [{ file: { format: { omitEmptyValues: false } } }] } }] });
  const [withBody] = policiesFrom(document(otel(`${ref}, body: [1, {a: null}]`)));
  expect(withBody?.spec).toMatchObject({ to: [{ default: { backends: [{ openTelemetry: { body: [1, { a: null }] } }] } }] });
});

it("warns of what is deprecated", () => {
  const backend = "{type: OpenTelemetry, openTelemetry: {endpoint: 'otel:4317'}}";
  expect(warningsOf(document(`{from: [{targetRef: {kind: Mesh}, default: {backends: [${backend}]}}]}`))).toEqual(
    expect.arrayContaining([
      "'from' field is deprecated, use 'rules' instead",
      "'openTelemetry.endpoint' is deprecated, use 'openTelemetry.backendRef' to a MeshOpenTelemetryBackend instead",
    ]),
  );
});
