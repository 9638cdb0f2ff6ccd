import { expect, it } from "vitest";
import { stringify } from "yaml";
import { meridian } from "./harness/cli.ts";
import { canary, meshWithMtls, trafficPermission } from "./harness/documents.ts";
import { http } from "./harness/http.ts";
import { useMesh } from "./harness/mesh.ts";
import type { Service } from "./harness/service.ts";
import { readAnswer, Traffic } from "./harness/traffic.ts";

let magnanimo: Service;

const mesh = useMesh(async (starting) => {
  await starting.startGlobal();
  await Promise.all(["east", "west"].map((zone) => starting.startZone(zone)));
  await starting.applyAndConverge(meshWithMtls(), trafficPermission("magnanimo", "benigno"));
  const [, , , , caller] = await Promise.all([
    starting.startIngress("east"),
    starting.startIngress("west"),
    starting.startService({ zone: "east", service: "benigno", version: "v1" }),
    starting.startService({ zone: "east", service: "benigno", version: "v2" }),
    starting.startService({ zone: "west", service: "magnanimo", calls: ["benigno"] }),
  ]);
  magnanimo = caller;
  await starting.settled({ east: 3, west: 2 });
});

it("splits 90/10 across zones within statistical bounds, then shifts with apply --wait", async () => {
  await mesh.applyAndConverge(canary("benigno", { v1: 90, v2: 10 }));
  const traffic = await Traffic.flowing(magnanimo.to("benigno"), { perSecond: 400 });
  await Promise.all(["v1", "v2"].map((expected) => traffic.next(({ version }) => version === expected)));
  traffic.reset();
  await traffic.answers(1_500);
  const split = traffic.counts;
  // Five standard deviations of a binomial with p = 0.1: a false alarm in millions of runs.
  const tolerance = 5 * Math.sqrt((0.1 * 0.9) / split.answered);
  expect(Math.abs(traffic.share("v2 in east") - 0.1)).toBeLessThan(tolerance);

  const firstV2 = traffic.next(({ version }) => version === "v2");
  const shift = await meridian(mesh.world, {
    address: mesh.global.address,
    args: ["apply", "-f", "-", "--wait"],
    input: stringify(canary("benigno", { v1: 0, v2: 100 })),
  });
  expect(shift).toMatchObject({ exitCode: 0 });
  expect(shift.stderr + shift.stdout).toMatch(/converged in \d+/);
  await firstV2;
  traffic.reset();
  await traffic.answers(300);
  const after = await traffic.stop();
  expect([...after.by.keys()]).toEqual(["v2 in east"]);
  expect([...split.failures, ...after.failures]).toEqual([]);
});

it("the callee sees who calls, and the global what runs", async () => {
  const answer = readAnswer(await http({ url: `http://${magnanimo.to("benigno")}/` }));
  expect(answer).toMatchObject({ service: "benigno", version: "v2", zone: "east", caller: "spiffe://default/magnanimo" });
  const { items } = await mesh.global.client.dataplanes("default");
  expect(items.map(({ zone, status }) => `${zone} ${status}`).sort()).toEqual(["east online", "east online", "west online"]);
});

it("a proxy's config, stats and clusters can be read at the global, through its zone", async () => {
  const { items } = await mesh.global.client.dataplanes("default");
  const name = items.find(({ zone }) => zone === "west")?.name;
  const dump = await mesh.global.call(`/meshes/default/dataplanes/${name}/xds`);
  expect(dump.status).toBe(200);
  expect(dump.body).toContain("benigno");
  expect(dump.body).not.toContain("BEGIN EC PRIVATE KEY");
});

it("everything stops when it is asked to, and nothing stays behind", async () => {
  await Promise.all(mesh.world.processes.map((managed) => managed.stop()));
  expect(mesh.world.running()).toEqual([]);
});
