import { describe, expect, it } from "vitest";
import { policiesFrom, violationsOf, warningsOf, withConf } from "../testing/policies.ts";

const needed = "interval: 1s, timeout: 1s, unhealthyThreshold: 1, healthyThreshold: 1";
const document = (conf: string) => withConf("HealthCheck", conf);

describe("refuses", () => {
  it.each([
    ["null", ["conf: has to be defined"]],
    [
      "{}",
      [
        "conf.interval: must have a positive value",
        "conf.timeout: must have a positive value",
        "conf.unhealthyThreshold: must have a positive value",
        "conf.healthyThreshold: must have a positive value",
      ],
    ],
    [
      "{interval: 0s, timeout: 1s, unhealthyThreshold: 0, healthyThreshold: 1, initialJitter: 0s, intervalJitter: 0ms, noTrafficInterval: 0s}",
      [
        "conf.interval: must have a positive value",
        "conf.unhealthyThreshold: must have a positive value",
        "conf.initialJitter: must have a positive value",
        "conf.intervalJitter: must have a positive value",
        "conf.noTrafficInterval: must have a positive value",
      ],
    ],
    [`{${needed}, healthyPanicThreshold: 100.5}`, ["conf.healthyPanicThreshold: must be in range [0.0 - 100.0]"]],
    [
      `{${needed}, tcp: {}, http: {}}`,
      ["conf: http and tcp cannot be defined at the same time", "conf.http.path: has to be defined and cannot be empty"],
    ],
    [
      `{${needed}, http: {path: "", expectedStatuses: [99, 100, 600], requestHeadersToAdd: [{}, {header: {value: x}}]}}`,
      [
        "conf.http.path: has to be defined and cannot be empty",
        "conf.http.expectedStatuses[0]: must be in range [100, 600)",
        "conf.http.expectedStatuses[2]: must be in range [100, 600)",
        "conf.http.requestHeadersToAdd[0].header: has to be defined",
        "conf.http.requestHeadersToAdd[1].header.key: cannot be empty",
      ],
    ],
    [`{${needed}, tcp: {send: "%"}}`, ["conf.tcp.send: must be base64"]],
  ])("%s", (conf, expected) => {
    expect(violationsOf(document(conf))).toEqual(expected);
  });
});

it.each([
  `{${needed}}`,
  `{${needed}, intervalJitterPercent: 200, healthyPanicThreshold: 0, tcp: {send: Zm9v, receive: [YmFy]}}`,
  `{${needed}, eventLogPath: /tmp/e.log, failTrafficOnPanic: true, alwaysLogHealthCheckFailures: true, reuseConnection: false}`,
])("takes %s", (conf) => {
  expect(violationsOf(document(conf))).toEqual([]);
});

it("says that an added header is appended, where its writer did not", () => {
  const headers = "requestHeadersToAdd: [{header: {key: a}}, {header: {key: b}, append: false}]";
  const [policy] = policiesFrom(document(`{${needed}, http: {path: /, ${headers}}}`));
  expect(policy?.spec).toMatchObject({ conf: { http: { requestHeadersToAdd: [{ append: true }, { append: false }] } } });
});

it("takes a negative duration, with a warning", () => {
  expect(warningsOf(document(`{${needed}, noTrafficInterval: -1s}`))).toEqual([
    "conf.noTrafficInterval is negative: Envoy takes no such duration",
  ]);
});
