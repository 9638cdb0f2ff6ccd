import { afterEach, beforeEach, expect, test } from "vitest";
import { startControlPlane, type TestControlPlane } from "./testing/control-plane.ts";
import { openTerminal, type TestTerminal } from "./testing/terminal.ts";

let plane: TestControlPlane;
let terminal: TestTerminal;

/** magnanimo calls benigno, of which there are v1 and v2; only a request with `beta: yes` goes to v2. */
beforeEach(async () => {
  plane = await startControlPlane();
  terminal = await openTerminal(plane.address);
  await plane.store.commit(
    [
      dataplane("magnanimo-1", 1, { "kuma.io/service": "magnanimo" }, ["benigno"]),
      dataplane("benigno-1", 2, { "kuma.io/service": "benigno", version: "v1" }),
      dataplane("benigno-2", 3, { "kuma.io/service": "benigno", version: "v2" }),
    ],
    { author: "test" },
  );
  await terminal.runWith({ stdin: async () => betaRoute }, "apply", "-f", "-");
});

afterEach(async () => {
  await terminal.remove();
  await plane.close();
});

function dataplane(name: string, host: number, tags: Readonly<Record<string, string>>, calls: readonly string[] = []) {
  const outbound = calls.map((service, index) => ({ port: 10_001 + index, tags: { "kuma.io/service": service } }));
  const inbound = [{ port: 8080, tags: { "kuma.io/protocol": "http", ...tags } }];
  const spec = { networking: { address: `10.0.0.${host}`, inbound, outbound } };
  return { op: "put" as const, resource: { kind: "Dataplane", mesh: "default", name, labels: {}, spec } };
}

const betaRoute = `type: TrafficRoute
mesh: default
name: beta
sources: [{match: {kuma.io/service: "*"}}]
destinations: [{match: {kuma.io/service: benigno}}]
conf:
  http:
    - match: {headers: {beta: {exact: "yes"}}}
      destination: {kuma.io/service: benigno, version: v2}
  destination: {kuma.io/service: benigno, version: v1}
---
type: MeshTimeout
mesh: default
name: quick
spec:
  targetRef: {kind: Mesh}
  to:
    - targetRef: {kind: MeshService, name: benigno}
      default: {http: {requestTimeout: 3s}}
`;

test("the way of a request reads step by step, with what is in force and the verdict; exit code 0 where it arrives", async () => {
  const { exitCode, stdout, stderr } = await terminal.run("explain", "magnanimo", "benigno", "--header", "beta: yes");
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  expect(stdout).toMatch(/^✓ client: data plane magnanimo-1 in zone east/);
  expect(stdout).toContain("✓ route: TrafficRoute beta\n    GET / takes route 1 of 2, with header beta yes\n");
  expect(stdout).toMatch(/^IN FORCE +SETTING +VALUE +WHERE +FROM$/m);
  expect(stdout).toMatch(/^(timeouts)? +request timeout +3s +route +MeshTimeout quick$/m);
  expect(stdout).toMatch(/^magnanimo reaches benigno: every request goes to benigno v2 \(decided by TrafficRoute beta\)$/m);
});

test("exit code 1 where it does not arrive, and what is in the way has a cross", async () => {
  const { exitCode, stdout } = await terminal.run("explain", "magnanimo", "warehouse");
  expect(exitCode).toBe(1);
  expect(stdout).toContain("✗ outbound: none for warehouse\n");
  expect(stdout).toMatch(/magnanimo does not reach warehouse: data plane magnanimo-1 has no outbound for it/);
});

test("colours on a terminal only", async () => {
  const reaches = ["explain", "magnanimo", "benigno"];
  const coloured = await terminal.runWith({ isTty: true }, ...reaches);
  expect(coloured.stdout).toContain("\u001b[32m✓\u001b[39m \u001b[1mclient");
  expect(coloured.stdout).toContain("\u001b[32mmagnanimo reaches benigno");
  const blocked = await terminal.runWith({ isTty: true }, "explain", "magnanimo", "warehouse");
  expect(blocked.stdout).toContain("\u001b[31mmagnanimo does not reach warehouse");
  expect((await terminal.run(...reaches)).stdout).not.toContain("\u001b");
});

test("JSON and YAML are the whole answer of the API", async () => {
  const json = await terminal.run("explain", "magnanimo", "benigno", "--path", "/x", "--method", "PUT", "-o", "json");
  expect(JSON.parse(json.stdout)).toMatchObject({
    request: { mesh: "default", from: "magnanimo", to: "benigno", path: "/x", method: "PUT" },
    verdict: { outcome: "reaches", share: 1 },
    destinations: [{ tags: { version: "v1" } }],
  });
  const yaml = await terminal.run("explain", "magnanimo", "benigno", "-o", "yaml");
  expect(yaml.stdout).toMatch(/^ {2}outcome: reaches$/m);
});

test("mistakes are named; a question that makes no sense is none of reaches and blocked", async () => {
  const wrong = await terminal.run("explain", "magnanimo", "benigno", "--path", "x", "--header", "beta");
  expect(wrong).toMatchObject({ exitCode: 1, stdout: "" });
  expect(wrong.stderr).toContain("path: must start with /");
  expect(wrong.stderr).toContain("header[0]: must be name:value");
  const elsewhere = await terminal.run("explain", "magnanimo", "benigno", "--mesh", "nowhere");
  expect(elsewhere).toMatchObject({
    exitCode: 1,
    stdout: "",
    stderr: expect.stringContaining("there is no mesh nowhere") as string,
  });
  expect((await terminal.run("explain", "magnanimo")).exitCode).toBe(2);
});

test("services complete both ends", async () => {
  expect((await terminal.run("__complete", "--", "explain", "mag")).stdout).toBe("magnanimo\n");
  expect((await terminal.run("__complete", "--", "explain", "magnanimo", "")).stdout).toContain("benigno\n");
  expect((await terminal.run("__complete", "--", "explain", "magnanimo", "benigno", "")).stdout).toBe("");
});
