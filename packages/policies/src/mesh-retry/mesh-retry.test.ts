import { describe, expect, it } from "vitest";
import { policiesFrom, readBack, violationsOf } from "../testing/policies.ts";

const document = (spec: string) => `{type: MeshRetry, mesh: default, name: p, spec: ${spec}}`;
const toMesh = (conf: string) => document(`{to: [{targetRef: {kind: Mesh}, default: ${conf}}]}`);
const http = (settings: string) => toMesh(`{http: ${settings}}`);
const at = "spec.to[0].default.conf";

describe("validation", () => {
  it.each([
    [document("{}"), ["spec.to: needs at least one item"]],
    [document("{to: [{targetRef: {kind: Mesh}}]}"), [`${at}: at least one of the 'tcp', 'http', 'grpc' must be specified`]],
    [toMesh("{tcp: {}, http: {}, grpc: {}}"), ["tcp", "http", "grpc"].map((part) => `${at}.${part}: must not be empty`)],
    [http("{hostSelectionMaxAttempts: 2}"), [`${at}.http: must not be empty`]],
    [toMesh("{tcp: {maxConnectAttempt: 0}}"), [`${at}.tcp.maxConnectAttempt: must be greater than 0`]],
    [http("{numRetries: -1}"), ["spec.to[0].default.http.numRetries: in body should be greater than or equal to 0"]],
    [http("{backOff: {}}"), [`${at}.http.backOff: must not be empty`]],
    [
      toMesh("{grpc: {rateLimitedBackOff: {maxInterval: 0s}}}"),
      [
        `${at}.grpc.rateLimitedBackOff.maxInterval: must be defined and greater than zero`,
        `${at}.grpc.rateLimitedBackOff.resetHeaders: must be defined`,
      ],
    ],
    [
      http("{rateLimitedBackOff: {resetHeaders: [{name: Retry-After, format: Days}]}}"),
      [
        "spec.to[0].default.http.rateLimitedBackOff.resetHeaders[0].name: in body should match '^[a-z0-9!#$%&'*+\\-.^_`|~]+$'",
        "spec.to[0].default.http.rateLimitedBackOff.resetHeaders[0].format: in body should be one of [Seconds UnixTimestamp]",
      ],
    ],
    [
      http('{retryOn: [5XX, gateway-error, "599", "5O3"]}'),
      [
        `${at}.http.retryOn[1]: unknown item 'gateway-error'`,
        `${at}.http.retryOn[2]: unknown item '599'`,
        `${at}.http.retryOn[3]: unknown item '5O3'`,
      ],
    ],
    [
      toMesh("{grpc: {retryOn: [Cancelled]}}"),
      [
        "spec.to[0].default.grpc.retryOn[0]: in body should be one of [Canceled DeadlineExceeded Internal ResourceExhausted Unavailable]",
      ],
    ],
    [
      http(
        "{hostSelection: [{predicate: OmitHostsWithTags}, {predicate: OmitPreviousPriorities}, {predicate: OmitPreviousPriorities, updateFrequency: 0}]}",
      ),
      [
        `${at}.http.hostSelection[0].tags: must be defined`,
        `${at}.http.hostSelection[2].predicate: OmitPreviousPriorities must only be specified once`,
        `${at}.http.hostSelection[2].updateFrequency: must be defined and greater than zero`,
      ],
    ],
    [
      document(
        "{targetRef: {kind: MeshGateway, name: g}, to: [{targetRef: {kind: MeshService, name: a}, default: {tcp: {maxConnectAttempt: 1}}}]}",
      ),
      ["spec.to[0].targetRef.kind: value 'MeshService' is not supported"],
    ],
  ])("refuses %s", (yaml, expected) => {
    expect(violationsOf(yaml)).toEqual(expected);
  });

  it.each([
    http("{numRetries: 0}"),
    http('{retryOn: [5xx, GatewayError, HttpMethodTrace, "500", "404"]}'),
    http("{hostSelection: [{predicate: OmitPreviousHosts}, {predicate: OmitHostsWithTags, tags: {v: a}}]}"),
    toMesh("{tcp: {maxConnectAttempt: 3}, grpc: {perTryTimeout: 0s}}"),
    document(
      "{targetRef: {kind: MeshHTTPRoute, name: r}, to: [{targetRef: {kind: MeshExternalService, name: a}, default: {http: {numRetries: 1}}}]}",
    ),
    document("{to: [{targetRef: {kind: MeshHTTPRoute, name: a}, default: {http: {numRetries: 1}}}]}"),
  ])("takes %s", (yaml) => {
    expect(violationsOf(yaml)).toEqual([]);
  });
});

it("fills in how a header is compared and how often priorities are looked at", () => {
  const [policy] = policiesFrom(
    http("{retriableRequestHeaders: [{name: a, value: b}], hostSelection: [{predicate: OmitPreviousPriorities}]}"),
  );
  if (!policy) throw new Error("a policy expected");
  expect(policy.spec).toMatchObject({
    to: [
      {
        default: {
          http: {
            retriableRequestHeaders: [{ name: "a", type: "Exact", value: "b" }],
            hostSelection: [{ predicate: "OmitPreviousPriorities", updateFrequency: 2 }],
          },
        },
      },
    ],
  });
  expect(readBack(policy)?.spec).toEqual(policy.spec);
});
