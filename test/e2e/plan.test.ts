import { waitFor } from "@meridian/testkit";
import { expect, it } from "vitest";
import { stringify } from "yaml";
import { type CommandResult, meridian } from "./harness/cli.ts";
import { canary, meshWithMtls, trafficPermission } from "./harness/documents.ts";
import { http } from "./harness/http.ts";
import { useMesh } from "./harness/mesh.ts";
import type { Service } from "./harness/service.ts";
import { Traffic } from "./harness/traffic.ts";

let magnanimo: Service;

/** benigno in the east, its caller in the west. */
const mesh = useMesh(async (starting) => {
  await starting.startGlobal();
  await Promise.all(["east", "west"].map((zone) => starting.startZone(zone)));
  await starting.applyAndConverge(
    meshWithMtls(),
    trafficPermission("magnanimo", "benigno"),
    canary("benigno", { v1: 90, v2: 10 }),
  );
  const [, , , caller] = await Promise.all([
    starting.startIngress("east"),
    starting.startService({ zone: "east", service: "benigno", version: "v1" }),
    starting.startService({ zone: "east", service: "benigno", version: "v2" }),
    starting.startService({ zone: "west", service: "magnanimo", calls: ["benigno"] }),
  ]);
  magnanimo = caller;
  await starting.settled({ east: 3, west: 1 });
  await (await Traffic.flowing(magnanimo.to("benigno"))).stop();
  // Plans count connected proxies by their insights, which come after the reports of convergence.
  await waitFor("the insights of all proxies", async () => {
    const { items } = await starting.global.client.dataplanes("default");
    return items.length === 3 && items.every(({ status }) => status === "online");
  });
});

function command(input: object | undefined, ...args: readonly string[]): Promise<CommandResult> {
  const { address } = mesh.global;
  return meridian(mesh.world, { address, args, ...(input && { input: stringify(input) }) });
}

async function routeWeights(): Promise<string> {
  const { items } = await mesh.global.client.dataplanes("default");
  const caller = items.find(({ zone }) => zone === "west")?.name;
  return (await mesh.global.call(`/meshes/default/dataplanes/${caller}/xds`)).body;
}

it("plans a shift of the canary, which an apply then makes just so; after it there is nothing to plan", async () => {
  const shifted = canary("benigno", { v1: 10, v2: 90 });
  const revision = (await mesh.global.client.convergence()).revision;
  const planned = await command(shifted, "plan", "-f", "-");
  expect(planned).toMatchObject({ exitCode: 2, stderr: "" });
  expect(planned.stdout).toContain(
    "benigno v2 gets 90 % of magnanimo's requests, was 10 % (1 proxy in west; TrafficRoute default/benigno-canary)",
  );
  expect(planned.stdout).toMatch(/^east +3 +0 +0 +0 B$/m);
  expect(planned.stdout).toMatch(/^west +1 +1 +1 +\d+ B$/m);
  expect(planned.stdout).not.toContain("CUTS OFF");
  expect((await mesh.global.client.convergence()).revision).toBe(revision);

  const envoy = await command(shifted, "plan", "-f", "-", "--envoy");
  expect(envoy.stdout).toMatch(/^\+ +weight: 90$/m);

  expect((await command(shifted, "apply", "-f", "-", "--wait")).exitCode).toBe(0);
  expect(await routeWeights()).toMatch(/"weight":\s*90/);
  expect(await command(shifted, "plan", "-f", "-")).toMatchObject({
    exitCode: 0,
    stdout: expect.stringContaining("Nothing would change.") as unknown,
  });
});

it("warns of the traffic that a deletion would cut off across zones; and that is what comes of it", async () => {
  const name = "magnanimo-to-benigno";
  const planned = await command(undefined, "plan", "--delete", `traffic-permission/${name}`);
  expect(planned.exitCode).toBe(2);
  expect(planned.stdout).toContain(
    "CUTS OFF: magnanimo no longer reaches benigno: no permission of benigno lets it in (1 connected",
  );
  expect(planned.stdout).toContain("benigno refuses magnanimo, which it lets in now");

  const { revision } = await mesh.global.client.delete({ path: "traffic-permissions", mesh: "default", name });
  await mesh.converged(revision);
  // Envoy serves one more request over a connection that is there, and then drains it.
  const url = `http://${magnanimo.to("benigno")}/`;
  await waitFor("requests to be refused", async () => (await http({ url })).status !== 200);
});

it("a mistake is told as by apply, and is no plan", async () => {
  const wrong = { type: "TrafficRoute", mesh: "default", name: "wrong" };
  const [planned, applied] = await Promise.all([command(wrong, "plan", "-f", "-"), command(wrong, "apply", "-f", "-")]);
  expect(planned.exitCode).toBe(1);
  expect(planned.stderr).toBe(applied.stderr);
});

it("a zone plans for itself what it may write", async () => {
  const address = mesh.zone("west").address;
  const planned = await meridian(mesh.world, {
    address,
    args: ["plan", "-f", "-"],
    input: stringify(canary("benigno", { v1: 1 })),
  });
  expect(planned).toMatchObject({ exitCode: 1, stdout: "" });
});
