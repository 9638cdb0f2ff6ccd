import { describe, expect, it } from "vitest";
import { violationsOf, withConf } from "../testing/policies.ts";

const lists = (destination: string) => `sources: [{match: {team: a}}], destinations: [{match: ${destination}}]`;
const toHttp = lists("{kuma.io/protocol: http}");
const range = "has to be in [0.0 - 100.0] range";

describe("conf", () => {
  it.each([
    ["null", ["conf: must have at least one of the faults configured"]],
    ["{delay: {}, abort: {}, responseBandwidth: {}}", ["conf: must have at least one of the faults configured"]],
    [
      "{delay: {percentage: 1}, abort: {percentage: 1}, responseBandwidth: {percentage: 1}}",
      ["conf.delay.value", "conf.abort.httpStatus", "conf.responseBandwidth.limit"].map((path) => `${path}: cannot be empty`),
    ],
    [
      "{delay: {value: 1s}, abort: {httpStatus: 299, percentage: -1}, responseBandwidth: {limit: 1 kb, percentage: 100.1}}",
      [
        "conf.delay.percentage: cannot be empty",
        `conf.abort.percentage: ${range}`,
        "conf.abort.httpStatus: http status code is incorrect",
        `conf.responseBandwidth.percentage: ${range}`,
        "conf.responseBandwidth.limit: has to be in kbps/mbps/gbps units",
      ],
    ],
    ["{responseBandwidth: {percentage: 1, limit: kbps}}", ["conf.responseBandwidth.limit: has to be in kbps/mbps/gbps units"]],
  ])("refuses %s", (conf, expected) => {
    expect(violationsOf(withConf("FaultInjection", conf, toHttp))).toEqual(expected);
  });

  it.each([
    "{delay: {percentage: 0, value: 0s}, abort: {}}",
    "{abort: {percentage: 100, httpStatus: 418}}",
    "{responseBandwidth: {percentage: 0.5, limit: 50kbps}}",
    "{responseBandwidth: {percentage: 0.5, limit: 2 Mbps}}",
  ])("takes %s", (conf) => {
    expect(violationsOf(withConf("FaultInjection", conf, toHttp))).toEqual([]);
  });
});

describe("the destination's protocol", () => {
  const conf = "{abort: {percentage: 1, httpStatus: 500}}";
  const wrong = 'destinations[0].match["kuma.io/protocol"]: must be one of the [http, http2, grpc]';

  it.each([
    ["{kuma.io/service: a}", ["destinations[0].match: protocol must be specified"]],
    ["{kuma.io/protocol: tcp}", [wrong]],
    ['{kuma.io/protocol: "*"}', [wrong]],
    ["{kuma.io/protocol: GRPC}", []],
    ["{kuma.io/protocol: http2}", []],
  ])("%s", (match, expected) => {
    expect(violationsOf(withConf("FaultInjection", conf, lists(match)))).toEqual(expected);
  });
});
