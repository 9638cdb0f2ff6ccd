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
  for (const name of Object.keys(components.schemas)) expect(body).toContain(`id="schema-${name}"`);
  for (const [, target] of body.matchAll(/href="#([^"]+)"/g)) expect(body).toContain(`id="${target}"`);
});

test("what the document says is text, never markup", () => {
  const schema = { type: "object", properties: { x: { type: "string", description: "<b>`y`</b>" } } };
  const page = docsPage({ info: { title: "<i>", version: "1" }, paths: {}, components: { schemas: { S: schema } } });
  expect(page).toContain("<title>&#60;i&#62; 1</title>");
  expect(page).toContain("&#60;b&#62;<code>y</code>&#60;/b&#62;");
});
