import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { buildBootstrap, renderBootstrap } from "./bootstrap.ts";
import { decodeMessage, encodeMessage } from "./codec/codec.ts";
import { expectGolden } from "./testing/golden.ts";
import { sampleBootstrap } from "./testing/sample-bootstrap.ts";

const typeName = "envoy.config.bootstrap.v3.Bootstrap";

describe("buildBootstrap", () => {
  it("makes what the golden file says", () => {
    expectGolden(import.meta.url, "bootstrap.yaml", renderBootstrap(buildBootstrap(sampleBootstrap)));
  });

  it.each([
    ["a sidecar", sampleBootstrap],
    ["health discovery", { ...sampleBootstrap, healthDiscovery: true }],
    ["an address for a host", { ...sampleBootstrap, controlPlane: { ...sampleBootstrap.controlPlane, host: "::1" } }],
    ["a token file", { ...sampleBootstrap, token: { file: "token" } }],
    ["a token in a secret", { ...sampleBootstrap, token: { secretFile: "/w/token.json" } }],
    ["a gateway", { ...sampleBootstrap, gateway: { maxHeapSizeBytes: 2 ** 30 } }],
    [
      "a TCP admin port, no CA and no token",
      {
        node: sampleBootstrap.node,
        admin: { address: "127.0.0.1", port: 9901 },
        controlPlane: { host: "cp", port: 1, delta: false },
      },
    ],
  ])("is a valid Bootstrap and survives YAML: %s", (_, options) => {
    const bootstrap = buildBootstrap(options);
    const bytes = encodeMessage(typeName, bootstrap);
    expect(parse(renderBootstrap(bootstrap))).toEqual(JSON.parse(JSON.stringify(bootstrap)));
    expect(decodeMessage(typeName, bytes)).toMatchObject({ node: { id: "default.web-1" } });
  });

  it("reads a token that may be renewed from a file, and holds none of it", () => {
    const { dynamicResources, staticResources } = buildBootstrap({ ...sampleBootstrap, token: { secretFile: "/w/token.json" } });
    expect(JSON.stringify(dynamicResources)).not.toContain("authorization");
    const names = JSON.stringify(staticResources).match(/"name":"envoy.filters.http[^"]*"/g);
    expect(names).toEqual(['"name":"envoy.filters.http.credential_injector"', '"name":"envoy.filters.http.upstream_codec"']);
    expect(JSON.stringify(staticResources)).toContain('"path":"/w/token.json"');
  });

  it("asks for incremental ADS only where the proxy can", () => {
    const sotw = buildBootstrap({ ...sampleBootstrap, controlPlane: { ...sampleBootstrap.controlPlane, delta: false } });
    expect(sotw).toMatchObject({ dynamicResources: { adsConfig: { apiType: "GRPC" } } });
  });
});
