import { createMeshView, generate, type ProxyDescription } from "@meridian/generator";
import { keyText, type Resource } from "@meridian/model";
import fc from "fast-check";
import { expect, test } from "vitest";
import { dataplane, imageOf, mesh, permission, planFor, put, remove, trafficRoute } from "./testing/world.ts";
import type { ChangedProxy, ChangeGroup } from "./types.ts";
import type { ZoneImage } from "./zones/zone-image.ts";

const service = fc.constantFrom("a", "b", "c");
const version = fc.constantFrom("v1", "v2");
const anyResource: fc.Arbitrary<Resource> = fc.oneof(
  { weight: 1, arbitrary: fc.boolean().map(mesh) },
  {
    weight: 4,
    arbitrary: fc
      .record({ number: fc.integer({ min: 1, max: 4 }), service, version, calls: fc.uniqueArray(service, { maxLength: 3 }) })
      .map(({ number, ...options }) => dataplane(`d${number}`, { ...options, host: number })),
  },
  {
    weight: 3,
    arbitrary: fc
      .record({ name: fc.constantFrom("r0", "r1"), service, v1: fc.nat(3), v2: fc.nat(3), from: fc.constantFrom("*", "a") })
      .map(({ name, service: to, v1, v2, from }) => trafficRoute(name, to, { v1: v1 + 1, v2 }, from)),
  },
  {
    weight: 2,
    arbitrary: fc
      .record({ name: fc.constantFrom("p0", "p1"), from: fc.constantFrom("*", "a", "b"), to: fc.constantFrom("*", "b", "c") })
      .map(({ name, from, to }) => permission(name, from, to)),
  },
);
const anyChanges = fc.array(
  fc
    .tuple(anyResource, fc.integer({ min: 0, max: 3 }))
    .map(([resource, dice]) => (dice === 0 ? remove(resource) : put(resource))),
  { minLength: 1, maxLength: 4 },
);

/** Names with content hashes, sorted. */
function stateOf(proxy: ProxyDescription, resources: Iterable<Resource>): readonly string[] {
  const config = generate(proxy, createMeshView({ zone: "east", resources }));
  return [...config.resources.values()]
    .flatMap((ofType) => [...ofType.values()].map(({ typeUrl, name, version: hash }) => `${typeUrl} ${name} ${hash}`))
    .sort();
}

function predicted(proxy: ProxyDescription, image: readonly string[], groups: readonly ChangeGroup[]): readonly string[] {
  const steps = groups.find(({ proxies }) => proxies.some(isProxy(proxy)))?.steps ?? [];
  const state = new Set(image);
  for (const { before } of steps) if (before) expect(state.delete(textOf(before))).toBe(true);
  for (const { after } of steps) if (after) state.add(textOf(after));
  return [...state].sort();
}

function textOf({
  typeUrl,
  name,
  version: hash,
}: {
  readonly typeUrl: string;
  readonly name: string;
  readonly version: string;
}): string {
  return `${typeUrl} ${name} ${hash}`;
}

function isProxy({ mesh: ofMesh, name }: ProxyDescription) {
  return (changed: ChangedProxy) => changed.mesh === ofMesh && changed.name === name;
}

function withoutDeleted(image: ZoneImage, after: ReadonlyMap<string, Resource>): readonly ProxyDescription[] {
  return [...image.proxies.values()].filter(({ mesh: ofMesh, name }) =>
    after.has(keyText({ kind: "Dataplane", mesh: ofMesh, name })),
  );
}

test("applied for real, changes give exactly the configs that the plan predicted, and the plan leaves no trace", {
  timeout: 600_000,
}, () => {
  fc.assert(
    fc.property(fc.array(anyResource, { minLength: 4, maxLength: 14 }), anyChanges, anyChanges, (given, changes, others) => {
      const before = new Map([mesh(true), ...given].map((resource) => [keyText(resource), resource]));
      const image = imageOf("east", ...before.values());
      // Plans of others, in between, make no difference.
      planFor([image], others);
      const plan = planFor([image], changes);
      expect(plan.failures).toEqual([]);
      const after = new Map(before);
      for (const change of changes) {
        if (change.op === "put") after.set(keyText(change.resource), change.resource);
        else after.delete(keyText(change.key));
      }
      for (const proxy of withoutDeleted(image, after)) {
        expect(predicted(proxy, stateOf(proxy, before.values()), plan.groups)).toEqual(stateOf(proxy, after.values()));
      }
      image.follow(changes);
      expect(
        planFor(
          [image],
          changes.filter((change) => isFinal(change, after)),
        ).groups,
      ).toEqual([]);
    }),
    { numRuns: Number(process.env["LAW_RUNS"] ?? 100) },
  );
});

/** Of several changes of one key only the last one stands. */
function isFinal(change: ReturnType<typeof put>, after: ReadonlyMap<string, Resource>): boolean {
  if (change.op === "delete") return !after.has(keyText(change.key));
  return after.get(keyText(change.resource)) === change.resource;
}
