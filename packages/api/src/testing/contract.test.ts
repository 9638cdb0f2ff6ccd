import { expect, test } from "vitest";
import { answer, jsonBody, operation, path, sharedHeaders, sharedResponses } from "../openapi/operation.ts";
import { list, object, record, ref, text } from "../openapi/schema.ts";
import { sharedSchemas } from "../openapi/shared.ts";
import { contractOf, type Exchange } from "./contract.ts";

const thing = object(["name"], { name: text, parts: list(ref("Part")) });
const contract = contractOf({
  paths: {
    ...path("/things/{name}", {
      get: operation({ id: "a", tag: "t", summary: "s", answers: { "200": answer("A thing", thing) }, refusals: ["404"] }),
    }),
    "/things/_all": {
      get: operation({
        id: "b",
        tag: "t",
        summary: "s",
        answers: {
          "200": { description: "Lines", content: { ...jsonBody({}), "application/x-ndjson": { schema: ref("Part") } } },
        },
        isStoreless: true,
      }),
    },
  },
  components: {
    headers: sharedHeaders,
    responses: sharedResponses,
    schemas: {
      ...sharedSchemas,
      Part: { allOf: [ref("Base"), { type: "object", properties: { size: { type: "integer" } } }] },
      Base: { ...record({ id: text }), additionalProperties: true },
    },
  },
});
const json = { "content-type": "application/json", "meridian-revision": "1" };
const exchange = (body: unknown, more: Partial<Exchange> = {}): string | undefined =>
  contract({ method: "GET", url: "/things/a", status: 200, headers: json, body: JSON.stringify(body), ...more });

test("an answer as described has nothing against it", () => {
  expect(exchange({ name: "a", parts: [{ id: "1", size: 2 }] })).toBeUndefined();
  expect(exchange("", { method: "HEAD" })).toBeUndefined();
  const error = { type: "/std-errors", status: 404, title: "t", detail: "d", details: "d" };
  expect(exchange(error, { status: 404 })).toBeUndefined();
  expect(exchange("", { url: "/nowhere", status: 404, headers: { "content-type": "text/plain" } })).toBeUndefined();
  expect(exchange("", { method: "PUT", status: 405 })).toBeUndefined();
});

test("a path, verb, status, media type, header or field that is not described is a mistake", () => {
  expect(exchange({ name: "a", more: 1 })).toContain("more");
  expect(exchange({})).toContain("required");
  expect(exchange({ name: 1 })).toContain("must be string");
  expect(exchange({ name: "a" }, { url: "/nowhere" })).toContain("the path");
  expect(exchange({ name: "a" }, { method: "PUT" })).toContain("PUT");
  expect(exchange({ name: "a" }, { status: 500 })).toContain("500");
  expect(exchange({ name: "a" }, { headers: { "content-type": "text/html", "meridian-revision": "1" } })).toContain("text/html");
  expect(exchange({ name: "a" }, { headers: { "content-type": "application/json" } })).toContain("Meridian-Revision");
  expect(exchange({ type: "/std-errors", status: 404 }, { status: 404 })).toContain("title");
});

test("every line of a stream is held against its schema, and a static path is no parameter", () => {
  const lines = (...values: unknown[]) =>
    contract({
      method: "GET",
      url: "/things/_all?wait=true",
      status: 200,
      headers: { "content-type": "application/x-ndjson" },
      body: `${values.map((value) => JSON.stringify(value)).join("\n\n")}\n`,
    });
  expect(lines({ id: "1" }, { id: "2" })).toBeUndefined();
  expect(lines({ id: "1" }, { size: 2 })).toContain("id");
});
