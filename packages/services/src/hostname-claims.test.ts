import fc from "fast-check";
import { expect, it } from "vitest";
import { HostnameClaims } from "./hostname-claims.ts";

const at = (key: string, second: number) => ({ key, creationTime: `2026-01-01T00:00:0${second}Z` });

it("gives a name to the oldest, and to the next one when that lets go", () => {
  const claims = new HostnameClaims();
  expect([...claims.claim(at("young", 2), ["x"])]).toEqual([]);
  expect(claims.ownerOf("x")).toBe("young");
  expect([...claims.claim(at("old", 1), ["x"])]).toEqual(["young"]);
  expect(claims.ownerOf("x")).toBe("old");
  expect([...claims.claim(at("old", 1), [])]).toEqual(["young"]);
  expect(claims.ownerOf("x")).toBe("young");
  expect(claims.ownerOf("y")).toBeUndefined();
});

it("tells the losers when the winner changes", () => {
  const claims = new HostnameClaims();
  claims.claim(at("c", 3), ["x"]);
  claims.claim(at("b", 2), ["x"]);
  expect([...claims.claim(at("a", 1), ["x"])].sort()).toEqual(["b", "c"]);
});

const claim = fc.tuple(fc.constantFrom("p", "q", "r"), fc.uniqueArray(fc.constantFrom("x", "y", "z")));
const age: Readonly<Record<string, number>> = { p: 2, q: 1, r: 2 };

it("the same claims have the same owners in whatever order they came, and whoever is affected is told", () => {
  fc.assert(
    fc.property(fc.array(claim, { maxLength: 30 }), (steps) => {
      const claims = new HostnameClaims();
      const last = new Map<string, readonly string[]>();
      for (const [key, hostnames] of steps) {
        const before = ["x", "y", "z"].map((hostname) => claims.ownerOf(hostname));
        const affected = claims.claim(at(key, age[key] ?? 0), hostnames);
        last.set(key, hostnames);
        for (const [index, hostname] of ["x", "y", "z"].entries()) {
          const owners = [before[index], claims.ownerOf(hostname)];
          if (owners[0] === owners[1]) continue;
          for (const owner of owners) if (owner !== undefined && owner !== key) expect(affected).toContain(owner);
        }
      }
      const fresh = new HostnameClaims();
      for (const [key, hostnames] of [...last].reverse()) fresh.claim(at(key, age[key] ?? 0), hostnames);
      for (const hostname of ["x", "y", "z"]) expect(claims.ownerOf(hostname)).toBe(fresh.ownerOf(hostname));
    }),
  );
});
