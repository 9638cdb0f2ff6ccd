import { readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { generateCase, goldenCases, goldenFile, renderConfig } from "./testing/golden.ts";

test.each(goldenCases)("$output", (golden) => {
  const rendered = renderConfig(generateCase(golden));
  const file = goldenFile(`${golden.output}.out.yaml`);
  if (process.env["UPDATE_GOLDEN"]) writeFileSync(file, rendered);
  expect(rendered).toBe(readFileSync(file, "utf8"));
});
