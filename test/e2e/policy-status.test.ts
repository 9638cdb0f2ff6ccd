import type { PolicyStatus } from "@meridian/model";
import { waitFor } from "@meridian/testkit";
import { expect, it } from "vitest";
import { stringify } from "yaml";
import { meridian } from "./harness/cli.ts";
import { meshWithMtls, trafficPermission } from "./harness/documents.ts";
import { useMesh } from "./harness/mesh.ts";

const mesh = useMesh(async (starting) => {
  await starting.startGlobal();
  await starting.startZone("east");
  await starting.applyAndConverge(meshWithMtls(), trafficPermission("*", "*"));
  await Promise.all([
    starting.startService({ zone: "east", service: "web", version: "v1", calls: ["backend"] }),
    starting.startService({ zone: "east", service: "web", version: "v2", calls: ["backend"] }),
    starting.startService({ zone: "east", service: "backend" }),
  ]);
  await starting.settled({ east: 3 });
});

/** Valid for Meridian as for its peer; Envoy's RE2 refuses a regex that does not parse. */
function route(path: object, sources = "web"): object {
  return {
    type: "TrafficRoute",
    mesh: "default",
    name: "by-path",
    sources: [{ match: { "kuma.io/service": sources } }],
    destinations: [{ match: { "kuma.io/service": "backend" } }],
    conf: {
      destination: { "kuma.io/service": "backend" },
      http: [{ match: { path }, destination: { "kuma.io/service": "backend" } }],
    },
  };
}

const run = (args: readonly string[], input = "") => meridian(mesh.world, { address: mesh.global.address, args, input });
const applyAndWait = (document: object) => run(["apply", "-f", "-", "--wait", "--timeout", "60s"], stringify(document));
const status = (): Promise<PolicyStatus> =>
  mesh.global.client.policyStatus({ path: "traffic-routes", mesh: "default", name: "by-path" });

it("a policy shows on how many proxies it has taken effect, Envoy's words where not, and that it is mended", async () => {
  const good = await applyAndWait(route({ prefix: "/a" }));
  expect(good.exitCode).toBe(0);
  expect(good.stdout).toMatch(/TrafficRoute default\/by-path 2\/2\n$/);
  // Who hears that it has converged finds it so.
  expect(await status()).toMatchObject({
    state: "converged",
    proxies: { applied: 2, converged: 2 },
    zones: [{ zone: "east", state: "converged" }],
  });

  const bad = await applyAndWait(route({ regex: "/(" }));
  expect(bad.exitCode).toBe(3);
  expect(await status()).toMatchObject({
    state: "rejected",
    proxies: { applied: 2, converged: 0, rejected: 2 },
    zones: [{ rejections: [{ message: expect.stringMatching(/missing \)/), proxies: 2 }] }],
  });
  const shown = await run(["status", "traffic-route", "by-path"]);
  expect(shown.stdout).toContain("TrafficRoute default/by-path: 0/2, 2 rejected");
  expect(shown.stdout).toMatch(/rejected by web-v[12]-east, web-v[12]-east in east/);
  expect(shown.stdout).toMatch(/Envoy says of outbound:.*missing \)/);
  expect((await run(["get", "traffic-routes"])).stdout).toMatch(/by-path +0\/2, 2 rejected/);

  // The zone itself answers the same of its own proxies.
  const [own] = (await mesh.zone("east").client.policyStatuses({ path: "traffic-routes", mesh: "default" })).items.filter(
    ({ name }) => name.startsWith("by-path"),
  );
  expect(own).toMatchObject({ state: "rejected", proxies: { applied: 2, rejected: 2 } });

  expect((await applyAndWait(route({ regex: "/a.*" }))).exitCode).toBe(0);
  await waitFor("the policy to be mended", async () => (await status()).state === "converged");
  expect((await run(["get", "traffic-routes"])).stdout).toMatch(/by-path +2\/2 /);
});

it("a policy for nobody says so, and a zone that is gone leaves it unknown", async () => {
  const idle = await applyAndWait(route({ prefix: "/a" }, "nobody"));
  expect(idle.exitCode).toBe(0);
  expect(idle.stdout).toMatch(/TrafficRoute default\/by-path no proxy\n$/);
  await applyAndWait(route({ prefix: "/a" }));
  await mesh.zone("east").process.kill();
  await waitFor("the zone to be unknown", async () => (await status()).state === "unknown");
  expect(await status()).toMatchObject({
    proxies: { applied: 2, converged: 0, unknown: 2 },
    zones: [{ zone: "east", state: "unknown", unknownSince: expect.any(String) }],
  });
});
