import { encodeResource, typeUrls } from "@meridian/envoy";
import { keyText, type Resource } from "@meridian/model";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createMeshView, generate } from "../generate.ts";
import { nothing, type OwnConfig, type PartResources, type Profile } from "../parts.ts";
import { anyMoves } from "../testing/arbitrary.ts";
import { proxies } from "../testing/arbitrary-world.ts";
import { sidecar } from "../testing/resources.ts";
import type { PolicyNote } from "../types.ts";
import { ZoneView } from "../view/zone-view.ts";
import type { AttachedProxy } from "./attached-proxy.ts";
import { createConfigEngine } from "./engine.ts";
import { markEndpointsChange, markPartChange } from "./part-changes.ts";
import { PolicyReachIndex } from "./policy-reach.ts";
import { pooledEncoder } from "./resource-pool.ts";
import { type ProfileDeps, SharedProfile } from "./shared-profile.ts";
import { SharedUnits } from "./shared-units.ts";
import { UnitGraph } from "./unit.ts";

const zone = "west";

test("after any changes each policy's proxies are those whose config names it, and what changed is told", {
  timeout: 600_000,
}, () => {
  fc.assert(
    fc.property(anyMoves, fc.infiniteStream(fc.boolean()), (moves, looksNow) => {
      const engine = createConfigEngine({ zone });
      const resources = new Map<string, Resource>();
      const attached = new Set<string>();
      const counts = new Map<string, number>();
      const look = (): void => {
        for (const policy of engine.policies.takeChanged()) counts.set(policy, engine.policies.count(policy));
      };
      for (const move of moves) {
        if (move.type === "attach") {
          engine.attach(move.proxy);
          attached.add(move.proxy.id);
        } else if (move.type === "detach") {
          engine.detach(move.proxy.id);
          attached.delete(move.proxy.id);
        } else {
          for (const change of move.changes) {
            if (change.op === "put") resources.set(keyText(change.resource), change.resource);
            else resources.delete(keyText(change.key));
          }
          const updates = [...engine.apply(move.changes).values()];
          const changed = updates.flatMap(({ patch }) => patch.changed.flatMap(({ origins }) => origins));
          const touched = engine.policies.takeTouched();
          expect(changed.filter((policy) => !touched.has(policy))).toEqual([]);
        }
        // Counts are brought up to date when somebody looks: that must not depend on how often.
        if (looksNow.next().value) look();
      }
      look();
      const view = createMeshView({ zone, resources: resources.values() });
      const expected = new Map<string, number>();
      for (const proxy of proxies) {
        if (!attached.has(proxy.id)) continue;
        const held = [...generate(proxy, view).resources.values()].flatMap((ofType) => [...ofType.values()]);
        const origins = new Set(held.flatMap((each) => each.origins));
        for (const policy of origins) expected.set(policy, (expected.get(policy) ?? 0) + 1);
        for (const policy of counts.keys()) expect(engine.policies.holds(proxy.id, policy)).toBe(origins.has(policy));
      }
      expect(new Map([...counts].filter(([, count]) => count > 0))).toEqual(expected);
    }),
    { numRuns: Number(process.env["LAW_RUNS"] ?? 100) },
  );
});

/** An index with profiles and proxies whose parts the test writes itself. */
function world() {
  const view = new ZoneView(zone);
  const encoder = pooledEncoder();
  const graph = new UnitGraph(view, encoder);
  const units = { graph, phase: "part" } as const;
  const deps: ProfileDeps = {
    graph,
    encoder,
    parts: new SharedUnits<PartResources>({ ...units, empty: { resources: [], endpoints: [] }, onChange: markPartChange }),
    endpoints: new SharedUnits<undefined>({
      ...units,
      empty: undefined,
      onChange: markEndpointsChange,
    }) as ProfileDeps["endpoints"],
  };
  const index = new PolicyReachIndex();
  return {
    index,
    profile(key: string, ...notes: readonly PolicyNote[]): SharedProfile {
      const part = { key, name: key, generate: (): PartResources => ({ resources: [], endpoints: [], notes }) };
      const profile: Profile = { key, parts: () => [{ part }], partsVary: false };
      return new SharedProfile(profile, deps);
    },
    attach(name: string, profile: SharedProfile, ...notes: readonly PolicyNote[]): AttachedProxy {
      const rest = { name, onStale: () => {} };
      const resources = [encodeResource(typeUrls.cluster, { name: "inbound" }, ["Own/default/p"])];
      const own = graph.add<OwnConfig>({ ...rest, phase: "own", empty: nothing, generate: () => ({ resources, notes }) });
      const wanted = graph.add<Profile | undefined>({ ...rest, phase: "profile", empty: undefined, generate: () => undefined });
      const proxy: AttachedProxy = { description: sidecar("default", name), own, wanted, profile };
      index.attached(proxy);
      profile.members.add(proxy);
      index.joined(proxy);
      return proxy;
    },
    detach(proxy: AttachedProxy): void {
      index.leaving(proxy);
      proxy.profile?.members.delete(proxy);
      proxy.profile = undefined;
      index.detached(proxy);
    },
  };
}

describe("notes", () => {
  const route = "MeshHTTPRoute/default/r";
  const missing = { policy: route, message: "no service b" };
  const tcp = { policy: route, message: "service c speaks TCP" };

  test("are told once per message, with the number of proxies that they are about", () => {
    const { index, profile, attach, detach } = world();
    const [one, other] = [profile("one", missing, missing), profile("other", missing, tcp)];
    const first = attach("a", one, missing);
    attach("b", one);
    attach("c", other);
    expect(index.takeChanged()).toEqual(new Set([route, "Own/default/p"]));
    expect(index.notes(route)).toEqual([
      { message: missing.message, proxies: 3 },
      { message: tcp.message, proxies: 1 },
    ]);
    expect([index.count(route), index.count("Own/default/p")]).toEqual([0, 3]);
    detach(first);
    expect(index.takeChanged()).toEqual(new Set([route, "Own/default/p"]));
    expect(index.notes(route)[0]).toEqual({ message: missing.message, proxies: 2 });
    expect(index.takeChanged()).toEqual(new Set());
  });

  test("of one proxy alone go with it, those of a profile with its last member", () => {
    const { index, profile, attach, detach } = world();
    const plain = profile("plain");
    const noted = profile("noted", tcp);
    const proxies = [attach("a", plain, missing), attach("b", noted)];
    expect(index.notes(route)).toHaveLength(2);
    for (const proxy of proxies) detach(proxy);
    for (const each of [plain, noted]) index.disposed(each);
    expect(index.takeChanged()).toContain(route);
    expect([index.notes(route), index.notes("no such policy")]).toEqual([[], []]);
  });
});
