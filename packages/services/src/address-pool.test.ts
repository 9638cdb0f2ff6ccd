import fc from "fast-check";
import { expect, it } from "vitest";
import { AddressPool } from "./address-pool.ts";

it("gives addresses of its network, neither the first nor the last", () => {
  const pool = new AddressPool("10.0.0.8/30");
  expect([pool.allocate("a", "a"), pool.allocate("b", "b")].sort()).toEqual(["10.0.0.10", "10.0.0.9"]);
  expect(() => pool.allocate("c", "c")).toThrow("all 2 addresses from 10.0.0.9 are in use");
});

it("takes any address of the network as the network", () => {
  expect(new AddressPool("241.7.7.7/8").allocate("a", "a")).toMatch(/^241\./);
});

it.each(["241.0.0.0", "241.0.0.0/31", "241.0.0.0/x", "241.0.0/8", "300.0.0.0/8", "01.0.0.0/8", ""])("refuses %j", (cidr) => {
  expect(() => new AddressPool(cidr)).toThrow(RangeError);
});

it("does not take an address of another network, nor one that somebody holds", () => {
  const pool = new AddressPool("241.0.0.0/8");
  expect(pool.claim("a", "241.0.0.7")).toBe(true);
  expect(pool.claim("a", "241.0.0.7")).toBe(true);
  expect(pool.claim("b", "241.0.0.7")).toBe(false);
  expect(pool.claim("b", "242.0.0.7")).toBe(false);
  expect(pool.claim("b", "nonsense")).toBe(false);
  expect(pool.addressOf("b")).toBeUndefined();
});

it("gives a name that comes back the address that it had", () => {
  const pool = new AddressPool("241.0.0.0/8");
  const first = pool.allocate("a", "seed of a");
  pool.release("a");
  pool.allocate("b", "seed of b");
  expect(pool.allocate("a", "seed of a")).toBe(first);
});

type Step = { readonly op: "allocate" | "release" | "claim"; readonly name: string; readonly address: number };

/** Fourteen addresses for eight names: collisions are the rule. */
const step = fc.record({
  op: fc.constantFrom("allocate", "release", "claim"),
  name: fc.constantFrom(..."abcdefgh"),
  address: fc.integer({ min: 0, max: 15 }),
}) satisfies fc.Arbitrary<Step>;

it("never gives one address to two names, and takes none away but from who lets go or moves", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const pool = new AddressPool("10.0.0.0/28");
      const model = new Map<string, string>();
      for (const { op, name, address } of steps) {
        if (op === "release") {
          pool.release(name);
          model.delete(name);
        } else if (op === "claim") {
          const text = `10.0.0.${address}`;
          const isFree = address > 0 && address < 15 && [...model].every(([holder, held]) => held !== text || holder === name);
          expect(pool.claim(name, text)).toBe(isFree);
          if (isFree) model.set(name, text);
        } else {
          const given = pool.allocate(name, name);
          expect(model.get(name) ?? given).toBe(given);
          model.set(name, given);
        }
        for (const [holder, held] of model) expect(pool.addressOf(holder)).toBe(held);
        expect(new Set(model.values()).size).toBe(model.size);
        expect(pool.used).toBe(model.size);
      }
    }),
  );
});

it("after a restart, told what each name held, goes on as if it had not stopped", () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.string({ minLength: 1, maxLength: 4 }), { maxLength: 12 }), fc.string(), (names, newcomer) => {
      const before = new AddressPool("10.0.0.0/24");
      for (const name of names) before.allocate(name, name);
      const after = new AddressPool("10.0.0.0/24");
      for (const name of [...names].reverse()) expect(after.claim(name, before.addressOf(name) ?? "")).toBe(true);
      expect(after.allocate(newcomer, newcomer)).toBe(before.allocate(newcomer, newcomer));
    }),
  );
});
