import fc from "fast-check";
import { expect, it } from "vitest";
import type { Contribution } from "./contribution.ts";
import { Tally } from "./tally.ts";

const port = fc.record({
  port: fc.constantFrom(80, 81),
  name: fc.constantFrom("80", "web"),
  protocol: fc.constantFrom("tcp", "http"),
});
const contribution: fc.Arbitrary<Contribution> = fc.record({
  ports: fc.array(port, { maxLength: 3 }),
  serviceTags: fc.uniqueArray(fc.constantFrom("a", "b"), { maxLength: 2 }),
  isHealthy: fc.boolean(),
  isConnected: fc.boolean(),
  isCertified: fc.boolean(),
});
const change = fc.tuple(fc.constantFrom("p", "q", "r", "s"), fc.option(contribution, { nil: undefined }));

function facts(tally: Tally): object {
  const { counts, isAvailable, isCertified, size } = tally;
  return {
    counts,
    isAvailable,
    isCertified,
    size,
    ports: tally.ports(),
    tags: tally.serviceTags(),
    names: [...tally.names()].sort(),
  };
}

it("whatever came and went, it says what counting the remaining ones afresh says", () => {
  fc.assert(
    fc.property(fc.array(change, { maxLength: 40 }), (changes) => {
      const tally = new Tally();
      const remaining = new Map<string, Contribution>();
      for (const [name, value] of changes) {
        tally.set(name, value);
        if (value) remaining.set(name, value);
        else remaining.delete(name);
      }
      const fresh = new Tally();
      for (const [name, value] of [...remaining].reverse()) fresh.set(name, value);
      expect(facts(tally)).toEqual(facts(fresh));
    }),
  );
});

const offer = (number: number, protocol: string): Contribution => ({
  ports: [{ port: number, name: String(number), protocol }],
  serviceTags: ["a"],
  isHealthy: true,
  isConnected: true,
  isCertified: false,
});

it("joins the ports of all, and takes of a port what most say", () => {
  const tally = new Tally();
  tally.set("a", offer(80, "http"));
  tally.set("b", offer(80, "tcp"));
  expect(tally.ports()).toEqual([{ port: 80, name: "80", protocol: "http" }]);
  tally.set("c", offer(80, "tcp"));
  tally.set("d", offer(79, "grpc"));
  expect(tally.ports().map(({ port: number, protocol }) => [number, protocol])).toEqual([
    [79, "grpc"],
    [80, "tcp"],
  ]);
});

it("is certified only when somebody is there and everybody has a certificate", () => {
  const tally = new Tally();
  expect(tally.isCertified).toBe(false);
  tally.set("a", { ...offer(80, "tcp"), isCertified: true });
  expect(tally.isCertified).toBe(true);
  tally.set("b", offer(80, "tcp"));
  expect(tally.isCertified).toBe(false);
});
