import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLogger } from "@meridian/base";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RunDataplaneOptions } from "./options.ts";
import { readProxyResource } from "./resource-file.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "meridian-test-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function read(text: string, options: Partial<RunDataplaneOptions> = {}): ReturnType<typeof readProxyResource> {
  const dataplaneFile = join(folder, "dp.yaml");
  await writeFile(dataplaneFile, text);
  const common = {
    controlPlaneUrl: "https://x",
    proxyType: "dataplane",
    version: "1",
    environment: {},
    logger: silentLogger,
  } as const;
  return readProxyResource({ ...common, dataplaneFile, ...options });
}

const web = `
type: Dataplane
mesh: {{ mesh }}
name: {{ name }}
networking:
  address: 127.0.0.1
  inbound:
    - port: 8080
      tags: {kuma.io/service: web}
`;

describe("readProxyResource", () => {
  it("fills in variables from flags before those of the environment", async () => {
    const options = { dataplaneVars: { name: "web-1" }, environment: { name: "other", mesh: "shop" } };
    const resource = await read(web, options);
    expect(resource).toMatchObject({ mesh: "shop", name: "web-1" });
    expect(JSON.parse(resource.resourceJson)).toMatchObject({
      type: "Dataplane",
      name: "web-1",
      networking: { address: "127.0.0.1" },
    });
  });

  it("names the variables that are not set", async () => {
    await expect(read(web)).rejects.toThrow("variables are not set: mesh, name; set them with --dataplane-var mesh=…");
  });

  it("names every mistake with its place", async () => {
    const outcome = read("type: Dataplane\nname: web\nnetworking: {address: 127.0.0.1, inbound: [{port: 0}]}");
    await expect(outcome).rejects.toThrow(/dp\.yaml: networking\.inbound\[0\]/);
    await expect(read("a: [1")).rejects.toThrow(/dp\.yaml:1:\d+: /);
    await expect(read("---\n---\n")).rejects.toThrow("must hold one resource, has 0");
  });

  it("says which proxy type a file is for", async () => {
    const ingress = "type: ZoneIngress\nname: in\nnetworking: {address: 127.0.0.1, port: 10001}";
    await expect(read(ingress)).rejects.toThrow(
      "is a ZoneIngress, but --proxy-type dataplane needs a Dataplane; for this file use --proxy-type ingress",
    );
    expect(await read(ingress, { proxyType: "ingress" })).toMatchObject({ mesh: "", name: "in" });
  });

  it("does without a file when it is told who the proxy is", async () => {
    const options = { controlPlaneUrl: "https://x", proxyType: "dataplane", version: "1", logger: silentLogger } as const;
    expect(await readProxyResource({ ...options, name: "web" })).toMatchObject({
      mesh: "default",
      name: "web",
      resourceJson: "",
    });
    await expect(readProxyResource(options)).rejects.toThrow("--dataplane-file");
    await expect(readProxyResource({ ...options, dataplaneFile: "/no/such" })).rejects.toThrow(
      "--dataplane-file /no/such: there is no such file",
    );
  });
});
