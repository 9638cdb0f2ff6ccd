import { afterEach, beforeEach, describe } from "vitest";
import type { Store } from "../store.ts";
import { describeBatches } from "./batches.ts";
import { describeBus } from "./bus.ts";
import { describeConcurrency } from "./concurrency.ts";
import { describeDurability } from "./durability.ts";
import { describeHistory } from "./history.ts";
import { describeListing } from "./listing.ts";
import { describeLog } from "./log.ts";
import { describeMeta } from "./meta.ts";
import { describeReplay } from "./replay.ts";
import { type StoreUnderTest, TestClock } from "./samples.ts";
import { describeSingleWrites } from "./single-writes.ts";
import { describeStatus } from "./status.ts";
import { describeWatch } from "./watch.ts";

export { describeKill, type KillOptions } from "./kill.ts";

export interface ConformanceOptions {
  /** Gives an empty store; called before each test, closed after it. */
  readonly open: (clock: TestClock) => Promise<Store>;
  /** Opens what `open` gave last once more, after it was closed; absent where nothing outlives the process. */
  readonly reopen?: (clock: TestClock) => Promise<Store>;
  /** Runs of the property tests; the default suits a fast driver. */
  readonly propertyRuns?: number;
}

/** What `store.ts` promises, as tests. Every driver runs all of it: a rule that only one driver keeps is not a rule. */
export function describeStore(name: string, options: ConformanceOptions): void {
  describe(`store conformance: ${name}`, () => {
    const clock = new TestClock();
    let store: Store | undefined;

    async function open(): Promise<Store> {
      await store?.close();
      store = await options.open(clock);
      return store;
    }

    async function reopen(): Promise<Store> {
      await store?.close();
      store = await options.reopen?.(clock);
      if (store === undefined) throw new Error("this driver has no reopen");
      return store;
    }

    beforeEach(async () => {
      await open();
    });

    afterEach(async () => {
      await store?.close();
      store = undefined;
    });

    const underTest: StoreUnderTest = {
      clock,
      get store() {
        if (store === undefined) throw new Error("no store is open");
        return store;
      },
      openAnother: open,
      reopen,
      propertyRuns: options.propertyRuns ?? 30,
    };
    describeSingleWrites(underTest);
    describeBatches(underTest);
    describeListing(underTest);
    describeMeta(underTest);
    describeLog(underTest);
    describeHistory(underTest);
    describeWatch(underTest);
    describeConcurrency(underTest);
    describeStatus(underTest);
    describeBus(underTest);
    describeReplay(underTest);
    if (options.reopen !== undefined) describeDurability(underTest);
  });
}
