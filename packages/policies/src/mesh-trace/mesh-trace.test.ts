import { describe, expect, it } from "vitest";
import { policiesFrom, violationsOf, warningsOf } from "../testing/policies.ts";

const document = (conf: string, top = "") => `{type: MeshTrace, mesh: default, name: p, spec: {${top} default: ${conf}}}`;
const backend = (text: string) => `{backends: [${text}]}`;
const zipkin = (url: string) => backend(`{type: Zipkin, zipkin: {url: "${url}"}}`);
const datadog = (url: string) => backend(`{type: Datadog, datadog: {url: "${url}"}}`);
const otel = (endpoint: string) => backend(`{type: OpenTelemetry, openTelemetry: {endpoint: "${endpoint}"}}`);
const at = "spec.default.backends[0]";

describe("refuses", () => {
  it.each([
    ["{}", ["spec.default.backends: must be defined"]],
    [
      backend("{type: Zipkin, zipkin: {url: 'http://z:1'}}, {type: Datadog}"),
      ["spec.default.backends: must have zero or one backend defined"],
    ],
    [backend("{type: Jaeger}"), [`${at}.type: in body should be one of [Zipkin Datadog OpenTelemetry]`]],
    [backend("{type: Zipkin}"), [`${at}.zipkin: must be defined`]],
    [backend("{type: Datadog}"), [`${at}.datadog: must be defined`]],
    [backend("{type: OpenTelemetry}"), [`${at}.openTelemetry: must be defined`]],
    [backend("{type: Zipkin, zipkin: {}}"), [`${at}.zipkin.url: in body is required`]],
    [
      backend("{type: Zipkin, zipkin: {url: 'http://z:1', apiVersion: httpJsonV1}}"),
      [`${at}.zipkin.apiVersion: in body should be one of [httpJson httpProto]`],
    ],
    [zipkin(""), [`${at}.zipkin.url: must not be empty`]],
    [zipkin("http://a b"), [`${at}.zipkin.url: must be a valid url`]],
    [datadog("agent:8126"), [`${at}.datadog.url: must be a valid url`]],
    [datadog("https://agent:8126"), [`${at}.datadog.url: scheme must be http`]],
    [datadog("http://agent"), [`${at}.datadog.url: port must be defined`]],
    [datadog("http://agent:70000"), [`${at}.datadog.url: port must be a valid (1-65535)`]],
    [
      datadog("http://u:p@agent:80/traces?a=b#c"),
      ["user", "path", "query", "fragment"].map((part) => `${at}.datadog.url: ${part} must not be defined`),
    ],
    [otel("ftp://a:1"), [`${at}.openTelemetry.endpoint: URL scheme must be http or https`]],
    [otel("http://"), [`${at}.openTelemetry.endpoint: must be a valid URL`]],
    [otel("http://a:0/v1"), [`${at}.openTelemetry.endpoint: port must be valid (1-65535)`]],
    [
      "{backends: [], tags: [{name: ''}, {name: a, literal: b, header: {name: c}}]}",
      [
        "spec.default.tags[0].name: must not be empty",
        "spec.default.tags[0]: tag must have only one type defined: header, literal",
        "spec.default.tags[1]: tag must have only one type defined: header, literal",
      ],
    ],
    [
      "{backends: [], sampling: {overall: 101, client: 'x', random: '-0.1'}}",
      [
        "spec.default.sampling.client: string is not a number",
        "spec.default.sampling.random: must be between 0 and 100",
        "spec.default.sampling.overall: must be between 0 and 100",
      ],
    ],
  ])("%s", (conf, expected) => {
    expect(violationsOf(document(conf))).toEqual(expected);
  });

  it("a top-level route, and tags of a gateway's listeners", () => {
    expect(violationsOf(document("{backends: []}", "targetRef: {kind: MeshHTTPRoute, name: a},"))).toEqual([
      "spec.targetRef.kind: value 'MeshHTTPRoute' is not supported",
    ]);
    expect(violationsOf(document("{backends: []}", "targetRef: {kind: MeshGateway, name: a, tags: {b: c}},"))).toEqual([
      "spec.targetRef.tags: must not be set with kind MeshGateway",
    ]);
  });
});

it.each([
  "{backends: []}",
  zipkin("jaeger-collector.mesh-observability:9411/api/v2/spans"),
  datadog("http://192.0.2.1:80"),
  datadog("http://[::1]:8126"),
  otel("otel-collector:4317"),
  otel("https://otel.example/base"),
  "{backends: [], sampling: {overall: 0, client: '12.5', random: 100}, tags: [{name: a, header: {name: x, default: y}}]}",
])("takes %s", (conf) => {
  expect(violationsOf(document(conf))).toEqual([]);
});

it("fills in defaults", () => {
  const [policy] = policiesFrom(document(zipkin("http://z:9411")));
  expect(policy?.spec).toEqual({
    default: {
      backends: [
        {
          type: "Zipkin",
          zipkin: { url: "http://z:9411", traceId128bit: false, apiVersion: "httpJson", sharedSpanContext: true },
        },
      ],
    },
  });
});

it("warns of what is deprecated, and of what sends nothing", () => {
  expect(warningsOf(document(otel("a:4317")))[0]).toMatch("'openTelemetry.endpoint' is deprecated");
  expect(warningsOf(document(zipkin("http://jaeger/api/v2/spans")))[0]).toMatch("'zipkin.url' has no port");
});
