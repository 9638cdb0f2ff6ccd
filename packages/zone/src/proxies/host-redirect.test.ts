import { expect, it } from "vitest";
import { hostRedirect } from "./host-redirect.ts";

const feature = new Set(["feature-transparent-proxy-in-dataplane-metadata"]);
const on = { enabled: true };

function redirect(parts: object, more: object = {}) {
  return hostRedirect({ transparentProxy: { redirect: parts, ...more } }, feature);
}

it("a proxy says what its host redirects, and where to", () => {
  const parts = { inbound: { ...on, port: 16_006 }, outbound: { ...on, port: 16_001 }, dns: on };
  expect(redirect(parts, { ipFamilyMode: "ipv4" })).toEqual({
    ...{ inboundPort: 16_006, outboundPort: 16_001 },
    ...{ ipv6: false, redirectsDns: true },
  });
});

it("ports are the usual ones, and nothing is redirected that is not said", () => {
  expect(redirect({ inbound: on, outbound: on }, { ipFamilyMode: "dualstack" })).toEqual({
    ...{ inboundPort: 15_006, outboundPort: 15_001 },
    ...{ ipv6: true, redirectsDns: false },
  });
  expect(redirect({ outbound: { ...on, port: 0 } })).toEqual({ outboundPort: 15_001, ipv6: true, redirectsDns: false });
});

it.each([{}, { outbound: { enabled: false, port: 15_001 } }, { outbound: "x" }, { inbound: on }])(
  "without a redirect of the workload's connections there is none: %j",
  (parts) => {
    expect(redirect(parts)).toBeUndefined();
  },
);

it("a proxy without the feature, or with nonsense, is as its resource says", () => {
  expect(hostRedirect({ transparentProxy: { redirect: { outbound: on } } }, new Set())).toBeUndefined();
  for (const nonsense of [undefined, null, [], "x", 7])
    expect(hostRedirect({ transparentProxy: nonsense }, feature)).toBeUndefined();
});
