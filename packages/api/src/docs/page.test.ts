import { expect, test } from "vitest";
import { testApi } from "../testing/test-api.ts";
import { docsPage } from "./page.ts";

test("/docs shows every operation and schema of the document, and each link on it leads somewhere", async () => {
  const { app, call } = await testApi();
  const { statusCode, headers, body } = await app.inject({ method: "GET", url: "/docs" });
  expect(statusCode).toBe(200);
  expect(headers["content-type"]).toBe("text/html; charset=utf-8");
  const { paths, components } = (await call("GET", "/openapi.json")).json as {
    paths: Record<string, Record<string, unknown>>;
    components: { schemas: Record<string, unknown> };
  };
  for (const path of Object.keys(paths)) expect(body).toContain(`<code>${path}</code>`);
  const ids = new Set([...body.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id));
  const targets = [...body.matchAll(/href="#([^"]+)"/g)].map(([, target]) => target);
  const wanted = [...Object.keys(components.schemas).map((name) => `schema-${name}`), ...targets];
  expect(wanted.filter((id) => !ids.has(id))).toEqual([]);
});

test("what the document says is text, never markup", () => {
  const schema = { type: "object", properties: { x: { type: "string", description: "<b>`y`</b>" } } };
  const page = docsPage({ info: { title: "<i>", version: "1" }, paths: {}, components: { schemas: { S: schema } } });
  expect(page).toContain("<title>&#60;i&#62; 1</title>");
  expect(page).toContain("&#60;b&#62;<code>y</code>&#60;/b&#62;");
});

test("what a field is comes first, then what is said of it, then its own fields", () => {
  const schema = {
    type: "object",
    required: ["a"],
    properties: {
      a: { type: "array", description: "Said.", items: { type: "object", properties: { b: { format: "go-duration" } } } },
      c: { type: "object", additionalProperties: { type: ["string", "null"] } },
      d: { anyOf: [{ $ref: "#/components/schemas/S" }, { type: "string" }], default: "x" },
    },
  };
  const page = docsPage({ info: { title: "t", version: "1" }, paths: {}, components: { schemas: { S: schema } } });
  expect(page).toContain(
    '<li><code>a</code> <b class="required">required</b> list of  <span class="note">Said.</span><ul><li><code>b</code> <i>duration</i></li></ul></li>',
  );
  expect(page).toContain("<li><code>c</code> map of <i>string or null</i></li>");
  expect(page).toContain(
    '<li><code>d</code> <a href="#schema-S">S</a> or <i>string</i> <span class="note">Default: <code>&#34;x&#34;</code>.</span></li>',
  );
});
