import { expect, it } from "vitest";
import type { DataPlane } from "../harness/data-plane.ts";
import { meshWithMtls, trafficPermission } from "../harness/documents.ts";
import { useMesh } from "../harness/mesh.ts";
import type { Service } from "../harness/service.ts";
import { Traffic } from "../harness/traffic.ts";
import { startUpstream } from "../harness/upstream.ts";

// Steady traffic to another zone, to a server outside and to one that is bound to the other zone, while it is sent through the egresses
// and taken off them.

const outsidePort = 17_443;
let web: Service;
let egress: DataPlane;

const mesh = useMesh(async (starting) => {
  await starting.startGlobal();
  await Promise.all(["east", "west"].map((zone) => starting.startZone(zone)));
  for (const [index, service] of ["billing", "ledger"].entries()) {
    const place = { host: starting.world.network.at(9, index + 1), port: outsidePort };
    starting.world.own(await startUpstream({ ...place, service, version: "v1", zone: "outside" }));
  }
  // A retry would hide what fails.
  const plain = { ...meshWith(false), skipCreatingInitialPolicies: ["*"] };
  await starting.applyAndConverge(plain, trafficPermission("*", "*"), external("billing", 1), external("ledger", 2, "east"));
  [egress, , , , web] = await Promise.all([
    starting.startEgress("west"),
    starting.startEgress("east"),
    starting.startIngress("east"),
    starting.startService({ zone: "east", service: "api" }),
    starting.startService({ zone: "west", service: "web", calls: ["api", "billing", "ledger"] }),
  ]);
  await starting.settled({ east: 3, west: 2 });
});

function meshWith(zoneEgress: boolean): object {
  return meshWithMtls({ zoneEgress });
}

function external(service: string, host: number, zone?: string): object {
  return {
    ...{ type: "ExternalService", mesh: "default", name: service },
    tags: { "kuma.io/service": service, "kuma.io/protocol": "http", ...(zone && { "kuma.io/zone": zone }) },
    networking: { address: `${mesh.world.network.at(9, host)}:${outsidePort}` },
  };
}

/** Connections through the egress so far. */
async function passed(): Promise<number> {
  const stats = await egress.stats("^listener\\..*\\.downstream_cx_total$");
  const own = [...stats].filter(([name]) => !name.includes("admin"));
  return own.reduce((sum, [, count]) => sum + count, 0);
}

it("zoneEgress goes on and off again and again, and not one request fails", async () => {
  const traffics = await Promise.all(["api", "billing", "ledger"].map((service) => Traffic.flowing(web.to(service))));
  for (let round = 0; round < 3; round++) {
    await mesh.applyAndConverge({ ...meshWith(true), skipCreatingInitialPolicies: ["*"] });
    for (const traffic of traffics) await traffic.answers(traffic.counts.answered + 20);
    expect(await passed()).toBeGreaterThan(0);
    await mesh.applyAndConverge({ ...meshWith(false), skipCreatingInitialPolicies: ["*"] });
    for (const traffic of traffics) await traffic.answers(traffic.counts.answered + 20);
  }
  const failures = (await Promise.all(traffics.map((traffic) => traffic.stop()))).map((counts) => counts.failures);
  expect(failures).toEqual([[], [], []]);
});
