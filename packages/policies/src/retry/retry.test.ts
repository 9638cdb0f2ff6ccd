import { expect, it } from "vitest";
import { policiesFrom, violationsOf, withConf } from "../testing/policies.ts";

it.each([
  ["null", ["conf: has to be defined"]],
  ["{}", ["conf: missing protocol [grpc|http|tcp] configuration"]],
  [
    "{http: {}, grpc: {retryOn: []}, tcp: {}}",
    [
      "conf.http: field cannot be empty",
      "conf.grpc: field cannot be empty",
      "conf.tcp.maxConnectAttempts: has to be greater than 0",
    ],
  ],
  [
    "{http: {numRetries: 0, perTryTimeout: 0s, backOff: {}}, tcp: {maxConnectAttempts: 0}}",
    [
      "conf.http.numRetries: has to be greater than 0 when defined",
      "conf.http.perTryTimeout: has to be greater than 0 when defined",
      "conf.http.backOff.baseInterval: has to be defined",
      "conf.tcp.maxConnectAttempts: has to be greater than 0",
    ],
  ],
  [
    "{grpc: {backOff: {baseInterval: 0s, maxInterval: 0s}}, http: {backOff: {baseInterval: 1s, maxInterval: 0s}}}",
    [
      "conf.http.backOff.maxInterval: has to be greater than 0 when defined",
      "conf.grpc.backOff.baseInterval: has to be greater than 0",
      "conf.grpc.backOff.maxInterval: has to be greater than 0 when defined",
    ],
  ],
  [
    "{http: {retriableMethods: [GET, NONE], retryOn: [reset, retriable_status_codes]}}",
    [
      "conf.http.retriableMethods[1]: field cannot be empty",
      "conf.http.retryOn[1]: retriableStatusCodes cannot be empty when this option is specified",
    ],
  ],
  ["{grpc: {retryOn: [cancelled, internal, cancelled]}}", ['conf.grpc.retryOn: repeated value "cancelled" at indexes [0, 2]']],
  [
    "{grpc: {retryOn: [gateway_error]}}",
    ["conf.grpc.retryOn[0]: must be one of cancelled, deadline_exceeded, internal, resource_exhausted, unavailable"],
  ],
])("refuses %s", (conf, expected) => {
  expect(violationsOf(withConf("Retry", conf))).toEqual(expected);
});

it.each([
  "{http: {retryOn: [reset, reset, retriable_status_codes], retriableStatusCodes: [418]}}",
  "{http: {retriableMethods: [CONNECT, DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT, TRACE]}}",
  "{grpc: {numRetries: 1}, tcp: {maxConnectAttempts: 1}}",
])("takes %s", (conf) => {
  expect(violationsOf(withConf("Retry", conf))).toEqual([]);
});

it("writes durations in seconds", () => {
  const [policy] = policiesFrom(withConf("Retry", "{http: {perTryTimeout: 300ms, backOff: {baseInterval: 1m}}}"));
  expect(policy?.spec).toMatchObject({ conf: { http: { perTryTimeout: "0.300s", backOff: { baseInterval: "60s" } } } });
});
