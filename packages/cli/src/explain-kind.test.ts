import { parseDocuments } from "@meridian/model";
import { afterAll, beforeAll, expect, test } from "vitest";
import { builtInKinds } from "./commands/explain-kind.ts";
import { explainKind } from "./explain-kind/explanation.ts";
import { openTerminal, type TestTerminal } from "./testing/terminal.ts";

let terminal: TestTerminal;
beforeAll(async () => {
  // Nobody listens there: kinds are explained without a control plane.
  terminal = await openTerminal("http://127.0.0.1:1");
});
afterAll(() => terminal.remove());

test("a kind is explained with every field by its path, and an example", async () => {
  const shown = await terminal.run("explain-kind", "TrafficRoute");
  expect(shown).toMatchObject({ exitCode: 0, stderr: "" });
  expect(shown.stdout).toContain("TrafficRoute (traffic-routes) · policy, of a mesh");
  expect(shown.stdout).toMatch(/\n {2}conf\.split\[\]\.weight {2}<integer>\n {6}\S/);
  expect(shown.stdout).toContain("  sources[].match  <map of string, required>");
  expect(shown.stdout).toContain("\nExample\n  type: TrafficRoute\n");
});

test("a path narrows, however its lists are written, with or without spec", async () => {
  const paths = async (typed: string): Promise<readonly string[]> => {
    const { fields } = JSON.parse((await terminal.run("explain-kind", typed, "-o", "json")).stdout);
    return fields.map(({ path }: { readonly path: string }) => path);
  };
  const split = await paths("traffic-route.conf.split");
  expect(split).toContain("conf.split[].destination");
  expect(split.every((path) => path.startsWith("conf.split"))).toBe(true);
  const rules = await paths("mhttpr.to.rules");
  expect(rules.length).toBeGreaterThan(20);
  expect(await paths("MeshHTTPRoute.spec.to[0].rules")).toEqual(rules);
  expect(await paths("meshhttproutes.to[].rules")).toEqual(rules);
});

test("choices, defaults and durations are said", async () => {
  const shown = (await terminal.run("explain-kind", "mesh.mtls.backends")).stdout;
  expect(shown).toContain("One of: STRICT, PERMISSIVE. Default: STRICT.");
  expect((await terminal.run("explain-kind", "mt.to")).stdout).toContain("<duration>");
});

test("what does not exist is answered with what is near", async () => {
  const kind = await terminal.run("explain-kind", "TrafficRuote");
  expect(kind).toMatchObject({ exitCode: 2, stdout: "" });
  expect(kind.stderr).toContain("Did you mean traffic-routes?");
  const field = await terminal.run("explain-kind", "TrafficRoute.split");
  expect(field).toMatchObject({ exitCode: 2, stdout: "" });
  expect(field.stderr).toContain("Did you mean conf.split");
});

test("every kind explains itself: fields, and an example of that kind", async () => {
  const kinds = await builtInKinds();
  expect((await terminal.run("explain-kind")).stdout.trimEnd().split("\n")).toHaveLength(kinds.length + 1);
  for (const kind of kinds) {
    const { fields, example = "" } = explainKind(kind, "");
    const [parsed] = parseDocuments(example, { source: kind.kind }).documents;
    expect([kind.kind, Object(parsed?.value).type]).toEqual([kind.kind, kind.kind]);
    if (kind.kind !== "Workload") expect([kind.kind, fields.length > 0]).toEqual([kind.kind, true]);
    expect([kind.kind, fields.filter(({ type }) => type === "")]).toEqual([kind.kind, []]);
    expect(new Set(fields.map(({ path }) => path)).size).toBe(fields.length);
    for (const { path } of fields) expect(explainKind(kind, path).fields[0]?.path).toBe(path);
  }
});
