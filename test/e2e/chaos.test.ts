import { expect, it } from "vitest";
import { createRandom, wreakHavoc } from "./harness/chaos.ts";
import type { DataPlane } from "./harness/data-plane.ts";
import { meshWithMtls, trafficPermission } from "./harness/documents.ts";
import { useMesh } from "./harness/mesh.ts";
import type { Service } from "./harness/service.ts";
import { Traffic } from "./harness/traffic.ts";
import { Writer } from "./harness/writer.ts";

const seed = Number(process.env["MERIDIAN_CHAOS_SEED"] ?? 20_260);
const durationMs = process.env["MERIDIAN_NIGHTLY"] ? 15 * 60_000 : 60_000;

let caller: Service;
let eastCaller: Service;
let bystander: Service;
let westIngress: DataPlane;

const mesh = useMesh(async (starting) => {
  await starting.startGlobal();
  await Promise.all(["east", "west"].map((zone) => starting.startZone(zone)));
  await starting.applyAndConverge(meshWithMtls(), trafficPermission("*", "*"));
  [, westIngress, , bystander, , eastCaller, caller] = await Promise.all([
    starting.startIngress("east"),
    starting.startIngress("west"),
    starting.startService({ zone: "east", service: "far" }),
    starting.startService({ zone: "west", service: "bystander" }),
    starting.startService({ zone: "west", service: "local" }),
    starting.startService({ zone: "east", service: "east-caller", calls: ["local"] }),
    starting.startService({ zone: "west", service: "caller", calls: ["local", "far", "bystander"] }),
  ]);
  await starting.settled({ east: 3, west: 4 });
});

it("kill -9 of anything at any time loses no acknowledged write and no request that Envoy could serve", {
  timeout: durationMs + 120_000,
}, async () => {
  const writer = new Writer(mesh.global);
  const traffic = {
    inZone: await Traffic.flowing(caller.to("local"), { perSecond: 50 }),
    acrossZones: await Traffic.flowing(caller.to("far"), { perSecond: 50 }),
    // By way of an ingress that is killed now and then: it loses requests, and must come back.
    throughVictim: await Traffic.flowing(eastCaller.to("local"), { perSecond: 50 }),
  };
  await Promise.all(Object.values(traffic).map((stream) => stream.answers(20)));
  const victims = [
    mesh.global.process,
    ...["east", "west"].map((zone) => mesh.zone(zone).process),
    ...[westIngress, bystander.sidecar].map((dataPlane) => dataPlane.process),
  ];
  const outages = await wreakHavoc({ victims, random: createRandom(seed), durationMs });

  // Everything comes back by itself.
  await mesh.global.ready();
  await writer.stop();
  await mesh.settled({ east: 3, west: 4 });
  const { revision } = await mesh.apply(trafficPermission("the", "end"));
  await mesh.converged(revision);
  const toBystander = await Traffic.flowing(caller.to("bystander"));
  await Promise.all([toBystander.answers(20), traffic.throughVictim.answers(traffic.throughVictim.counts.answered + 20)]);
  traffic.throughVictim.reset();
  await traffic.throughVictim.answers(50);
  expect(traffic.throughVictim.counts.failures).toEqual([]);
  await toBystander.stop();

  // Nothing acknowledged is lost, anywhere.
  expect(writer.acknowledged).toBeGreaterThan(0);
  expect(writer.refusals).toEqual([]);
  for (const plane of [mesh.global, mesh.zone("east"), mesh.zone("west")]) {
    const { items } = await plane.client.list({ path: "traffic-permissions", mesh: "default" }, { size: 1_000 });
    expect(writer.lostIn(items), plane.process.name).toEqual([]);
  }

  const [inZone, acrossZones] = await Promise.all(Object.values(traffic).map((stream) => stream.stop()));
  const story = `seed ${seed}: ${JSON.stringify(outages)}`;
  expect(inZone?.failures, story).toEqual([]);
  expect(acrossZones?.failures, story).toEqual([]);
});
