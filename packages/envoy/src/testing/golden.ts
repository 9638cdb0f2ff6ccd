import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "vitest";

/** Compares with the file beside the test; `UPDATE_GOLDEN=1` rewrites it, to be reviewed like code. */
export function expectGolden(testUrl: string, name: string, actual: string): void {
  const path = fileURLToPath(new URL(`golden/${name}`, testUrl));
  if (process.env["UPDATE_GOLDEN"] === "1") {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, actual);
  }
  expect(actual).toBe(readFileSync(path, "utf8"));
}
