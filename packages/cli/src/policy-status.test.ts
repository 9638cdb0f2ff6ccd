import { noPolicyReport } from "@meridian/model";
import { afterEach, beforeEach, expect, test } from "vitest";
import { stringify } from "yaml";
import { sampleReport, sampleZone, startControlPlane, type TestControlPlane } from "./testing/control-plane.ts";
import { openTerminal, type TestTerminal } from "./testing/terminal.ts";

let plane: TestControlPlane;
let terminal: TestTerminal;

beforeEach(async () => {
  plane = await startControlPlane();
  terminal = await openTerminal(plane.address);
  const names = ["canary", "idle", "refused", "away"];
  await terminal.runWith({ stdin: async () => names.map((name) => stringify(route(name))).join("---\n") }, "apply", "-f", "-");
  plane.policies.set("canary", sampleReport("east", 100), sampleReport("west", 20));
  plane.policies.set("refused", sampleReport("east", 100), sampleReport("west", 20, { refusal: "missing ]" }));
  const lastHeard = "2026-01-02T00:00:00.000Z";
  plane.policies.set("away", sampleReport("east", 5), sampleReport("west", 3, { status: "unknown", lastHeard }));
});

afterEach(async () => {
  await terminal.remove();
  await plane.close();
});

const note = { message: "no service b", proxies: 2 };
/** With those that come with a mesh. */
const all = 4 + 4;

function route(name: string): object {
  const everything = [{ match: { "kuma.io/service": "*" } }];
  const conf = { destination: { "kuma.io/service": "*" } };
  return { type: "TrafficRoute", mesh: "default", name, sources: everything, destinations: everything, conf };
}

test("status lists policies with the proxies that hold them", async () => {
  const { exitCode, stdout } = await terminal.run("status", "traffic-routes");
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(/^MESH +NAME +ZONES +APPLIED\n/);
  expect(stdout).toMatch(/default +canary +east, west +120\/120\n/);
  expect(stdout).toMatch(/default +refused +east, west +119\/120, 1 rejected\n/);
  expect(stdout).toMatch(/default +away +east, west +5\/8, 3 unknown\n/);
  expect(stdout).toMatch(/default +idle +- +no proxy\n/);
});

test("get has them as a column, of one policy and of a page", async () => {
  const list = await terminal.run("get", "traffic-routes");
  expect(list.stdout).toMatch(/^MESH +NAME +APPLIED +AGE\n/);
  expect(list.stdout).toMatch(/default +refused +119\/120, 1 rejected +/);
  expect((await terminal.run("get", "traffic-route", "canary")).stdout).toMatch(/canary +120\/120 +/);
  expect((await terminal.run("get", "meshes")).stdout).not.toContain("APPLIED");
  expect((await terminal.run("get", "traffic-routes", "-A", "--size", "1")).stdout).toMatch(/away +5\/8, 3 unknown +/);
});

test("status of one shows its zones, and Envoy's words with the proxies that say them", async () => {
  const report = {
    ...sampleReport("west", 20, { refusal: "missing ]" }).report,
    notes: [{ message: "no service b", proxies: 2 }],
  };
  plane.policies.set("refused", sampleReport("east", 100), sampleReport("west", 20, { report }));
  const { exitCode, stdout } = await terminal.run("status", "traffic-route", "refused");
  expect(exitCode).toBe(0);
  expect(stdout).toBe(`TrafficRoute default/refused: 119/120, 1 rejected

ZONE  STATE      APPLIED
east  converged  100/100
west  rejected   19/20, 1 rejected

rejected by web-1 in west (revision 9)
  Envoy says of outbound:api: missing ]
note of 2 proxies in west: no service b
`);
  const away = await terminal.run("status", "traffic-route", "away");
  expect(away.stdout).toMatch(/west +unknown since 2026-01-02T00:00:00.000Z +0\/3, 3 unknown/);
  expect((await terminal.run("status", "traffic-route", "idle")).stdout).toContain("No zone gets it.");
});

test("status is data too, and refuses what is no policy or not there", async () => {
  const json = JSON.parse((await terminal.run("status", "traffic-route", "refused", "-o", "json")).stdout);
  expect(json).toMatchObject({ state: "rejected", zones: [{ zone: "east" }, { rejections: [{ proxyNames: ["web-1"] }] }] });
  expect((await terminal.run("status", "traffic-routes", "-o", "yaml")).stdout).toContain("state: unknown\n");
  const mesh = await terminal.run("status", "meshes");
  expect(mesh.exitCode).toBe(2);
  expect(mesh.stderr).toContain("only policies have a status");
  expect((await terminal.run("status", "traffic-route", "none")).exitCode).toBe(1);
});

test("status without a kind tells every policy with a problem, over all kinds, and how everything stands", async () => {
  plane.zones.set(sampleZone("east", 9), sampleZone("west", 9, { status: "unknown" }));
  plane.policies.set("idle", sampleReport("east", 4, { report: { ...sampleReport("east", 4).report, notes: [note] } }));
  plane.policies.set("away", sampleReport("east", 5, { isCurrent: false }));
  const { exitCode, stdout } = await terminal.run("status");
  expect(exitCode).toBe(0);
  expect(stdout).toBe(`KIND          MESH     NAME     APPLIED
TrafficRoute  default  refused  119/120, 1 rejected
TrafficRoute  default  away     0/5, 5 waiting
TrafficRoute  default  idle     4/4

TrafficRoute default/refused rejected by web-1 in west (revision 9)
  Envoy says of outbound:api: missing ]
TrafficRoute default/idle note of 2 proxies in east: no service b

zone west is unknown since 2026-01-02T00:00:00.000Z

${all} policies (2 in force, 1 rejected, 1 waiting, ${all - 4} for no proxy, 1 with notes); 1 of 2 zones heard, 3 proxies connected.
`);
  const short = await terminal.run("status", "--size", "1");
  expect(short.stdout).not.toContain("away");
  expect(short.stdout).toContain("2 more policies with a problem: --size shows more of them");
  const json = JSON.parse((await terminal.run("status", "-m", "default", "-o", "json")).stdout);
  expect(json).toMatchObject({ policies: { total: all, rejected: 1 }, items: [{ name: "refused" }, {}, {}], more: 0 });
  const typo = await terminal.run("status", "-m", "defalt");
  expect(typo).toMatchObject({ exitCode: 1, stderr: "Error: there is no Mesh defalt\nDid you mean default?\n" });
});

test("status says that all is well, and what was rejected without a policy's doing", async () => {
  for (const name of ["away", "refused"]) plane.policies.set(name, sampleReport("east", 5));
  plane.zones.set(sampleZone("east", 9));
  expect((await terminal.run("status")).stdout).toBe(
    `All is well: ${all} policies (3 in force, ${all - 3} for no proxy); 1 zone heard, 3 proxies connected.\n`,
  );
  const rejection = {
    mesh: "default",
    proxy: "web-1",
    typeUrl: "",
    resources: [],
    message: "no",
    policies: [],
    revision: 2,
    time: "",
  };
  plane.zones.set(sampleZone("east", 9, { rejections: [rejection] }));
  const { stdout } = await terminal.run("status");
  expect(stdout).toContain("rejected by default/web-1 in east (revision 2)\n  Envoy says: no\n");
  expect(stdout).not.toContain("All is well");
});

test("apply --wait waits for the policy and says how many proxies hold it, and what it cannot do", async () => {
  const next = (await plane.store.revision()) + 1;
  plane.zones.set(sampleZone("east", next));
  const notes = [{ message: "no service b", proxies: 2 }];
  plane.policies.set("fresh", sampleReport("east", 2, { isCurrent: false }));
  const applying = terminal.runWith({ stdin: async () => stringify(route("fresh")) }, "apply", "-f", "-", "--wait");
  await plane.policies.followed();
  plane.policies.set("fresh", sampleReport("east", 2, { report: { ...sampleReport("east", 2).report, notes } }));
  const { exitCode, stdout, stderr } = await applying;
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(/TrafficRoute default\/fresh 2\/2\n$/);
  expect(stderr).toContain("Warning: TrafficRoute default/fresh in east: no service b");

  plane.policies.set("late", sampleReport("east", 1, { isCurrent: false, report: noPolicyReport }));
  plane.zones.set(sampleZone("east", next + 1));
  const late = await terminal.runWith(
    { stdin: async () => stringify(route("late")) },
    ...["apply", "-f", "-", "--wait", "--timeout", "300ms"],
  );
  expect(late.exitCode).toBe(3);
  expect(late.stdout).toMatch(/TrafficRoute default\/late pending\n$/);
});
