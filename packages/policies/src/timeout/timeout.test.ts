import { expect, it } from "vitest";
import { violationsOf, warningsOf, withConf } from "../testing/policies.ts";

it.each([
  ["null", ["conf: has to be defined"]],
  [
    "{tcp: {}, http: {streamIdleTimeout: 1s, maxStreamDuration: 1s}, grpc: {}}",
    ["conf.tcp", "conf.http", "conf.grpc"].map((path) => `${path}: at least one timeout in section has to be defined`),
  ],
  [
    "{tcp: {idleTimeout: 0s}, http: {requestTimeout: 0s, idleTimeout: 0s}, grpc: {streamIdleTimeout: 0s, maxStreamDuration: 0s}}",
    [
      "conf.tcp.idleTimeout: has to be greater than 0",
      "conf.http.requestTimeout: has to be greater than 0 when defined",
      "conf.http.idleTimeout: has to be greater than 0 when defined",
      "conf.grpc.streamIdleTimeout: has to be greater than 0 when defined",
      "conf.grpc.maxStreamDuration: has to be greater than 0 when defined",
    ],
  ],
  ["{connectTimeout: soon}", ["conf.connectTimeout: must be a duration, such as 10s or 1h30m"]],
])("refuses %s", (conf, expected) => {
  expect(violationsOf(withConf("Timeout", conf))).toEqual(expected);
});

it.each([
  "{}",
  "{connectTimeout: 0s}",
  "{http: {idleTimeout: 1s, streamIdleTimeout: 0s, maxStreamDuration: 0s}}",
  "{connectTimeout: -1s}",
])("takes %s", (conf) => {
  expect(violationsOf(withConf("Timeout", conf))).toEqual([]);
});

it("warns of the deprecated section", () => {
  expect(warningsOf(withConf("Timeout", "{grpc: {streamIdleTimeout: 1s}}"))).toContain(
    "conf.grpc is deprecated, use conf.http instead",
  );
});
