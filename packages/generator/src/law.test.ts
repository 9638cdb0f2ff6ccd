import { keyText, type Resource } from "@meridian/model";
import fc from "fast-check";
import { expect, test } from "vitest";
import { createConfigEngine } from "./engine/engine.ts";
import { createMeshView, generate } from "./generate.ts";
import { anyMoves, anyResource } from "./testing/arbitrary.ts";
import { proxies } from "./testing/arbitrary-world.ts";
import { ProxyModel } from "./testing/proxy-model.ts";

const zone = "west";

test("after any changes in any order, each proxy holds what generating from scratch gives", { timeout: 600_000 }, () => {
  fc.assert(
    fc.property(anyMoves, (moves) => {
      const engine = createConfigEngine({ zone });
      const resources = new Map<string, Resource>();
      const models = new Map<string, ProxyModel>();
      for (const move of moves) {
        if (move.type === "attach") models.set(move.proxy.id, new ProxyModel(engine.attach(move.proxy)));
        else if (move.type === "detach") {
          engine.detach(move.proxy.id);
          models.delete(move.proxy.id);
        } else {
          for (const change of move.changes) {
            if (change.op === "put") resources.set(keyText(change.resource), change.resource);
            else resources.delete(keyText(change.key));
          }
          for (const [id, update] of engine.apply(move.changes)) {
            const model = models.get(id);
            if (!model) throw new Error(`update for ${id}, which is not attached`);
            model.apply(update);
          }
        }
        const view = createMeshView({ zone, resources: resources.values() });
        for (const proxy of proxies) {
          const model = models.get(proxy.id);
          if (model) expect(model.state).toEqual(new ProxyModel(generate(proxy, view)).state);
        }
        expect(engine.failures).toEqual([]);
      }
    }),
    { numRuns: Number(process.env["LAW_RUNS"] ?? 100) },
  );
});

test("the order of the resources makes no difference", () => {
  const twoOrders = fc
    .uniqueArray(anyResource, { selector: keyText, minLength: 5, maxLength: 25 })
    .chain((resources) => fc.tuple(fc.constant(resources), fc.shuffledSubarray(resources, { minLength: resources.length })));
  fc.assert(
    fc.property(twoOrders, ([one, other]) => {
      const [a, b] = [one, other].map((resources) => createMeshView({ zone, resources }));
      for (const proxy of proxies) {
        if (a && b) expect(new ProxyModel(generate(proxy, a)).state).toEqual(new ProxyModel(generate(proxy, b)).state);
      }
    }),
    { numRuns: 100 },
  );
});
