import { describe, expect, it } from "vitest";
import { violationsOf, warningsOf } from "../testing/policies.ts";

const document = (conf: string) =>
  `{type: MeshGatewayRoute, mesh: default, name: r, selectors: [{match: {kuma.io/service: edge}}], conf: ${conf}}`;
const ruleDocument = (rule: string) => document(`{http: {rules: [${rule}]}}`);
const backends = "backends: [{destination: {kuma.io/service: a}}]";
const root = "matches: [{path: {value: /}}]";
const violationsOfRule = (rule: string) =>
  violationsOf(ruleDocument(rule)).map((each) => each.replace("conf.http.rules[0].", ""));

it.each([
  ["null", ["conf: cannot be empty"]],
  ["{}", ["conf: cannot be empty"]],
  ["{http: {}}", ["conf.http.rules: cannot be empty"]],
])("refuses conf %s", (conf, expected) => {
  expect(violationsOf(document(conf))).toEqual(expected);
});

it("needs selectors with the service", () => {
  expect(violationsOf("{type: MeshGatewayRoute, mesh: default, name: r, conf: {tcp: {}}}")).toEqual([
    "selectors: must have at least one element",
  ]);
  expect(violationsOf("{type: MeshGatewayRoute, mesh: default, name: r, selectors: [{match: {a: b}}], conf: {tcp: {}}}")).toEqual(
    ['selectors[0].match: mandatory tag "kuma.io/service" is missing'],
  );
});

describe("refuses a rule", () => {
  it.each([
    ["{}", ["matches: cannot be empty"]],
    [`{matches: [{}, {method: NONE}], ${backends}}`, ["matches[0]: cannot be empty", "matches[1]: cannot be empty"]],
    [
      `{matches: [{path: {value: a}}, {path: {match: PREFIX}}, {path: {match: REGEX}}], ${backends}}`,
      [
        "matches[0].value: must be an absolute path",
        "matches[1].value: must be an absolute path",
        "matches[2].value: cannot be empty",
      ],
    ],
    [
      `{matches: [{headers: [{}, {name: a, match: ABSENT, value: x}, {name: a, match: PRESENT}], queryParameters: [{}]}], ${backends}}`,
      [
        "matches[0].headers[0].name: cannot be empty",
        "matches[0].headers[0].value: cannot be empty",
        "matches[0].headers[1].value: cannot be set",
        "matches[0].query_parameters[0].name: cannot be empty",
        "matches[0].query_parameters[0].value: cannot be empty",
      ],
    ],
    [
      `{${root}, filters: [{requestHeader: {}}, {requestHeader: {set: [{}], add: [{name: a}], remove: [""]}}, {responseHeader: {}}], ${backends}}`,
      [
        "filters[0].request_header: cannot be empty",
        "filters[1].request_header.set[0].name: cannot be empty",
        "filters[1].request_header.set[0].value: cannot be empty",
        "filters[1].request_header.add[0].value: cannot be empty",
        "filters[1].request_header.remove[0]: cannot be empty",
      ],
    ],
    [
      `{${root}, filters: [{rewrite: {hostToBackendHostname: true}}, {requestHeader: {set: [{name: host, value: a}]}}], ${backends}}`,
      [
        "filters[1].request_header.set[0]: cannot modify 'host' header, when route has set 'rewrite.host_to_backend_hostname' option",
      ],
    ],
    [
      `{${root}, filters: [{redirect: {port: 70000}}]}`,
      [
        "filters[0].redirect.port: port must be in the range [1, 65535]",
        "filters[0].redirect.status_code: must be in the range [300, 308]",
      ],
    ],
    [
      `{${root}, filters: [{mirror: {}}, {mirror: {percentage: 101, backend: {destination: {a: b}}}}], ${backends}}`,
      [
        "filters[0].mirror.percentage: cannot be empty",
        "filters[0].mirror.backend: cannot be empty",
        "filters[1].mirror.percentage: has to be in [0.0 - 100.0] range",
        'filters[1].mirror.backend: mandatory tag "kuma.io/service" is missing',
      ],
    ],
    [
      `{${root}, filters: [{rewrite: {replacePrefixMatch: ""}}], ${backends}}`,
      ["filters[0].rewrite.replacePrefixMatch: cannot be used without a match on path prefix"],
    ],
    [
      `{${root}, filters: [{redirect: {statusCode: 301}}, {responseHeader: {remove: [a]}}]}`,
      ["filters: redirects cannot be used with other filters"],
    ],
    [`{${root}}`, ["backends: cannot be empty"]],
    [`{${root}, filters: [{redirect: {statusCode: 301}}], ${backends}}`, ["backends: must be empty when using redirect filters"]],
    [
      `{${root}, backends: [{weight: 1}]}`,
      ["backends[0]: must have at least one tag", 'backends[0]: mandatory tag "kuma.io/service" is missing'],
    ],
  ])("%s", (rule, expected) => {
    expect(violationsOfRule(rule)).toEqual(expected);
  });
});

it.each([
  document("{tcp: {}}"),
  document("{tcp: {rules: [{backends: [{destination: {}}]}]}}"),
  ruleDocument(`{matches: [{method: GET}], ${backends}}`),
  ruleDocument(`{matches: [{path: {match: PREFIX, value: /a}}], filters: [{rewrite: {replacePrefixMatch: ""}}], ${backends}}`),
  ruleDocument(`{${root}, filters: [{redirect: {statusCode: 308, path: {replaceFull: /b}}}]}`),
])("takes %s", (yaml) => {
  expect(violationsOf(yaml)).toEqual([]);
});

it("warns of what excludes each other, and of statuses that Envoy does not redirect with", () => {
  const filters = "[{rewrite: {replaceFull: /a, hostToBackendHostname: true}, requestHeader: {remove: [a]}}]";
  const redirect = "{matches: [{path: {value: /b}}], filters: [{redirect: {statusCode: 304}}]}";
  const warnings = warningsOf(document(`{tcp: {}, http: {rules: [{${root}, filters: ${filters}, ${backends}}, ${redirect}]}}`));
  expect(warnings.slice(0, 3)).toEqual([
    "conf has tcp and http: only tcp counts",
    "conf.http.rules[0].filters[0] has requestHeader and rewrite: only requestHeader counts",
    "conf.http.rules[1].filters[0].redirect.statusCode 304 is no redirect: use one of 301, 302, 303, 307, 308",
  ]);
});
