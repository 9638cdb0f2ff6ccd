import { PassThrough } from "node:stream";
import { createLogger } from "@meridian/base";
import { expect, test } from "vitest";
import { forwardEnvoyLog } from "./envoy-log.ts";

async function logged(...lines: readonly string[]): Promise<readonly object[]> {
  const found: object[] = [];
  const logger = createLogger({ name: "test", destination: { write: (line) => void found.push(JSON.parse(line)) } });
  const output = new PassThrough();
  forwardEnvoyLog(output, logger);
  output.end(lines.map((line) => `${line}\n`).join(""));
  await expect.poll(() => found.length, { timeout: 60_000 }).toBe(lines.length);
  return found;
}

test("Envoy's lines keep their level, and what has none is told as it is", async () => {
  expect(await logged("warning|main|no limit", "critical|assert|broken", "not Envoy's format")).toMatchObject([
    { level: 40, component: "main", message: "no limit" },
    { level: 50, component: "assert", message: "broken" },
    { level: 30, message: "not Envoy's format" },
  ]);
});

test("why the control plane ended a stream can be read; other lines stay as they are", async () => {
  const stream = "DeltaAggregatedResources gRPC config stream to ads_cluster closed: 16, ";
  expect(
    await logged(
      `warning|config|${stream}the%20token%20has%20expired%E2%80%A6 100%`,
      `warning|config|${stream}%FF`,
      "info|http|GET /a%20b",
    ),
  ).toMatchObject([
    { message: `${stream}the token has expired\u2026 100%` },
    { message: `${stream}%FF` },
    { message: "GET /a%20b" },
  ]);
});
