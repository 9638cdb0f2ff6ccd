import { Resolver } from "node:dns/promises";
import { freePorts, startEnvoy, type TestEnvoy } from "@meridian/testkit";
import { afterAll, beforeAll, expect, it } from "vitest";
import { renderBootstrap } from "./bootstrap.ts";
import { dnsListener } from "./builders/dns-listener.ts";

// What a real Envoy answers for names of a mesh.

let envoy: TestEnvoy | undefined;
const resolver = new Resolver({ timeout: 5_000, tries: 4 });

beforeAll(async () => {
  const [dns = 0] = await freePorts(1);
  const records = [
    { name: "web.mesh", addresses: ["240.0.0.1", "::ffff:f000:1"] },
    { name: "only_v4.mesh", addresses: ["240.0.0.2"] },
  ];
  const staticResources = { listeners: [dnsListener({ port: dns, records, ttlMs: 30_000 })] };
  envoy = await startEnvoy({ bootstrapYaml: renderBootstrap({ staticResources }) });
  resolver.setServers([`127.0.0.1:${dns}`]);
});
afterAll(() => envoy?.stop());

async function codeOf(answer: Promise<unknown>): Promise<string> {
  return answer.then(
    () => "known",
    ({ code }: NodeJS.ErrnoException) => code ?? "",
  );
}

it("both addresses of a name, for half a minute, however it is written", async () => {
  expect(await resolver.resolve4("web.mesh", { ttl: true })).toEqual([{ address: "240.0.0.1", ttl: 30 }]);
  expect(await resolver.resolve6("web.mesh")).toEqual(["::ffff:240.0.0.1"]);
  expect(await codeOf(resolver.resolve4("WEB.Mesh"))).toBe("known");
});

it("names with underscores", async () => {
  expect(await resolver.resolve4("only_v4.mesh")).toEqual(["240.0.0.2"]);
});

it("denies a name that has no IPv6 address to those who ask for one: whoever stands between knows better", async () => {
  expect(await codeOf(resolver.resolve6("only_v4.mesh"))).toBe("ENOTFOUND");
});

it("names that it does not know it denies, so that whoever asks goes on", async () => {
  expect(await codeOf(resolver.resolve4("elsewhere.example"))).toBe("ENOTFOUND");
  expect(await codeOf(resolver.resolveTxt("elsewhere.example"))).not.toBe("known");
});
