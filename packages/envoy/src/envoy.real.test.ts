import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { validateConfig } from "@meridian/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildBootstrap, renderBootstrap } from "./bootstrap.ts";
import { typeUrls } from "./encoded.ts";
import { sampleBootstrap } from "./testing/sample-bootstrap.ts";
import { sampleResources } from "./testing/sample-config.ts";
import { testCaPem } from "./testing/test-ca.ts";

const controlPlane = { ...sampleBootstrap.controlPlane, caPem: testCaPem };
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "meridian-envoy-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** What Envoy says about it: "" when it is well. */
async function mistakesIn(bootstrap: object): Promise<string> {
  const { valid, output } = await validateConfig(renderBootstrap({ ...bootstrap }));
  return valid ? "" : output;
}

/**
 * Every "ask ADS" becomes "read a file": Envoy 1.40 crashes in validate mode when a static resource asks ADS, which in our config
 * only dynamic ones do.
 */
function throughFile(json: object): object {
  const text = JSON.stringify(json).replaceAll('"ads":{}', `"pathConfigSource":{"path":"${join(folder, "resources.yaml")}"}`);
  return JSON.parse(text) as object;
}

describe("a real Envoy", () => {
  it.each([
    ["of a sidecar", { ...sampleBootstrap, controlPlane }],
    [
      "with health discovery and an IP address",
      { ...sampleBootstrap, healthDiscovery: true, controlPlane: { ...controlPlane, host: "127.0.0.1" } },
    ],
    ["with a token file", { ...sampleBootstrap, controlPlane, token: { file: "token" } }],
    ["of a gateway", { ...sampleBootstrap, controlPlane, gateway: { maxHeapSizeBytes: 2 ** 30 } }],
  ])("accepts the bootstrap %s", async (_, options) => {
    writeFileSync(join(folder, "token"), "TOKEN");
    expect(await mistakesIn(buildBootstrap(options))).toBe("");
  });

  it("accepts everything that the builders make", async () => {
    const bootstrap = buildBootstrap({ ...sampleBootstrap, controlPlane });
    writeFileSync(join(folder, "resources.yaml"), "resources: []");
    const ofType = (typeUrl: string): object[] =>
      Object.values(sampleResources)
        .filter((resource) => resource.typeUrl === typeUrl)
        .map((resource) => throughFile(resource.json));
    const { clusters, secrets } = bootstrap["staticResources"] as { readonly clusters: object[]; readonly secrets: object[] };
    const staticResources = {
      clusters: [...clusters, ...ofType(typeUrls.cluster)],
      listeners: ofType(typeUrls.listener),
      secrets,
    };
    expect(await mistakesIn({ ...bootstrap, staticResources })).toBe("");
  });
});
