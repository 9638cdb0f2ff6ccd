import { describe, expect, it } from "vitest";
import { violationsOf, warningsOf } from "../testing/policies.ts";

const document = (spec: string) => `{type: MeshFaultInjection, mesh: default, name: p, spec: ${spec}}`;
const faults = (list: string) => document(`{rules: [{default: {http: [${list}]}}]}`);
const ok = "{http: [{abort: {httpStatus: 503, percentage: 10}}]}";
const at = "spec.rules[0].default.http";

describe("validation", () => {
  it.each([
    [document(`{from: [{targetRef: {kind: Mesh}, default: ${ok}}]}`), ["spec.from: must not be defined"]],
    [
      document(`{targetRef: {kind: MeshService, name: a}, to: [{targetRef: {kind: Mesh}, default: ${ok}}]}`),
      ["spec.to: must not be defined"],
    ],
    [
      document(`{to: [{targetRef: {kind: MeshService, name: a}, default: ${ok}}]}`),
      ["spec.to[0].targetRef.kind: value 'MeshService' is not supported"],
    ],
    [
      document(
        `{targetRef: {kind: MeshService, name: a}, from: [{targetRef: {kind: MeshExternalService, name: a}, default: ${ok}}]}`,
      ),
      ["spec.from[0].targetRef.kind: value 'MeshExternalService' is not supported"],
    ],
    [
      document(`{targetRef: {kind: MeshHTTPRoute, name: a}, rules: [{default: ${ok}}]}`),
      ["spec.targetRef.kind: value 'MeshHTTPRoute' is not supported"],
    ],
    [
      document(`{to: [{targetRef: {kind: Mesh}, default: ${ok}}], rules: [{default: ${ok}}]}`),
      ["spec: fields 'to' and 'from' must be empty when 'rules' is defined"],
    ],
    // The index comes after the name of the fault, as the peer reports it.
    [
      faults(
        '{}, {abort: {httpStatus: 99, percentage: 101}, delay: {value: -1s, percentage: "-0.1"}, responseBandwidth: {limit: 10mbps, percentage: x}}',
      ),
      [
        `${at}.abort[1].httpStatus: must be in inclusive range [100, 599]`,
        `${at}.abort[1].percentage: must be in inclusive range [0.0, 100.0]`,
        `${at}.delay[1].value: must not be negative when defined`,
        `${at}.delay[1].percentage: must be in inclusive range [0.0, 100.0]`,
        `${at}.responseBandwidth[1].limit: must be in kbps/Mbps/Gbps units`,
        `${at}.responseBandwidth[1].percentage: string must be a valid number`,
      ],
    ],
    [faults('{responseBandwidth: {limit: "", percentage: 1}}'), [`${at}.responseBandwidth[0].limit: must be defined`]],
    [
      faults("{abort: {}, delay: {percentage: 1}}"),
      [
        `${at}[0].abort.httpStatus: in body is required`,
        `${at}[0].abort.percentage: in body is required`,
        `${at}[0].delay.value: in body is required`,
      ],
    ],
  ])("refuses %s", (yaml, expected) => {
    expect(violationsOf(yaml)).toEqual(expected);
  });

  it.each([
    faults('{abort: {httpStatus: 599, percentage: "0.5"}}'),
    faults("{delay: {value: 0s, percentage: 0}}"),
    faults("{responseBandwidth: {limit: 50kbps, percentage: 100}}, {responseBandwidth: {limit: 2 Gbps, percentage: 100}}"),
    document(`{to: [{targetRef: {kind: Mesh}, default: ${ok}}]}`),
    document(
      `{targetRef: {kind: MeshSubset, proxyTypes: [Sidecar]}, from: [{targetRef: {kind: MeshSubset, tags: {a: b}}, default: ${ok}}]}`,
    ),
  ])("takes %s", (yaml) => {
    expect(violationsOf(yaml)).toEqual([]);
  });
});

it("warns of `from` and of services there", () => {
  const spec = `{targetRef: {kind: Dataplane}, from: [{targetRef: {kind: MeshService, name: a}, default: ${ok}}]}`;
  expect(warningsOf(document(spec)).slice(0, 2)).toEqual([
    "'from' field is deprecated and will be removed in 3.0, use 'rules' with MeshIdentity (spiffeId) instead",
    "MeshService value for 'from[].targetRef.kind' is deprecated, use MeshSubset with 'kuma.io/service' instead",
  ]);
});
