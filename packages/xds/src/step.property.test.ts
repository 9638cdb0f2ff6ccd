import { typeUrls } from "@meridian/envoy";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { resourcesOf, type ServiceConfig } from "./testing/configs.ts";
import { SimulatedProxy } from "./testing/simulated-proxy.ts";
import { SimulatedStream } from "./testing/simulated-stream.ts";

const small = fc.integer({ min: 0, max: 2 });
const service = (bad: boolean): fc.Arbitrary<ServiceConfig> =>
  fc.record(
    {
      name: fc.constantFrom("a", "b", "a-b", "c", "d"),
      cluster: small,
      endpoints: small,
      listener: small,
      route: small,
      secret: small,
      ...(bad && { badCluster: fc.boolean(), badListener: fc.boolean() }),
    },
    { requiredKeys: ["name", "cluster", "endpoints", "listener"] },
  );
const config = (bad: boolean): fc.Arbitrary<ServiceConfig[]> =>
  fc.uniqueArray(service(bad), { selector: ({ name }) => name, maxLength: 5 });
const moves = fc.array(fc.boolean(), { maxLength: 12 });
const history = (bad: boolean): fc.Arbitrary<(readonly [ServiceConfig[], boolean[], boolean])[]> =>
  fc.array(fc.tuple(config(bad), moves, fc.boolean()), { minLength: 1, maxLength: 8 });

/** Pushes each config after some moves, reconnecting now and then. */
function run(mode: "delta" | "sotw", steps: readonly (readonly [ServiceConfig[], boolean[], boolean])[]): SimulatedStream {
  const proxy = new SimulatedProxy(mode);
  let stream = new SimulatedStream(proxy, resourcesOf([]));
  for (const [services, directions, reconnect] of steps) {
    // After a reconnect state of the world cannot know what the proxy holds, so nor what must not go yet.
    if (reconnect && mode === "delta") stream = new SimulatedStream(proxy, stream.desired, stream.generation);
    stream.push(resourcesOf(services));
    for (const direction of directions) stream.advance(direction);
  }
  return stream;
}

function expectHeld(stream: SimulatedStream): void {
  for (const typeUrl of Object.values(typeUrls)) {
    const isNamed = typeUrl !== typeUrls.cluster && typeUrl !== typeUrls.listener;
    const desired = [...(stream.desired.get(typeUrl) ?? [])].filter(
      ([name]) => !isNamed || stream.proxy.names(typeUrl).has(name),
    );
    const held = [...(stream.proxy.held.get(typeUrl) ?? [])].map(([name, { version }]) => [name, version]);
    expect(held.sort()).toEqual(desired.map(([name, { version }]) => [name, version]).sort());
  }
}

describe.each(["delta", "sotw"] as const)("%s", (mode) => {
  it("whatever the interleaving, ends with what is desired, acknowledged, and never breaks a route on the way", () => {
    fc.assert(
      fc.property(history(false), (steps) => {
        const stream = run(mode, steps);
        stream.settle();
        expect(stream.proxy.failures).toEqual([]);
        expectHeld(stream);
        expect(stream.acknowledged.at(-1)).toBe(stream.generation);
        expect(stream.rejected).toEqual([]);
        expect([...stream.acknowledged].sort((left, right) => left - right)).toEqual(stream.acknowledged);
      }),
      { numRuns: 500 },
    );
  });

  it("with refusals: comes to rest, breaks nothing that worked, reports them, and recovers with the next good config", () => {
    fc.assert(
      fc.property(history(true), config(false), (steps, good) => {
        const stream = run(mode, steps);
        stream.settle();
        expect(stream.proxy.failures).toEqual([]);
        const refuses = [...stream.state.subscriptions.values()].some(({ refused }) => refused.size > 0);
        if (refuses) expect(stream.rejected.at(-1)?.generation).toBe(stream.generation);
        else expect(stream.acknowledged.at(-1)).toBe(stream.generation);
        stream.push(resourcesOf(good));
        stream.settle();
        expectHeld(stream);
        expect(stream.acknowledged.at(-1)).toBe(stream.generation);
        expect(stream.proxy.failures).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });
});
