import { waitFor } from "@meridian/testkit";
import { expect, it } from "vitest";
import { meshWithMtls, trafficPermission } from "./harness/documents.ts";
import { useMesh } from "./harness/mesh.ts";
import { sumOf } from "./harness/metrics.ts";
import type { Service } from "./harness/service.ts";
import { Traffic } from "./harness/traffic.ts";
import { startUpstream } from "./harness/upstream.ts";

const policyCount = 1_000;

let web: Service;
let late: Service;

const mesh = useMesh(async (starting) => {
  await starting.startGlobal();
  await starting.startZone("east", { args: ["--dp-registration-timeout", "5s"] });
  const fillers = Array.from({ length: policyCount }, (_, index) => trafficPermission("*", `filler-${index}`, `filler-${index}`));
  await starting.apply(meshWithMtls(), trafficPermission("*", "*"), ...fillers);
  [web] = await Promise.all([
    starting.startService({ zone: "east", service: "web", calls: ["backend", "late"] }),
    starting.startService({ zone: "east", service: "backend" }),
  ]);
  late = await starting.planService({ zone: "east", service: "late" });
  await starting.settled({ east: 2 });
});

/** What the hub has sent to zones since it started. */
async function hubSent(): Promise<{ readonly bytes: number; readonly snapshots: number }> {
  const metrics = await mesh.global.metrics();
  return { bytes: sumOf(metrics, "meridian_kds_bytes_sent_total"), snapshots: sumOf(metrics, "meridian_kds_snapshots_total") };
}

it("a zone that restarts resumes: nothing that it holds is sent again", async () => {
  const before = await hubSent();
  // The thousand policies are in these bytes, so the small number below means something.
  expect(before.bytes).toBeGreaterThan(100 * policyCount);
  await mesh.zone("east").process.kill();
  await mesh.zone("east").start();
  await mesh.settled({ east: 2 });
  const after = await hubSent();
  expect(after.snapshots).toBe(before.snapshots);
  expect(after.bytes - before.bytes).toBeLessThan(10_000);
});

it("a zone that was away gets only what changed meanwhile", async () => {
  const before = await hubSent();
  await mesh.zone("east").process.kill();
  const { revision } = await mesh.apply(
    trafficPermission("web", "filler-7", "filler-7"),
    trafficPermission("web", "filler-8", "filler-8"),
  );
  await mesh.global.client.delete({ path: "traffic-permissions", mesh: "default", name: "filler-9" });
  await mesh.zone("east").start();
  await mesh.settled({ east: 2 });
  await mesh.converged(revision);
  const after = await hubSent();
  expect(after.snapshots).toBe(before.snapshots);
  expect(after.bytes - before.bytes).toBeLessThan(10_000);
  const permissions = await mesh.zone("east").client.list({ path: "traffic-permissions", mesh: "default" }, { size: 1 });
  // All but the deleted one, and the one for everybody.
  expect(permissions.total).toBe(policyCount);
});

it("data planes keep serving while global and zone are gone; a zone that starts without a global takes new ones", async () => {
  const traffic = await Traffic.flowing(web.to("backend"), { perSecond: 100 });
  await traffic.answers(20);
  await Promise.all([mesh.global.process.kill(), mesh.zone("east").process.kill()]);
  await traffic.answers(traffic.counts.answered + 50);

  await mesh.zone("east").start();
  mesh.world.own(await startUpstream(late.upstream));
  await late.sidecar.start();
  const toLate = await Traffic.flowing(web.to("late"), { perSecond: 100 });
  await toLate.next(({ service, caller }) => service === "late" && caller === "spiffe://default/web");
  await toLate.stop();
  await waitFor("the zone to show every data plane online", async () => {
    const { items } = await mesh.zone("east").client.dataplanes("default");
    return items.length === 3 && items.every(({ status }) => status === "online");
  });
  const refused = await mesh.zone("east").put("/meshes/default/traffic-permissions/mine", trafficPermission("a", "b", "mine"));
  expect(refused.status).toBeGreaterThanOrEqual(400);

  await mesh.global.start();
  await mesh.settled({ east: 3 });
  await waitFor("the global to know the new data plane", async () => {
    const { items } = await mesh.global.client.dataplanes("default");
    return items.some(({ name, status }) => name.startsWith("late-v1-east") && status === "online");
  });
  const { failures } = await traffic.stop();
  expect(failures).toEqual([]);
});

it("a data plane that left while its zone was away is not offered for ever; those that came back stay", async () => {
  await mesh.zone("east").process.kill();
  await late.sidecar.process.kill();
  await mesh.zone("east").start();
  await mesh.settled({ east: 2 });
  await waitFor("the data plane that left to be gone", async () => {
    const { items } = await mesh.global.client.dataplanes("default");
    return items.length === 2;
  });
  const traffic = await Traffic.flowing(web.to("backend"));
  await traffic.answers(20);
  expect((await traffic.stop()).failures).toEqual([]);
});
