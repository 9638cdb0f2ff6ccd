import { setImmediate } from "node:timers/promises";
import { expect, it } from "vitest";
import { createBusyMeter } from "./busy-meter.ts";

it("tells how busy the process was since it was asked last", async () => {
  const busyShare = createBusyMeter();
  await setImmediate();
  busyShare();
  const endMs = performance.now() + 100;
  while (performance.now() < endMs);
  const share = busyShare();
  expect(share).toBeGreaterThan(0.5);
  expect(share).toBeLessThanOrEqual(1);
});
