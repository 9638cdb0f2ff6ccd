import { mkdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { startControlPlane, type TestControlPlane } from "./testing/control-plane.ts";
import { openTerminal, type TestTerminal } from "./testing/terminal.ts";

let plane: TestControlPlane;
let terminal: TestTerminal;
let count = 0;
/** Each test works in a mesh of its own, so that one control plane serves them all. */
let mesh: string;

beforeAll(async () => {
  plane = await startControlPlane();
  terminal = await openTerminal(plane.address);
});

afterAll(async () => {
  await terminal.remove();
  await plane.close();
});

beforeEach(async () => {
  count += 1;
  mesh = `mesh-${count}`;
  await terminal.runWith({ stdin: async () => `type: Mesh\nname: ${mesh}\n` }, "apply", "-f", "-");
});

function routeText(name: string, weight = "90"): string {
  return `type: TrafficRoute
mesh: ${mesh}
name: ${name}
sources: [{match: {kuma.io/service: "*"}}]
destinations: [{match: {kuma.io/service: backend}}]
conf:
  split:
    - {weight: ${weight}, destination: {kuma.io/service: backend, version: v1}}
    - {weight: 10, destination: {kuma.io/service: backend, version: v2}}
`;
}

test("apply takes files, folders, URLs and standard input, in one revision each", async () => {
  const file = await terminal.write(`${mesh}.yaml`, `${routeText("a")}---\n${routeText("b")}`);
  const before = await plane.store.revision();
  const applied = await terminal.run("apply", "-f", file, "-m", "two routes");
  expect(applied).toMatchObject({ exitCode: 0, stderr: "" });
  expect(applied.stdout).toBe(`TrafficRoute ${mesh}/a created\nTrafficRoute ${mesh}/b created\n`);
  expect(await plane.store.revision()).toBe(before + 1);
  expect(await plane.store.revisionInfo(before + 1)).toMatchObject({ author: "mesh-system:admin", message: "two routes" });

  const folder = join(terminal.folder, `folder-${mesh}`);
  await mkdir(join(folder, "deeper"), { recursive: true });
  await terminal.write(`folder-${mesh}/c.yaml`, routeText("c"));
  await terminal.write(`folder-${mesh}/deeper/d.yml`, routeText("d"));
  await terminal.write(`folder-${mesh}/notes.txt`, "not a document");
  expect((await terminal.run("apply", "-f", folder)).stdout).toContain(`TrafficRoute ${mesh}/d created`);

  const fetch = async (url: string | URL | Request, init?: RequestInit): Promise<Response> =>
    String(url).startsWith("https://example.com/") ? new Response(routeText("e")) : globalThis.fetch(url, init);
  const downloaded = await terminal.runWith({ fetch }, "apply", "-f", "https://example.com/e.yaml");
  expect(downloaded.stdout).toBe(`TrafficRoute ${mesh}/e created\n`);
  const again = await terminal.runWith({ stdin: async () => routeText("e") }, "apply", "-f", "-");
  expect(again.stdout).toBe(`TrafficRoute ${mesh}/e unchanged\n`);
});

test("apply --var fills templates and names what has no value", async () => {
  const stdin = async (): Promise<string> => routeText("v", "{{ weight }}").replace("v1", "{{ old }}");
  const missing = await terminal.runWith({ stdin }, "apply", "-f", "-", "--var", "weight=70");
  expect(missing).toMatchObject({ exitCode: 1, stdout: "" });
  expect(missing.stderr).toContain("stdin uses variables that have no value: old");
  expect(missing.stderr).toContain("--var old=VALUE");
  const filled = await terminal.runWith({ stdin }, "apply", "-f", "-", "-v", "weight=70", "-v", "old=v0");
  expect(filled.exitCode).toBe(0);
  const shown = await terminal.run("get", "traffic-route", "v", "-m", mesh, "-o", "json");
  expect(JSON.parse(shown.stdout).conf.split[0]).toEqual({
    weight: 70,
    destination: { "kuma.io/service": "backend", version: "v0" },
  });
});

test("apply --dry-run says what would change and changes nothing", async () => {
  const before = await plane.store.revision();
  const answer = await terminal.runWith({ stdin: async () => routeText("dry") }, "apply", "-f", "-", "--dry-run");
  expect(answer).toMatchObject({ exitCode: 0, stdout: `TrafficRoute ${mesh}/dry created (dry run)\n` });
  expect(await plane.store.revision()).toBe(before);
});

test("every mistake is named with its file, line and field, and nothing is written", async () => {
  const file = await terminal.write(
    `bad-${mesh}.yaml`,
    `${routeText("good")}---\n${routeText("BAD", "lots")}---\ntype: TrafficRout\nmesh: ${mesh}\nname: x\n`,
  );
  const before = await plane.store.revision();
  const answer = await terminal.run("apply", "-f", file);
  expect(answer).toMatchObject({ exitCode: 1, stdout: "" });
  expect(answer.stderr).toContain("2 documents are not valid; nothing was written");
  expect(answer.stderr).toContain(`${file}:11: TrafficRoute BAD`);
  expect(answer.stderr).toContain("name: ");
  expect(answer.stderr).toContain("conf.split[0].weight: ");
  expect(answer.stderr).toContain(`${file}:21: TrafficRout x`);
  expect(await plane.store.revision()).toBe(before);

  const broken = await terminal.runWith({ stdin: async () => "a: [1,\nb: }" }, "apply", "-f", "-");
  expect(broken.exitCode).toBe(1);
  expect(broken.stderr).toMatch(/stdin:2:\d+: /);
  expect((await terminal.run("apply", "-f", "/no/such/file.yaml")).stderr).toContain("no such file or folder");
});

test("get and delete take a kind in any form", async () => {
  await terminal.runWith({ stdin: async () => routeText("r") }, "apply", "-f", "-");
  for (const kind of ["TrafficRoute", "traffic-route", "traffic-routes", "trafficroute", "TRAFFICROUTES"]) {
    expect((await terminal.run("get", kind, "-m", mesh, "-o", "name")).stdout).toBe("traffic-routes/r\n");
  }
  expect((await terminal.run("get", "m", mesh, "-o", "name")).stdout).toBe(`meshes/${mesh}\n`);
  const table = await terminal.run("get", "traffic-routes", "--mesh", mesh);
  expect(table.stdout).toMatch(/^MESH +NAME +APPLIED +AGE\nmesh-\d+ +r +no proxy +\d+[smhd]\n$/);
  const yaml = await terminal.run("get", "traffic-route", "r", "-m", mesh, "-o", "yaml");
  expect((await terminal.runWith({ stdin: async () => yaml.stdout }, "apply", "-f", "-")).stdout).toContain("unchanged");

  expect((await terminal.run("delete", "trafficroute", "r", "-m", mesh)).stdout).toBe(`TrafficRoute ${mesh}/r deleted\n`);
  const gone = await terminal.run("delete", "trafficroute", "r", "-m", mesh);
  expect(gone).toMatchObject({ exitCode: 1 });
  expect(gone.stderr).toContain(`there is no TrafficRoute ${mesh}/r\nSee what there is: meridian get traffic-routes -m ${mesh}`);
  const unknown = await terminal.run("get", "trafic-route");
  expect(unknown).toMatchObject({ exitCode: 2 });
  expect(unknown.stderr).toContain("Did you mean traffic-routes?");
});

test("long lists come in pages", async () => {
  await terminal.runWith({ stdin: async () => ["a", "b", "c"].map((name) => routeText(name)).join("---\n") }, "apply", "-f", "-");
  const first = await terminal.run("get", "traffic-routes", "-m", mesh, "--size", "2", "-o", "name");
  expect(first.stdout).toBe("traffic-routes/a\ntraffic-routes/b\n");
  const [, offset = ""] = /^3 in all; the next page: --offset (\S+)\n$/.exec(first.stderr) ?? [];
  const second = await terminal.run("get", "traffic-routes", "-m", mesh, "--size", "2", "--offset", offset, "-o", "name");
  expect(second).toMatchObject({ stdout: "traffic-routes/c\n", stderr: "" });
});

test("history shows who changed what and why", async () => {
  await terminal.runWith({ stdin: async () => routeText("h") }, "apply", "-f", "-", "-m", "a reason");
  const { stdout } = await terminal.run("history", "--size", "1");
  expect(stdout).toMatch(/^REVISION +TIME +AUTHOR +ADDRESS +CHANGES +MESSAGE\n/);
  expect(stdout).toContain(`+TrafficRoute ${mesh}/h`);
  expect(stdout).toContain("mesh-system:admin");
  expect(stdout).toContain("a reason");
});

test("tokens are printed alone", async () => {
  const zone = await terminal.run("generate", "zone-token", "--zone", "east", "--valid-for", "24h");
  expect(JSON.parse(zone.stdout)).toEqual({ zone: "east", scope: ["cp", "ingress", "egress"], validForMs: 86_400_000 });
  const proxy = await terminal.run("generate", "dataplane-token", "--tag", "a=1", "--tag", "a=2", "--valid-for", "1h");
  expect(JSON.parse(proxy.stdout)).toMatchObject({ mesh: "default", tags: { a: ["1", "2"] } });
  const user = await terminal.run("generate", "user-token", "--name", "jane", "--group", "team", "--valid-for", "soon");
  expect(user).toMatchObject({ exitCode: 1 });
  expect(user.stderr).toContain("validFor: invalid duration");
  expect((await terminal.run("generate", "zone-token", "--zone", "east")).exitCode).toBe(2);
});

test("control planes are remembered in a file that only the user may read", async () => {
  const env = {};
  const config = (...argv: string[]) => terminal.runWith({ env }, "config", "control-planes", ...argv);
  const added = await config("add", "--name", "here", "--address", plane.address);
  expect(added).toMatchObject({ exitCode: 0 });
  const path = join(terminal.folder, ".meridian", "config");
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect(await readFile(path, "utf8")).toContain(plane.address);
  expect((await config("add", "here", plane.address)).exitCode).toBe(2);
  await config("add", "there", "http://127.0.0.1:1", "--skip-check");
  expect((await config("list")).stdout).toMatch(/\* +there +http:\/\/127.0.0.1:1\n$/);
  expect((await terminal.runWith({ env }, "get", "meshes")).exitCode).toBe(1);
  await config("switch", "here");
  expect((await terminal.runWith({ env }, "get", "meshes")).exitCode).toBe(0);
  expect((await config("switch", "nowhere")).stderr).toContain("known: here, there");
  expect((await config("remove", "here")).exitCode).toBe(0);
  expect((await config("list")).stdout).not.toMatch(/ here /);
});

test("an absent control plane is described, with what to check", async () => {
  const env = { MERIDIAN_CONTROL_PLANE: "http://127.0.0.1:1" };
  const answer = await terminal.runWith({ env }, "get", "meshes");
  expect(answer).toMatchObject({ exitCode: 1, stdout: "" });
  expect(answer.stderr).toContain("the control plane at http://127.0.0.1:1 cannot be reached");
  const bare = await terminal.run("get", "meshes", "--control-plane", "localhost:5681");
  expect(bare.exitCode).toBe(2);
  expect(bare.stderr).toContain("An address begins with http:// or https://: http://localhost:5681");
  const tokenless = await terminal.run("get", "meshes", "--token-file", "nowhere");
  expect(tokenless.stderr).toBe("Error: the file of the token, nowhere, cannot be read: there is no such file\n");
  expect((await terminal.runWith({ env }, "version")).stdout).toBe("Client:        Meridian 0.1.0\n");
  expect((await terminal.run("version")).stdout).toContain(`Control plane: Meridian 0.1.0 (${plane.address}, global)`);
  expect((await terminal.runWith({ env: { MERIDIAN_CONTROL_PLANE: "prod" } }, "get", "meshes")).exitCode).toBe(2);
});

test("a command that is not understood exits with 2, help with 0", async () => {
  expect((await terminal.run("apply")).exitCode).toBe(2);
  expect((await terminal.run("get", "meshes", "-o", "xml")).exitCode).toBe(2);
  expect((await terminal.run("nonsense")).exitCode).toBe(2);
  const help = await terminal.run("apply", "--help");
  expect(help).toMatchObject({ exitCode: 0, stderr: "" });
  expect(help.stdout).toContain("Examples:");
  for (const words of [[], ["apply"], ["inspect"], ["generate"]]) {
    const { stdout } = await terminal.run(...words, "--help");
    const text = stdout.replace(/^Examples:\n(?: {2}.*\n)+/m, "");
    expect(text.split("\n").filter((line) => line.length > 80)).toEqual([]);
  }
});

test("shells complete commands, options, kinds and names", async () => {
  for (const shell of ["bash", "zsh", "fish"]) expect((await terminal.run("completion", shell)).stdout).toContain("__complete");
  expect((await terminal.run("completion", "tcsh")).exitCode).toBe(2);
  expect((await terminal.run("__complete", "--", "inspect", "zon")).stdout.split("\n")).toEqual([
    "zones",
    "zoneingresses",
    "zoneegresses",
    "zoneingress",
    "zoneegress",
    "",
  ]);
  expect((await terminal.run("__complete", "--", "inspect", "meshtim")).stdout).toBe("meshtimeouts\n");
  expect((await terminal.run("__complete", "--", "apply", "--dr")).stdout).toBe("--dry-run\n");
  expect((await terminal.run("__complete", "--", "get", "traffic-r")).stdout).toBe("traffic-routes\n");
  expect((await terminal.run("__complete", "--", "get", "mesh", mesh)).stdout).toContain(`${mesh}\n`);
  expect((await terminal.run("__complete", "--", "diff", "1", "now", "mesh", mesh)).stdout).toContain(`${mesh}\n`);
  expect((await terminal.run("__complete", "--", "diff", "")).stdout).toBe("");
  await terminal.runWith({ stdin: async () => routeText("only-here") }, "apply", "-f", "-");
  expect((await terminal.run("__complete", "--", "get", "traffic-routes", "-m", mesh, "")).stdout).toBe("only-here\n");
  expect((await terminal.run("__complete", "--", "get", "traffic-routes", "only")).stdout).toBe("");
  expect((await terminal.run("__complete", "--", "delete", "traffic-routes", "-m", mesh)).stdout).toContain(`${mesh}\n`);
  expect((await terminal.run("__complete", "--", "get", "meshes", "-o", "y")).stdout).toBe("yaml\n");
  expect((await terminal.run("__complete", "--", "explain-kind", "TrafficR")).stdout).toBe("TrafficRoute\n");
  const offline = { env: { MERIDIAN_CONTROL_PLANE: "http://127.0.0.1:1" } };
  expect(await terminal.runWith(offline, "__complete", "--", "get", "mesh")).toEqual({ exitCode: 0, stdout: "", stderr: "" });
  expect((await terminal.runWith(offline, "__complete", "--", "inspect", "zones")).stdout).toContain("zones\n");
});

test("what programs read is complete and alone on stdout", async () => {
  const stdin = async (): Promise<string> => routeText("for-programs");
  const applied = await terminal.runWith({ stdin }, "apply", "-f", "-", "-o", "json", "--wait");
  expect(JSON.parse(applied.stdout)).toMatchObject({
    results: [{ kind: "TrafficRoute", mesh, name: "for-programs", outcome: "created" }],
  });
  const named = await terminal.runWith({ stdin }, "apply", "-f", "-", "-o", "name", "--wait");
  expect(named.stdout).toBe(`TrafficRoute/${mesh}/for-programs\n`);
  const versions = JSON.parse((await terminal.run("version", "-o", "json")).stdout);
  expect(versions).toMatchObject({ client: { version: "0.1.0" }, controlPlane: { address: plane.address, mode: "global" } });
  const token = await terminal.write("list.token", "a secret");
  await terminal.run("config", "control-planes", "add", "listed", plane.address, "--token-file", token, "--skip-check");
  const listed = (await terminal.run("config", "control-planes", "list", "-o", "json")).stdout;
  expect(JSON.parse(listed)).toContainEqual({ name: "listed", address: plane.address, isCurrent: true });
  expect(listed).not.toContain("a secret");
  await terminal.run("config", "control-planes", "remove", "listed");
});

test("colours only on a terminal, and not with NO_COLOR", async () => {
  const colour = "\u001b[";
  const env = { MERIDIAN_CONTROL_PLANE: plane.address };
  expect((await terminal.run("get", "meshes")).stdout).not.toContain(colour);
  expect((await terminal.runWith({ isTty: true }, "get", "meshes")).stdout).toContain(colour);
  expect((await terminal.runWith({ isTty: true, env: { ...env, NO_COLOR: "1" } }, "get", "meshes")).stdout).not.toContain(colour);
});
