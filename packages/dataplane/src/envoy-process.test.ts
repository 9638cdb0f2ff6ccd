import { expect, test } from "vitest";
import { envoyArguments } from "./envoy-process.ts";

test.each([
  [0, "30"],
  [5_000, "30"],
  [90_500, "91"],
])("a data plane that has %s ms to stop gives requests on changed listeners their time: %s s", (drainTimeMs, seconds) => {
  const given = envoyArguments({ envoyPath: "envoy", configPath: "bootstrap.json", logLevel: "warning", drainTimeMs });
  expect(given[given.indexOf("--drain-time-s") + 1]).toBe(seconds);
});
