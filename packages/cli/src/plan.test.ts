import { afterEach, beforeEach, expect, test } from "vitest";
import { startControlPlane, type TestControlPlane } from "./testing/control-plane.ts";
import { openTerminal, type TestTerminal } from "./testing/terminal.ts";

let plane: TestControlPlane;
let terminal: TestTerminal;

/** magnanimo calls benigno, of which there are v1 and v2; one of the two callers is connected. */
beforeEach(async () => {
  plane = await startControlPlane();
  terminal = await openTerminal(plane.address);
  await plane.store.commit(
    [
      dataplane("magnanimo-1", { "kuma.io/service": "magnanimo" }, ["benigno"]),
      dataplane("magnanimo-2", { "kuma.io/service": "magnanimo" }, ["benigno"]),
      dataplane("benigno-1", { "kuma.io/service": "benigno", version: "v1" }),
      dataplane("benigno-2", { "kuma.io/service": "benigno", version: "v2" }),
    ],
    { author: "test" },
  );
  const value = { subscriptions: [{ connectTime: "2026-01-01T00:00:00Z" }] };
  await plane.store.putStatus([{ key: { kind: "DataplaneInsight", mesh: "default", name: "magnanimo-1" }, value }]);
  await run("apply", canary({ v1: 90, v2: 10 }));
});

afterEach(async () => {
  await terminal.remove();
  await plane.close();
});

const run = (command: string, text: string, ...more: string[]) =>
  terminal.runWith({ stdin: async () => text }, command, "-f", "-", ...more);

function dataplane(name: string, tags: Readonly<Record<string, string>>, calls: readonly string[] = []) {
  const outbound = calls.map((service, index) => ({ port: 10_001 + index, tags: { "kuma.io/service": service } }));
  const inbound = [{ port: 8080, tags: { "kuma.io/protocol": "http", ...tags } }];
  const spec = { networking: { address: "10.0.0.1", inbound, outbound } };
  return { op: "put" as const, resource: { kind: "Dataplane", mesh: "default", name, labels: {}, spec } };
}

function canary(weights: Readonly<Record<string, number>>): string {
  const split = Object.entries(weights).map(
    ([version, weight]) => `    - {weight: ${weight}, destination: {kuma.io/service: benigno, version: ${version}}}\n`,
  );
  return `type: TrafficRoute
mesh: default
name: canary
sources: [{match: {kuma.io/service: "*"}}]
destinations: [{match: {kuma.io/service: benigno}}]
conf:
  split:
${split.join("")}`;
}

test("a plan reads like what it means, and ends with 2 where something would change", async () => {
  const { exitCode, stdout, stderr } = await run("plan", canary({ v1: 10, v2: 90 }));
  expect({ exitCode, stderr }).toEqual({ exitCode: 2, stderr: "" });
  expect(stdout.replace(/\d+ B/g, "N B")).toBe(`~ TrafficRoute default/canary

ZONE  PROXIES  CHANGE  OF THEM CONNECTED  TO SEND
east  4        2       1                  N B

benigno v2 gets 90 % of magnanimo's requests, was 10 % (2 proxies in east; TrafficRoute default/canary)
benigno v1 gets 10 % of magnanimo's requests, was 90 % (2 proxies in east; TrafficRoute default/canary)

Plan: 1 resource to update; 2 of 4 proxies would change, N B to send. Nothing was written.
`);
});

test("what is as it is already ends with 0, what is wrong with 1", async () => {
  const same = await run("plan", canary({ v1: 90, v2: 10 }));
  expect(same).toMatchObject({ exitCode: 0, stdout: "= TrafficRoute default/canary\n\nNothing would change.\n" });
  const wrong = await run("plan", "type: TrafficRoute\nmesh: default\nname: x\n");
  expect(wrong).toMatchObject({ exitCode: 1, stdout: "" });
  expect(wrong.stderr).toContain("stdin:1: TrafficRoute x");
  for (const misused of [["plan"], ["plan", "--nonsense"], ["plan", "--delete", "traffic-route"]]) {
    expect((await terminal.run(...misused)).exitCode).toBe(1);
  }
  expect((await terminal.run("rollback")).exitCode).toBe(2);
});

test("what would cut off traffic stands out in red, on a terminal only", async () => {
  const text = "CUTS OFF: magnanimo no longer reaches benigno: nobody is benigno v3";
  const plain = await run("plan", canary({ v3: 1 }));
  expect(plain.stdout).toContain(`${text} (1 connected client in east; TrafficRoute default/canary)\n`);
  const onTerminal = { isTty: true, stdin: async () => canary({ v3: 1 }) };
  const coloured = await terminal.runWith(onTerminal, "plan", "-f", "-");
  expect(coloured.stdout).toContain(`\u001b[31m${text}\u001b[39m`);
});

test("deletes are planned too, the diff of Envoy's resources and other formats on request", async () => {
  const gone = await terminal.run("plan", "--delete", "traffic-route/canary", "--envoy");
  expect(gone.exitCode).toBe(2);
  expect(gone.stdout).toContain("- TrafficRoute default/canary\n");
  expect(gone.stdout).toContain("Plan: 1 resource to delete; ");
  expect(gone.stdout).toContain("east/magnanimo-1, east/magnanimo-2\n--- ");
  expect(gone.stdout).toMatch(/^-\s+weight: 90$/m);
  const json = await run("plan", canary({ v1: 1 }), "-o", "json");
  expect(JSON.parse(json.stdout)).toMatchObject({ changed: true, proxies: 2 });
  expect((await run("plan", canary({ v1: 1 }), "-o", "yaml")).stdout).toMatch(/^changed: true$/m);
});
