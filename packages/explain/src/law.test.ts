import { anyResource } from "@meridian/generator/testing";
import { keyText, type Resource } from "@meridian/model";
import fc from "fast-check";
import { expect, it } from "vitest";
import { askIn, dataplane, mesh, permission } from "./testing/mesh.ts";
import type { ExplainedDestination } from "./types.ts";

/** The zone of the resources that come by chance; beside them there is always somebody who calls somebody. */
const zone = "west";
const calls = ["a", "b", "c"];
const world = [
  mesh(),
  permission("p0", "*", "*"),
  ...calls.map((service, index) => dataplane(`x-${service}`, { service, calls, host: index + 101, zone, version: "v1" })),
];

const question = fc.record({
  from: fc.constantFrom("a", "b", "x-c", "d0", "nobody"),
  to: fc.constantFrom("a", "b", "c", "a.mesh", "nobody"),
  path: fc.constantFrom("/", "/x", "/a/b?q=1"),
  method: fc.constantFrom("GET", "POST"),
  headers: fc.constantFrom({}, { "x-a": "1" }, { version: "v2" }),
});

/** Of several with one key the last counts, as in a store. */
function stored(resources: readonly Resource[]): readonly Resource[] {
  const byKey = new Map([...world, ...resources].map((resource) => [keyText(resource), resource]));
  return [...byKey.values()].filter(({ mesh: its }) => its !== "other");
}

function sumOf(items: readonly { readonly share: number }[]): number {
  return items.reduce((sum, { share }) => sum + share, 0);
}

/** All of its requests go to its endpoints, and from there to somebody who is told. */
function isSharedOut({ endpoints, servers, obstacle }: ExplainedDestination): void {
  if (endpoints.length > 0) expect(sumOf(endpoints)).toBeCloseTo(1, 9);
  if (!obstacle) expect(sumOf(servers)).toBeCloseTo(1, 9);
}

it("whatever the mesh holds, every question has an answer in which all requests are accounted for", () => {
  fc.assert(
    fc.property(fc.array(anyResource, { maxLength: 40 }), question, (resources, asked) => {
      const { verdict, destinations, steps } = askIn(zone, stored(resources), asked);
      if (destinations.length > 0) expect(sumOf(destinations)).toBeCloseTo(1, 9);
      for (const destination of destinations) isSharedOut(destination);
      expect(verdict.share).toBeGreaterThanOrEqual(0);
      expect(verdict.share).toBeLessThanOrEqual(1);
      expect(verdict.reason === undefined).toBe(verdict.outcome === "reaches" || verdict.outcome === "answered");
      for (const { title, lines } of steps) expect([title, ...lines].join()).not.toMatch(/undefined|\[object|NaN/);
    }),
    { numRuns: 150 },
  );
});
