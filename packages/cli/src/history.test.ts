import { afterEach, beforeEach, expect, test } from "vitest";
import { sampleZone, startControlPlane, type TestControlPlane } from "./testing/control-plane.ts";
import { openTerminal, type TestTerminal } from "./testing/terminal.ts";

let plane: TestControlPlane;
let terminal: TestTerminal;
let start: number;

/** 1: a and b; 2: a shifts; 3: b goes; counted from `start`. */
beforeEach(async () => {
  plane = await startControlPlane();
  terminal = await openTerminal(plane.address);
  start = await plane.store.revision();
  await apply(`${routeText("a", 90)}---\n${routeText("b", 90)}`, "-m", "both");
  await apply(routeText("a", 50));
  await terminal.run("delete", "traffic-route", "b");
});

afterEach(async () => {
  await terminal.remove();
  await plane.close();
});

const apply = (text: string, ...more: string[]) => terminal.runWith({ stdin: async () => text }, "apply", "-f", "-", ...more);

function routeText(name: string, weight: number): string {
  return `type: TrafficRoute
mesh: default
name: ${name}
sources: [{match: {kuma.io/service: "*"}}]
destinations: [{match: {kuma.io/service: backend}}]
conf:
  split:
    - {weight: ${weight}, destination: {kuma.io/service: backend, version: v1}}
    - {weight: 10, destination: {kuma.io/service: backend, version: v2}}
`;
}

test("the history of everything names resources, that of one resource the fields that changed", async () => {
  const all = await terminal.run("history", "--size", "3");
  expect(all.exitCode).toBe(0);
  const lines = all.stdout.split("\n");
  expect(lines[0]).toMatch(/^REVISION +TIME +AUTHOR +ADDRESS +CHANGES +MESSAGE$/);
  expect(lines[1]).toMatch(new RegExp(`^${start + 3} +2026-01-02T\\S+ +mesh-system:admin +127.0.0.1 +-TrafficRoute default/b$`));
  expect(lines[3]).toMatch(/ {2}\+TrafficRoute default\/a, \+TrafficRoute default\/b {2}both$/);
  expect(all.stderr).toBe(`There are older ones: --before ${start + 1}\n`);

  const one = await terminal.run("history", "traffic-route", "a");
  expect(one.stdout).toMatch(/conf\.split\[0\]\.weight: 90 → 50\n.* created +both\n$/);
  expect((await terminal.run("history", "trafficroute", "a", "--before", String(start + 2))).stdout).not.toContain("→");
  expect(JSON.parse((await terminal.run("history", "meshes", "-o", "json")).stdout)).toHaveLength(1);
});

test("an empty history says why, a wrong question what to ask", async () => {
  const none = await terminal.run("history", "traffic-route", "zzz");
  expect(none).toMatchObject({ exitCode: 0, stdout: "", stderr: "There is no history of TrafficRoute default/zzz.\n" });
  await plane.store.compact(start + 3);
  const begin = `There is no history; the log begins after revision ${start + 3}, what was before was compacted.\n`;
  expect((await terminal.run("history")).stderr).toBe(begin);
  expect((await terminal.run("history", "--before", "soon")).exitCode).toBe(2);
  expect((await terminal.run("history", "nonsense")).exitCode).toBe(2);
});

test("a diff of two revisions is a unified diff per resource", async () => {
  const diff = await terminal.run("diff", String(start + 1), "now");
  expect(diff).toMatchObject({ exitCode: 0, stderr: "" });
  expect(diff.stdout).toContain(
    `--- TrafficRoute default/a (revision ${start + 1})\n+++ TrafficRoute default/a (revision ${start + 3})\n`,
  );
  expect(diff.stdout).toContain("-    - weight: 90\n+    - weight: 50\n");
  expect(diff.stdout).toContain(`+++ TrafficRoute default/b (revision ${start + 3}, absent)\n`);
  const names = await terminal.run("diff", String(start + 3), String(start + 1), "-o", "name");
  expect(names.stdout).toBe("TrafficRoute default/a updated\nTrafficRoute default/b created\n");
  const one = await terminal.run("diff", String(start + 1), "now", "traffic-route", "b", "-o", "json");
  expect(JSON.parse(one.stdout)).toMatchObject([{ outcome: "deleted", name: "b" }]);
  const none = await terminal.run("diff", String(start + 1), "now", "mesh");
  expect(none).toMatchObject({
    exitCode: 0,
    stdout: "",
    stderr: `Nothing of Mesh differs between revision ${start + 1} and now.\n`,
  });
  const coloured = await terminal.runWith({ isTty: true }, "diff", String(start + 1), "now");
  expect(coloured.stdout).toContain("\u001b[31m-    - weight: 90\u001b[39m");
  expect((await terminal.run("diff", "1", "later")).exitCode).toBe(2);
  const future = await terminal.run("diff", "1", "99");
  expect(future).toMatchObject({ exitCode: 1 });
  expect(future.stderr).toContain(`revision 99 does not exist: the newest is ${start + 3}`);
});

test("get shows a resource as it was", async () => {
  const then = await terminal.run("get", "traffic-route", "b", "--at", String(start + 1), "-o", "yaml");
  expect(then.stdout).toContain("weight: 90");
  const gone = await terminal.run("get", "traffic-route", "b", "--at", String(start + 3));
  expect(gone).toMatchObject({ exitCode: 1 });
  expect(gone.stderr).toContain(`TrafficRoute "b" did not exist in mesh "default" at revision ${start + 3}`);
  expect(gone.stderr).toContain("meridian history traffic-routes b");
  await plane.store.compact(start + 2);
  const compacted = await terminal.run("get", "traffic-route", "a", "--at", String(start + 1));
  expect(compacted).toMatchObject({ exitCode: 1 });
  expect(compacted.stderr).toContain(`resources can be read as of revisions ${start + 2}..${start + 3}`);
  expect(compacted.stderr).toContain("See what it holds: meridian history");
  expect((await terminal.run("get", "traffic-routes", "--at", "3")).exitCode).toBe(2);
});

test("rollback shows what it would do, does it as one revision, and waits for it", async () => {
  const dry = await terminal.run("rollback", String(start + 1), "--dry-run");
  expect(dry.exitCode).toBe(0);
  expect(dry.stdout).toContain(
    "TrafficRoute default/a updated (dry run)\nTrafficRoute default/b created (dry run)\n\n--- TrafficRoute default/a (now)\n",
  );
  expect(await plane.store.revision()).toBe(start + 3);

  plane.zones.set(sampleZone("east", start + 4));
  const done = await terminal.run("rollback", String(start + 1), "-m", "canary failed", "--wait");
  expect(done).toMatchObject({ exitCode: 0, stderr: "" });
  expect(done.stdout).toContain(
    `TrafficRoute default/b created\nrolled back to revision ${start + 1}, as revision ${start + 4}\n`,
  );
  expect(done.stdout).toMatch(/east 3\/3 proxies · converged in \d+ ms\n$/);
  expect((await terminal.run("history", "--size", "1")).stdout).toContain(`rollback to revision ${start + 1}: canary failed`);
  const again = await terminal.run("rollback", String(start + 1), "--wait");
  expect(again).toMatchObject({ exitCode: 0, stdout: "", stderr: `Nothing to do: it is as it was at revision ${start + 1}.\n` });
});

test("rollback of what was named only", async () => {
  const one = await terminal.run("rollback", String(start + 1), "--only", "traffic-route/a", "--only", "TrafficRoute/default/b");
  expect(one.stdout).toContain("TrafficRoute default/a updated\nTrafficRoute default/b created\n");
  const absent = await terminal.run("rollback", String(start + 1), "--only", "mesh/gone");
  expect(absent).toMatchObject({ exitCode: 1 });
  expect(absent.stderr).toContain(`only[0]: Mesh gone exists neither now nor at revision ${start + 1}`);
  for (const only of ["a", "traffic-route/", "traffic-route/a/b/c"]) {
    expect((await terminal.run("rollback", "1", "--only", only)).exitCode).toBe(2);
  }
  expect((await terminal.run("rollback", "yesterday")).exitCode).toBe(2);
});

test("a rollback that is refused names every violation; what stays is said", async () => {
  const labels = { "kuma.io/origin": "zone", "kuma.io/zone": "east" };
  const spec = { networking: { address: "10.0.0.1", inbound: [{ port: 80, tags: { "kuma.io/service": "web" } }] } };
  await apply("type: Mesh\nname: m\n");
  const dataplane = { kind: "Dataplane", mesh: "m", name: "dp", labels, spec };
  await plane.store.commit([{ op: "put", resource: dataplane }], { author: "zone:east" });
  const refused = await terminal.run("rollback", String(start + 3));
  expect(refused).toMatchObject({ exitCode: 1, stdout: "" });
  expect(refused.stderr).toContain("Mesh m mesh: unable to delete mesh, there are still some dataplanes attached");
  const kept = await terminal.run("rollback", String(start + 4));
  expect(kept.stderr).toBe(
    `Left as it is: 1 Dataplane (belongs to a zone)\nNothing to do: it is as it was at revision ${start + 4}.\n`,
  );
});

/** For a machine that is busy; the condition itself is met in milliseconds. */
const patience = { timeout: 10_000 };

/** Runs `watch` until its output holds `until`. */
async function watchUntil(until: string, work: (stderr: () => string) => Promise<unknown>, ...argv: string[]) {
  const interrupt = new AbortController();
  let stdout = "";
  let stderr = "";
  const connections: string[] = [];
  const out = { write: (text: string) => (stdout += text) };
  const err = { write: (text: string) => (stderr += text) };
  const fetch = async (url: string | URL | Request, init?: RequestInit): Promise<Response> => {
    const isFeed = String(url).includes("/changes");
    if (isFeed) connections.push(String(url));
    if (isFeed && connections.length === 2) await beforeReconnect();
    const answer = await globalThis.fetch(url, init);
    return isFeed && connections.length === 1 ? cutAfter(answer, '"name":"cut"') : answer;
  };
  const running = terminal.runWith({ stdout: out, stderr: err, interrupt: interrupt.signal, fetch }, "watch", ...argv);
  await expect.poll(() => connections.length, patience).toBe(1);
  await work(() => stderr);
  await expect.poll(() => stdout, patience).toContain(until);
  interrupt.abort();
  const { exitCode } = await running;
  return { exitCode, stdout, stderr, connections };
}

let beforeReconnect = async (): Promise<void> => undefined;
afterEach(() => {
  beforeReconnect = async () => undefined;
});

/** The connection breaks right after the line that holds `marker`. */
function cutAfter(answer: Response, marker: string): Response {
  let text = "";
  const cut = new TransformStream<string, string>({
    transform(chunk, controller) {
      text += chunk;
      const at = text.indexOf(marker);
      const end = at < 0 ? -1 : text.indexOf("\n", at) + 1;
      controller.enqueue(end > 0 ? text.slice(text.length - chunk.length, end) : chunk);
      if (end > 0) controller.error(new TypeError("terminated"));
    },
  });
  const body = (answer.body as ReadableStream<Uint8Array>).pipeThrough(new TextDecoderStream()).pipeThrough(cut);
  return new Response(body.pipeThrough(new TextEncoderStream()), answer);
}

test("watch prints a line per change, with revision, author and outcome", async () => {
  const { exitCode, stdout } = await watchUntil(
    "default/last",
    async () => {
      await apply(routeText("last", 70), "-m", "the last one");
    },
    "traffic-routes",
    "--after",
    String(start + 1),
  );
  expect(exitCode).toBe(0);
  const lines = stdout.trim().split("\n");
  expect(lines[0]).toMatch(/^REVISION +TIME +AUTHOR +OUTCOME +RESOURCE +MESSAGE$/);
  expect(lines[1]).toMatch(new RegExp(`^${start + 2} +2026-\\S+ +mesh-system:admin +updated +TrafficRoute default/a$`));
  expect(lines[2]).toContain("deleted  TrafficRoute default/b");
  expect(lines[3]).toMatch(new RegExp(`^${start + 4} .* created +TrafficRoute default/last +the last one$`));
  expect(lines).toHaveLength(4);
});

test("watch goes on after a lost connection, without a gap and without a line twice", async () => {
  const { stdout, stderr, connections } = await watchUntil(
    '"name":"end"',
    async () => {
      await apply(["cut", "rest"].map((name) => routeText(name, 90)).join("---\n"));
      await apply(routeText("end", 90));
    },
    "-o",
    "json",
    "--after",
    String(start + 3),
  );
  const names = stdout
    .trim()
    .split("\n")
    .map((line) => (JSON.parse(line) as { name: string }).name);
  expect(names).toEqual(["cut", "rest", "end"]);
  expect(connections[1]).toContain(`after=${start + 3}`);
  expect(stderr).toMatch(/^The connection to the control plane is lost; trying again …\nConnected again, at revision \d+.\n$/);
});

test("watch says what it missed where the log no longer reaches back", async () => {
  beforeReconnect = async () => {
    await apply(routeText("missed", 90));
    await plane.store.compact(await plane.store.revision());
  };
  const { stdout, stderr } = await watchUntil(
    "default/seen",
    async (said) => {
      await apply(routeText("cut", 90));
      await expect.poll(said, patience).toContain("Connected again");
      await apply(routeText("seen", 90));
    },
    "--after",
    String(start + 3),
  );
  expect(stderr).toContain(`Changes after revision ${start + 3} were missed`);
  expect(stdout).not.toContain("default/missed");
});

test("watch ends at once when there is no control plane at all", async () => {
  const answer = await terminal.runWith({ env: { MERIDIAN_CONTROL_PLANE: "http://127.0.0.1:1" } }, "watch");
  expect(answer).toMatchObject({ exitCode: 1 });
  expect(answer.stderr).toContain("cannot be reached");
});
