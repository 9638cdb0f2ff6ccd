import { waitFor } from "@meridian/testkit";
import { afterEach, expect, it } from "vitest";
import { meridian } from "./harness/cli.ts";
import { meshWithMtls, trafficPermission } from "./harness/documents.ts";
import { useMesh } from "./harness/mesh.ts";
import type { Service } from "./harness/service.ts";
import { Traffic } from "./harness/traffic.ts";

let web: Service;

const mesh = useMesh(async (starting) => {
  await starting.startGlobal(["--kds-heartbeat-interval", "200ms", "--kds-heartbeat-timeout", "1s"]);
  await starting.startZone("east", { args: ["--kds-heartbeat-interval", "200ms", "--kds-heartbeat-timeout", "1s"] });
  await starting.applyAndConverge(meshWithMtls(), trafficPermission("*", "*"));
  [web] = await Promise.all([
    starting.startService({ zone: "east", service: "web", calls: ["backend"] }),
    starting.startService({ zone: "east", service: "backend" }),
  ]);
  await starting.settled({ east: 2 });
});

afterEach(() => mesh.settled({ east: 2 }));

async function write(name: string): Promise<{ readonly status: number; readonly ms: number; readonly body: string }> {
  const startedMs = performance.now();
  const path = `/meshes/default/traffic-permissions/${name}`;
  const { status, body } = await mesh.global.put(path, trafficPermission("somebody", name, name));
  return { status, body, ms: performance.now() - startedMs };
}

async function canRead(): Promise<boolean> {
  const { status, body } = await mesh.global.call("/meshes/default/traffic-permissions");
  return status === 200 && body.includes('"all-to-all"');
}

it("Postgres away: writes answer 503 at once, reads and zones go on, and all recovers without a restart", async () => {
  const traffic = await Traffic.flowing(web.to("backend"), { perSecond: 100 });
  await traffic.answers(20);
  expect((await write("before")).status).toBe(201);
  await mesh.postgres.shutDown();
  const refused = await write("during");
  expect(refused.status).toBe(503);
  expect(refused.ms).toBeLessThan(5_000);
  expect(refused.body).not.toMatch(/select|insert|postgres:\/\//i);
  expect(await canRead()).toBe(true);
  await traffic.answers(traffic.counts.answered + 50);
  await mesh.postgres.bringUp();
  await waitFor("writes to be taken again", async () => (await write("after")).status < 300);
  const report = await mesh.global.client.convergence();
  await mesh.converged(report.revision);
  expect((await traffic.stop()).failures).toEqual([]);
});

it("Postgres frozen: no write hangs for long, reads go on, and what was acknowledged is there afterwards", async () => {
  mesh.postgres.pause();
  try {
    const refused = await write("frozen");
    expect(refused.status).toBe(503);
    expect(refused.ms).toBeLessThan(15_000);
    expect(await canRead()).toBe(true);
  } finally {
    mesh.postgres.resume();
  }
  await waitFor("writes to be taken again", async () => (await write("thawed")).status < 300);
});

it.each([
  { how: "killed", away: () => mesh.zone("east").process.kill(), back: () => mesh.zone("east").start() },
  {
    how: "frozen",
    away: async () => mesh.zone("east").process.freeze(),
    back: async () => mesh.zone("east").process.thaw(),
  },
])("a zone that was $how is shown as unknown, with the time since, and so are its proxies", async ({ away, back }) => {
  const startedMs = Date.now();
  await away();
  const zone = await waitFor("the zone to be unknown", async () => {
    const { items } = await mesh.global.client.zones();
    return items.find(({ status }) => status === "unknown");
  });
  // When it was heard last: it beats five times a second, but a busy machine may have kept it from that for a while.
  const unknownSinceMs = Date.parse(zone.unknownSince ?? "");
  expect(unknownSinceMs).toBeGreaterThan(startedMs - 10_000);
  expect(unknownSinceMs).toBeLessThanOrEqual(Date.now());
  const { items } = await mesh.global.client.dataplanes("default");
  expect(items.map(({ status }) => status)).toEqual(["unknown", "unknown"]);
  const { stdout } = await meridian(mesh.world, { address: mesh.global.address, args: ["inspect", "zones"] });
  expect(stdout).toContain("unknown since");
  const { revision } = await mesh.apply(trafficPermission("x", "y", `written-meanwhile-${startedMs}`));
  const behind = await waitFor("the zone to be shown as behind", async () => {
    const { zones } = await mesh.global.client.convergence(revision);
    return zones.find(({ behindRevisions }) => behindRevisions > 0);
  });
  expect(behind).toMatchObject({ zone: "east", status: "unknown" });
  await back();
  await mesh.converged(revision);
  await mesh.settled({ east: 2 });
});
