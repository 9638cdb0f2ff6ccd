import type { Resource } from "@meridian/model";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createMemoryStore } from "../memory.ts";
import type { Change, Store } from "../store.ts";
import { alice, replay, route, type StoreUnderTest } from "./samples.ts";

const kinds = ["Mesh", "TrafficRoute"] as const;

const keyArbitrary = fc.record({
  kind: fc.constantFrom(...kinds),
  mesh: fc.constantFrom("", "default", "Default"),
  name: fc.constantFrom("a", "a-b", "b", "ä"),
});
const expectArbitrary = fc.option(fc.oneof(fc.constant<"absent">("absent"), fc.nat({ max: 8 })), { nil: undefined, freq: 3 });
/** `__proto__` is no field name that any kind has, and JSON libraries disagree about it. */
const jsonArbitrary = fc
  .jsonValue({ maxDepth: 2 })
  .map((value) => JSON.parse(JSON.stringify(value).replaceAll("__proto__", "proto")) as unknown);
const contentArbitrary = fc.record({
  labels: fc.dictionary(fc.constantFrom("x", "y", "long-label"), fc.constantFrom("", "1")),
  spec: fc.oneof(fc.nat({ max: 2 }), jsonArbitrary),
});

const changeArbitrary: fc.Arbitrary<Change> = fc.oneof(
  { weight: 3, arbitrary: fc.tuple(keyArbitrary, contentArbitrary, expectArbitrary).map(putOf) },
  { weight: 1, arbitrary: fc.tuple(keyArbitrary, fc.option(fc.nat({ max: 8 }), { nil: undefined, freq: 3 })).map(deleteOf) },
);

function putOf([key, content, expected]: [
  Pick<Resource, "kind" | "mesh" | "name">,
  Pick<Resource, "labels" | "spec">,
  number | "absent" | undefined,
]): Change {
  return { op: "put", resource: { ...route(key.name), ...key, ...content }, ...(expected !== undefined && { expect: expected }) };
}

function deleteOf([key, expected]: [Pick<Resource, "kind" | "mesh" | "name">, number | undefined]): Change {
  return { op: "delete", key, ...(expected !== undefined && { expect: expected }) };
}

/** The laws of the log: replaying it gives the state, and the state is that of the memory driver after the same commits. */
export function describeReplay(test: StoreUnderTest): void {
  describe("any sequence of commits", () => {
    it("gives the same outcomes, state and log as the memory driver, and its log replays to its state", async () => {
      const batches = fc.array(fc.array(changeArbitrary, { maxLength: 4 }), { maxLength: 12 });
      await fc.assert(fc.asyncProperty(batches, runBatches), { numRuns: test.propertyRuns });
    });

    async function runBatches(batches: readonly (readonly Change[])[]): Promise<void> {
      const store = await test.openAnother();
      const model = createMemoryStore({ clock: test.clock });
      for (const batch of batches) {
        test.clock.advance(10);
        expect(await outcomeOf(store, batch)).toEqual(await outcomeOf(model, batch));
      }
      const log = await store.changes(0);
      expect(log).toEqual(await model.changes(0));
      expect(await stateOf(store)).toEqual(await stateOf(model));
      const replayed = [...replay(log.entries).values()];
      expect(new Set(replayed.map(stable))).toEqual(new Set((await stateOf(store)).map(stable)));
      await expectSamePages(store, model);
    }
  });
}

async function expectSamePages(store: Store, model: Store): Promise<void> {
  for (const kind of kinds) {
    const all = await model.list(kind);
    const paged: Resource[] = [];
    for (;;) {
      const last = paged.at(-1);
      const page = await store.list(kind, { limit: 2, ...(last !== undefined && { after: last }) });
      paged.push(...page);
      if (page.length < 2) break;
    }
    expect(paged).toEqual(all);
  }
}

async function outcomeOf(store: Store, batch: readonly Change[]): Promise<unknown> {
  try {
    // The entries are a driver's extra; what they say is compared as the log.
    const { revision, outcomes } = await store.commit(batch, alice);
    return { revision, outcomes };
  } catch (error) {
    return error instanceof Error ? error.message : error;
  }
}

async function stateOf(store: Store): Promise<readonly Resource[]> {
  return (await Promise.all(kinds.map((kind) => store.list(kind)))).flat();
}

/** Text that is equal for equal JSON, whatever the order of fields. */
function stable(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    // By key alone: a value such as { toString: null } cannot be turned into text to compare.
    typeof part === "object" && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}
