import { afterEach, beforeEach, expect, test } from "vitest";
import { sampleZone, startControlPlane, type TestControlPlane } from "./testing/control-plane.ts";
import { openTerminal, type TestTerminal } from "./testing/terminal.ts";

let plane: TestControlPlane;
let terminal: TestTerminal;

beforeEach(async () => {
  plane = await startControlPlane();
  terminal = await openTerminal(plane.address);
});

afterEach(async () => {
  await terminal.remove();
  await plane.close();
});

const stdin = async (): Promise<string> => "type: Mesh\nname: other\n";
const applyAndWait = (...more: string[]) => terminal.runWith({ stdin }, "apply", "-f", "-", "--wait", ...more);

test("apply --wait returns when the last proxy of every zone has acknowledged", async () => {
  const next = (await plane.store.revision()) + 1;
  plane.zones.set(
    sampleZone("east", next - 1),
    sampleZone("west", next - 1, { proxies: { connected: 2, pending: 0, rejected: 0 } }),
  );
  const applying = applyAndWait();
  await plane.zones.followed();
  const west = sampleZone("west", next, { proxies: { connected: 2, pending: 0, rejected: 0 } });
  plane.zones.set(
    sampleZone("east", next, { convergedRevision: next - 1, proxies: { connected: 3, pending: 2, rejected: 0 } }),
    sampleZone("west", next - 1),
  );
  plane.zones.set(sampleZone("east", next), west);
  const { exitCode, stdout, stderr } = await applying;
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(
    new RegExp(`^Mesh other created\nrevision ${next} · east 3/3 proxies · west 2/2 proxies · converged in \\d+ ms\n$`),
  );
  expect(stderr).toContain(`east waits for revision ${next} (at ${next - 1})`);
});

test("a rejection names policy, proxy and Envoy's words, and exits with 3", async () => {
  const next = (await plane.store.revision()) + 1;
  plane.zones.set(sampleZone("east", next - 1));
  const applying = applyAndWait();
  await plane.zones.followed();
  const rejection = {
    mesh: "default",
    proxy: "backend-1",
    typeUrl: "type.googleapis.com/envoy.config.route.v3.RouteConfiguration",
    resources: ["outbound:backend"],
    message: "regex is not valid",
    policies: ["TrafficRoute/default/canary"],
    revision: next,
    time: "2026-01-02T00:00:00.000Z",
  };
  plane.zones.set(sampleZone("east", next, { proxies: { connected: 3, pending: 0, rejected: 1 }, rejections: [rejection] }));
  const { exitCode, stdout, stderr } = await applying;
  expect(exitCode).toBe(3);
  expect(stdout).toContain("east 2/3 proxies, 1 rejected · rejected after");
  expect(stderr).toContain(`rejected by default/backend-1 in east: TrafficRoute default/canary (revision ${next})`);
  expect(stderr).toContain("Envoy says of outbound:backend: regex is not valid");
  expect(stderr).toContain("keep their last good config");
});

const away = { status: "unknown", convergedRevision: 0 } as const;

test("a zone that is not heard from is named and not waited for, and the verdict leaves it out", async () => {
  const next = (await plane.store.revision()) + 1;
  plane.zones.set(sampleZone("east", next), sampleZone("west", 1, away));
  const { exitCode, stdout, stderr } = await applyAndWait();
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(
    /east 3\/3 proxies · west unknown since 2026-01-02T00:00:00\.000Z · acknowledged by every connected proxy in \d+ ms\n$/,
  );
  expect(stdout).not.toContain("converged");
  expect(stderr).toContain(`Warning: no word from zone west: revision ${next} takes effect there`);
});

test("--all-zones waits for a zone until it is back, or until the time is up", async () => {
  const next = (await plane.store.revision()) + 1;
  plane.zones.set(sampleZone("east", next), sampleZone("west", 1, away));
  const late = await terminal.runWith({ stdin }, "apply", "-f", "-", "--all-zones", "--timeout", "50ms");
  expect(late.exitCode).toBe(3);
  expect(late.stdout).toContain("acknowledged by every connected proxy in");

  const applying = terminal.runWith({ stdin }, "apply", "-f", "-", "--all-zones");
  await plane.zones.followed();
  plane.zones.set(sampleZone("east", next), sampleZone("west", next));
  const back = await applying;
  expect(back.exitCode).toBe(0);
  expect(back.stdout).toContain("converged in");
});

test("where no zone is heard nobody has acknowledged: it waits for the first that is back, and fails if none is", async () => {
  const next = (await plane.store.revision()) + 1;
  plane.zones.set(sampleZone("east", next, away), sampleZone("west", next, away));
  const late = await applyAndWait("--timeout", "50ms");
  expect(late.exitCode).toBe(3);
  expect(late.stdout).toContain("no zone is heard after");

  const applying = applyAndWait();
  await plane.zones.followed();
  plane.zones.set(sampleZone("east", next), sampleZone("west", next, away));
  expect(await applying).toMatchObject({ exitCode: 0, stdout: expect.stringContaining("acknowledged by every connected proxy") });
});

test("zones that never connected have no proxies to wait for", async () => {
  const { lastHeard: _, ...never } = sampleZone("east", 0, away);
  plane.zones.set(never);
  expect(await applyAndWait()).toMatchObject({ exitCode: 0, stdout: expect.stringContaining("east never connected") });
});

test("the time that runs out exits with 3, and --help says so", async () => {
  plane.zones.set(sampleZone("east", 0));
  const late = await terminal.runWith(
    { stdin: async () => "type: Mesh\nname: third\n" },
    ...["apply", "-f", "-", "--wait", "--timeout", "50ms"],
  );
  expect(late.exitCode).toBe(3);
  expect(late.stdout).toContain("not converged after");
  expect(late.stderr).toContain("will still take effect");
  expect((await applyAndWait("--timeout", "soon")).exitCode).toBe(2);
  for (const command of ["apply", "delete", "rollback"]) {
    expect((await terminal.run(command, "--help")).stdout).toContain("Exit codes with --wait:\n  0  every proxy");
  }
});

test("without zones there is nothing to wait for", async () => {
  const { exitCode, stdout } = await applyAndWait();
  expect(exitCode).toBe(0);
  expect(stdout).toContain("no zone is connected · converged in");
});

test("inspect shows what is unknown, how far behind, and which policy was rejected", async () => {
  const rejection = {
    mesh: "default",
    proxy: "web-1",
    typeUrl: "",
    resources: [],
    message: "no",
    policies: ["TrafficRoute/default/r"],
    revision: 2,
    time: "2026-01-02T00:00:00.000Z",
  };
  const labels = { "kuma.io/origin": "zone", "kuma.io/display-name": "web-1" };
  const spec = { networking: { address: "10.0.0.1", inbound: [{ port: 80, tags: { "kuma.io/service": "web" } }] } };
  const zone = (name: string) =>
    ({ op: "put", resource: { kind: "Zone", mesh: "", name, labels: {}, spec: { enabled: true } } }) as const;
  const proxy = (name: string, zoneName: string) =>
    ({
      op: "put",
      resource: { kind: "Dataplane", mesh: "default", name, labels: { ...labels, "kuma.io/zone": zoneName }, spec },
    }) as const;
  await plane.store.commit([zone("east"), zone("west"), proxy("web-1-hash", "east"), proxy("web-2-hash", "west")], {
    author: "test",
  });
  const connected = { subscriptions: [{ connectTime: "2026-01-01T00:00:00Z" }] };
  await plane.store.putStatus(
    ["web-1-hash", "web-2-hash"].map((name) => ({ key: { kind: "DataplaneInsight", mesh: "default", name }, value: connected })),
  );
  plane.zones.set(
    sampleZone("east", 9, { rejections: [rejection], proxies: { connected: 1, pending: 0, rejected: 1 } }),
    sampleZone("west", 4, { status: "unknown", behindRevisions: 5, behindMs: 3000 }),
  );
  const zones = await terminal.run("inspect", "zones");
  expect(zones.stdout).toMatch(/east +online +9 +0 +1 +1\n/);
  expect(zones.stdout).toMatch(/west +unknown since 2026-01-02T00:00:00.000Z +4 +5 revisions, 3s/);
  expect(zones.stdout).toContain("rejected by default/web-1 in east: TrafficRoute default/r (revision 2)");
  const dataplanes = await terminal.run("inspect", "dataplanes");
  expect(dataplanes.stdout).toMatch(/web-1-hash +east +web +online +rejected +/);
  expect(dataplanes.stdout).toContain(
    "rejected by default/web-1 in east: TrafficRoute default/r (revision 2)\n  Envoy says: no\n",
  );
  plane.zones.set(sampleZone("east", 9), sampleZone("west", 9, { behindRevisions: 2 }));
  const synced = await terminal.run("inspect", "dataplanes");
  expect(synced.stdout).toMatch(/web-1-hash +east +web +online +in sync +/);
  expect(synced.stdout).toMatch(/web-2-hash +west +web +online +2 behind +/);
  expect(dataplanes.stdout).toMatch(/web-2-hash +west +web +unknown since 2026-01-02T00:00:00.000Z +-/);
});
