/** Runs `work` for every item, at most `limit` at once; ends with the first failure, which begins no more of them. */
export async function inParallel<T>(items: readonly T[], limit: number, work: (item: T) => Promise<void>): Promise<void> {
  const rest = items[Symbol.iterator]();
  const controller = { failed: false };
  async function runOneByOne(): Promise<void> {
    for (const item of { [Symbol.iterator]: () => rest }) {
      if (controller.failed) return;
      try {
        await work(item);
      } catch (error) {
        controller.failed = true;
        throw error;
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, runOneByOne));
}
