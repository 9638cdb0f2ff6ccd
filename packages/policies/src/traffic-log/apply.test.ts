import { expect, it } from "vitest";
import type { World } from "../core/effects/targets.ts";
import { proxy } from "../testing/policies.ts";
import { decideOutbound, httpChain, lastFilter, outboundTarget, tcpChain, world } from "../testing/targets.ts";
import { outboundTrafficLogs } from "./apply.ts";

const logging = {
  defaultBackend: "main",
  backends: [
    { name: "main", type: "file" as const, conf: { path: "/tmp/main.log" } },
    { name: "far", type: "tcp" as const, format: "%KUMA_SOURCE_SERVICE%(%KUMA_ZONE%)", conf: { address: "logs:5000" } },
  ],
};
const meshWorld: World = { ...world, mesh: { logging } };
const self = {
  name: "web-1",
  address: "10.0.0.1",
  ipv6Enabled: true,
  features: ["feature-tcp-accesslog-via-named-pipe"],
  workdir: "/run/web-1",
};
const trafficLog = (name: string, conf: string) =>
  `{type: TrafficLog, mesh: default, name: ${name}, conf: ${conf},
    sources: [{match: {kuma.io/service: web}}], destinations: [{match: {kuma.io/service: "*"}}]}`;

it("logs to the mesh's default backend, in the format of the protocol", () => {
  const { conf, origins } = decideOutbound(outboundTrafficLogs, trafficLog("a", "{}"), { world: meshWorld }) ?? {};
  expect(origins).toEqual(["TrafficLog/default/a"]);
  const logs = [httpChain, tcpChain].map((chain) =>
    lastFilter(outboundTrafficLogs.chain?.(chain, conf as never, outboundTarget(), {}) ?? chain),
  );
  expect(logs).toMatchObject(
    [
      {
        accessLog: [
          { typedConfig: { path: "/tmp/main.log", logFormat: { textFormatSource: { inlineString: /"web" "orders"/ } } } },
        ],
      },
      {
        accessLog: [
          { typedConfig: { logFormat: { textFormatSource: { inlineString: /\(web\)->%UPSTREAM_HOST%\(orders\) took/ } } } },
        ],
      },
    ].map(matching),
  );
});

it("a TCP backend is a pipe that the program beside Envoy reads; a zone is never shown", () => {
  const { conf } = decideOutbound(outboundTrafficLogs, trafficLog("a", "{backend: far}"), {
    world: meshWorld,
    subject: proxy({ self }),
  }) ?? { conf: undefined };
  const chain = outboundTrafficLogs.chain?.(httpChain, conf as never, outboundTarget(), {});
  expect(lastFilter(chain)).toMatchObject({
    accessLog: [
      {
        typedConfig: {
          path: "/run/web-1/kuma-al-web-1-default.sock",
          logFormat: { textFormatSource: { inlineString: "logs:5000;web()\n" } },
        },
      },
    ],
  });
});

it.each([
  ["{backend: nowhere}", proxy(), "the Mesh has no logging backend nowhere"],
  ["{backend: far}", proxy(), /does not forward access logs over TCP/],
])("says what is missing for %s, and changes nothing", (conf, subject, message) => {
  const decision = decideOutbound(outboundTrafficLogs, trafficLog("a", conf), { world: meshWorld, subject });
  expect(decision?.notes).toEqual([{ policy: "TrafficLog/default/a", message: expect.stringMatching(message) }]);
  expect(outboundTrafficLogs.chain?.(httpChain, decision?.conf as never, outboundTarget(), {})).toBe(httpChain);
});

/** Regular expressions become matchers. */
function matching(value: unknown): unknown {
  if (value instanceof RegExp) return expect.stringMatching(value);
  if (Array.isArray(value)) return value.map(matching);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, matching(field)]));
}
