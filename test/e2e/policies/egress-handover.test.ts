import { setTimeout as delay } from "node:timers/promises";
import { waitFor } from "@meridian/testkit";
import { expect, it } from "vitest";
import type { DataPlane } from "../harness/data-plane.ts";
import { meshWithMtls, trafficPermission } from "../harness/documents.ts";
import { http } from "../harness/http.ts";
import { useMesh } from "../harness/mesh.ts";
import type { Service } from "../harness/service.ts";
import { readAnswer, Traffic } from "../harness/traffic.ts";
import { startUpstream } from "../harness/upstream.ts";

// Mesh `default`: steady traffic to another zone, to a server outside and to one that is bound to the other zone, while it is sent through the egresses
// and taken off them. Mesh `known` has no CA of its own: a MeshIdentity says who its proxies are, and who the egress is to them.

const outsidePort = 17_443;
let web: Service;
let known: Service;
let egress: DataPlane;

const mesh = useMesh(async (starting) => {
  await starting.startGlobal();
  await Promise.all(["east", "west"].map((zone) => starting.startZone(zone)));
  for (const [index, service] of ["billing", "ledger"].entries()) {
    const place = { host: starting.world.network.at(9, index + 1), port: outsidePort };
    starting.world.own(await startUpstream({ ...place, service, version: "v1", zone: "outside", statusOf: slowly }));
  }
  // A retry would hide what fails.
  const plain = { ...meshWith(false), skipCreatingInitialPolicies: ["*"] };
  await starting.applyAndConverge(plain, trafficPermission("*", "*"), external("billing", 1), external("ledger", 2, "east"));
  await starting.applyAndConverge(
    { type: "Mesh", name: "known", meshServices: { mode: "Exclusive" }, skipCreatingInitialPolicies: ["*"] },
    partnerOf("known"),
  );
  [egress, , , , web, known] = await Promise.all([
    starting.startEgress("west"),
    starting.startEgress("east"),
    starting.startIngress("east"),
    starting.startService({ zone: "east", service: "api", statusOf: slowly }),
    starting.startService({ zone: "west", service: "web", calls: ["api", "billing", "ledger"] }),
    starting.startService({
      ...{ zone: "west", service: "caller", mesh: "known", labels: { "kuma.io/workload": "caller" } },
      backends: { partner: { kind: "MeshExternalService", name: "partner" } },
    }),
  ]);
  await starting.settled({ east: 3, west: 3 });
});

function meshWith(zoneEgress: boolean): object {
  return meshWithMtls({ zoneEgress });
}

/** `/slow` is answered after a while. */
async function slowly(path: string): Promise<number> {
  if (path === "/slow") await delay(2_000);
  return 200;
}

function external(service: string, host: number, zone?: string): object {
  return {
    ...{ type: "ExternalService", mesh: "default", name: service },
    tags: { "kuma.io/service": service, "kuma.io/protocol": "http", ...(zone && { "kuma.io/zone": zone }) },
    networking: { address: `${mesh.world.network.at(9, host)}:${outsidePort}` },
  };
}

function partnerOf(name: string): object {
  const endpoints = [{ address: mesh.world.network.at(9, 1), port: outsidePort }];
  const match = { type: "HostnameGenerator", port: 80, protocol: "http" };
  return { type: "MeshExternalService", mesh: name, name: "partner", spec: { match, endpoints } };
}

const identity = {
  ...{ type: "MeshIdentity", mesh: "known", name: "all" },
  spec: {
    selector: { dataplane: { matchLabels: {} } },
    provider: { type: "Bundled", bundled: { autogenerate: { enabled: true }, insecureAllowSelfSigned: true } },
  },
};

/** Connections through an egress so far. */
async function passed(through = egress): Promise<number> {
  const stats = await through.stats("^listener\\..*\\.downstream_cx_total$");
  const own = [...stats].filter(([name]) => !name.includes("admin"));
  return own.reduce((sum, [, count]) => sum + count, 0);
}

it("zoneEgress goes on and off again and again, and not one request fails", async () => {
  const traffics = await Promise.all(["api", "billing", "ledger"].map((service) => Traffic.flowing(web.to(service))));
  for (let round = 0; round < 2; round++) {
    await mesh.applyAndConverge({ ...meshWith(true), skipCreatingInitialPolicies: ["*"] });
    for (const traffic of traffics) await traffic.answers(traffic.counts.answered + 20);
    expect(await passed()).toBeGreaterThan(0);
    await mesh.applyAndConverge({ ...meshWith(false), skipCreatingInitialPolicies: ["*"] });
    for (const traffic of traffics) await traffic.answers(traffic.counts.answered + 20);
  }
  const failures = (await Promise.all(traffics.map((traffic) => traffic.stop()))).map((counts) => counts.failures);
  expect(failures).toEqual([[], [], []]);
});

it("what is under way when the egresses are let go is answered", async () => {
  await mesh.applyAndConverge({ ...meshWith(true), skipCreatingInitialPolicies: ["*"] });
  const begun = Promise.all(["api", "billing", "ledger"].map((service) => http({ url: `http://${web.to(service)}/slow` })));
  await mesh.applyAndConverge({ ...meshWith(false), skipCreatingInitialPolicies: ["*"] });
  expect((await begun).map(({ status }) => status)).toEqual([200, 200, 200]);
});

it("an egress more comes and goes, and not one request fails", async () => {
  await mesh.applyAndConverge({ ...meshWith(true), skipCreatingInitialPolicies: ["*"] });
  const traffics = await Promise.all(["api", "billing", "ledger"].map((service) => Traffic.flowing(web.to(service))));
  const second = await mesh.startEgress("west", { name: "egress-west-2", y: 12, drainTime: "5s" });
  await waitFor("traffic to pass it", async () => (await passed(second)) > 0);
  for (const traffic of traffics) await traffic.answers(traffic.counts.answered + 20);
  await second.process.stop();
  for (const traffic of traffics) await traffic.answers(traffic.counts.answered + 20);
  const failures = (await Promise.all(traffics.map((traffic) => traffic.stop()))).map((counts) => counts.failures);
  expect(failures).toEqual([[], [], []]);
});

it("a mesh without a CA of its own leaves by the egress as soon as a MeshIdentity is in use", async () => {
  const ask = () => http({ url: `http://${known.to("partner")}/` });
  expect((await ask()).status).toBe(503);
  await mesh.applyAndConverge(identity);
  const answer = await waitFor("an answer from outside", async () => {
    const latest = await ask();
    return latest.status === 200 ? readAnswer(latest) : undefined;
  });
  expect(answer).toMatchObject({ service: "billing", zone: "outside" });
  expect(await known.sidecar.configDump()).toContain("spiffe://known.west.mesh.local/meridian.io/zone-egress");
  const traffic = await Traffic.flowing(known.to("partner"));
  // A CA of the mesh comes, and goes again: the egress stays who it is.
  const byMeshServices = { meshServices: { mode: "Exclusive" }, skipCreatingInitialPolicies: ["*"] };
  await mesh.applyAndConverge({ ...meshWithMtls({ name: "known" }), ...byMeshServices });
  await traffic.answers(traffic.counts.answered + 20);
  await mesh.applyAndConverge({ type: "Mesh", name: "known", ...byMeshServices });
  await traffic.answers(traffic.counts.answered + 20);
  expect((await traffic.stop()).failures).toEqual([]);
});
