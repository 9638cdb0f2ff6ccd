import { expect, test } from "vitest";
import { planWorld } from "../testing/plan-world.ts";
import { kinds, testApi } from "../testing/test-api.ts";
import { openApiDocument } from "./document.ts";
import type { Json } from "./schema.ts";

/** A line of the router's own picture of its routes: `│   └── /:name (GET, HEAD)`. */
const branch = /^((?:[│ ] {3})*)[├└]── (\S*)(?: \(([A-Z, ]+)\))?/;
const withoutNames = (url: string): string => url.replaceAll(/[{:]\w+\}?/g, "*");

/** `GET /meshes/*` for every route; parameters may have several names in the router. */
function routesOf(picture: string): readonly string[] {
  const parents: string[] = [];
  return picture.split("\n").flatMap((line) => {
    const [, indent = "", part = "", methods = ""] = branch.exec(line) ?? [];
    const depth = indent.length / 4;
    parents.length = depth;
    parents.push(part.replace(/\|:\w+/g, ""));
    const url = parents.join("").replace(/^\/\//, "/");
    return methods === "" ? [] : methods.split(", ").map((method) => `${method} ${withoutNames(url)}`);
  });
}

function operationsOf(document: Json): readonly string[] {
  const paths = Object.entries(document["paths"] as Readonly<Record<string, Json>>);
  const methods = ["get", "put", "post", "delete"];
  return paths.flatMap(([path, item]) =>
    methods.filter((method) => method in item).map((method) => `${method.toUpperCase()} ${withoutNames(path)}`),
  );
}

test("the document has every route, and no other", async () => {
  const request = async (): Promise<string> => "";
  const { planner, explainer } = (await planWorld()).deps;
  const { app } = await testApi({ proxyAdmin: { request }, ...(planner && { planner }), ...(explainer && { explainer }) });
  const described = operationsOf((await app.inject("/openapi.json")).json() as Json);
  // Insights are read only: the routes that say so are no operations.
  const refusals = kinds.all
    .filter(({ category }) => category === "insight")
    .flatMap(({ scope, path }) =>
      ["PUT", "DELETE"].map((method) => `${method} ${scope === "mesh" ? "/meshes/*" : ""}/${path}/*`),
    );
  const served = routesOf(app.printRoutes({ commonPrefix: false })).filter((route) => !route.startsWith("HEAD "));
  expect(served.length).toBeGreaterThan(300);
  expect(served.filter((route) => !refusals.includes(route)).sort()).toEqual([...described].sort());
});

test("every schema says what it describes: an object its fields, or that it takes anything", () => {
  const found: string[] = [];
  const walk = (value: unknown, place: string): void => {
    if (typeof value !== "object" || value === null) return;
    const { type, properties, additionalProperties, patternProperties, allOf, anyOf } = value as Json;
    const says = properties ?? additionalProperties ?? patternProperties ?? allOf ?? anyOf;
    if (type === "object" && says === undefined) found.push(place);
    for (const [key, member] of Object.entries(value)) walk(member, `${place}/${key}`);
  };
  const info = { product: "Meridian", version: "1" };
  const never = () => Promise.reject(new Error("nobody asks"));
  walk(openApiDocument({ kinds, info, planner: { plan: never }, explainer: { explain: never } }), "");
  expect(found).toEqual([]);
});

test("a format that JSON Schema knows means what JSON Schema says", async () => {
  const text = (await (await testApi()).app.inject("/openapi.json")).body;
  const formats = [...new Set([...text.matchAll(/"format": "([^"]+)"/g)].map(([, format]) => format))];
  expect(formats.sort()).toEqual(["date-time", "go-duration"]);
});
