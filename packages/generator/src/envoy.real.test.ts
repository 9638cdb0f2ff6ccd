import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type EncodedResource, renderBootstrap, typeUrls } from "@meridian/envoy";
import { validateConfig } from "@meridian/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { decodeResource, generateCase, goldenCases } from "./testing/golden.ts";
import type { ProxyConfig } from "./types.ts";

type Json = Readonly<Record<string, unknown>>;

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "meridian-generator-"));
  writeFileSync(join(folder, "nothing.yaml"), "resources: []");
});
afterAll(() => rmSync(folder, { recursive: true }));

test.each(goldenCases)("a real Envoy accepts $output", async (golden) => {
  const { valid, output } = await validateConfig(renderBootstrap(staticBootstrap(generateCase(golden))));
  expect(output).not.toContain("error");
  expect(output).not.toMatch(/deprecated/i);
  expect(valid).toBe(true);
});

/**
 * Everything in one static config, so that Envoy checks all of it at once: routes where their listener asks for them, endpoints
 * in clusters of their own. Secrets come from an empty file: static resources may not ask ADS.
 */
function staticBootstrap({ resources }: ProxyConfig): Json {
  const ofType = (typeUrl: EncodedResource["typeUrl"]): readonly Json[] =>
    [...(resources.get(typeUrl)?.values() ?? [])].map(decodeResource);
  const routes = new Map(ofType(typeUrls.route).map((route) => [route["name"], route]));
  const used = new Set<unknown>();
  const listeners = ofType(typeUrls.listener).map((listener) => inlineRoutes(listener, routes, used));
  expect([...used].sort(), "every route config is asked for, and no other").toEqual([...routes.keys()].sort());
  const endpoints = ofType(typeUrls.endpoint).map((loadAssignment) => ({
    name: `endpoints of ${loadAssignment["clusterName"]}`,
    type: "STATIC",
    connectTimeout: "1s",
    loadAssignment,
  }));
  const staticResources = throughFile({ listeners, clusters: [...ofType(typeUrls.cluster), ...endpoints] });
  return { node: { id: "default.web-1", cluster: "web" }, staticResources };
}

/** `rds` becomes the route config that it names. */
function inlineRoutes(value: unknown, routes: ReadonlyMap<unknown, Json>, used: Set<unknown>): unknown {
  if (Array.isArray(value)) return value.map((each) => inlineRoutes(each, routes, used));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, field]) => {
    if (key !== "rds") return [key, inlineRoutes(field, routes, used)];
    const name = (field as Json)["routeConfigName"];
    used.add(name);
    return ["routeConfig", routes.get(name)];
  });
  return Object.fromEntries(entries) as Json;
}

function throughFile(json: object): object {
  const file = JSON.stringify({ path: join(folder, "nothing.yaml") });
  // Envoy opens access logs even when it only validates. Texts inside of texts stay: Envoy compares their length with a limit.
  const here = JSON.stringify(json).replaceAll(/(?<!\\)"\/(?:var\/log|run\/web-1)\//g, `"${folder}/`);
  return JSON.parse(here.replaceAll('"ads":{}', `"pathConfigSource":${file}`)) as object;
}
