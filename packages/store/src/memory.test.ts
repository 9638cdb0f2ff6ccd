import { expect, it } from "vitest";
import { describeStore } from "./conformance/index.ts";
import { alice, put, route, TestClock } from "./conformance/samples.ts";
import { createMemoryStore } from "./memory.ts";

describeStore("memory", { open: async (clock) => createMemoryStore({ clock }), propertyRuns: 200 });

it("hands out frozen resources, so that tests find who writes to them", async () => {
  const store = createMemoryStore({ clock: new TestClock() });
  await store.commit([put("a", { spec: { conf: { weight: 1 } } })], alice);
  const found = await store.get<{ conf: { weight: number } }>(route("a"));
  expect(() => {
    if (found !== undefined) found.spec.conf.weight = 2;
  }).toThrow(TypeError);
});
