import type { ResourceInput } from "@meridian/model";
import { type NameSpec, vipOf } from "@meridian/services";
import fc from "fast-check";
import { expect, it } from "vitest";
import {
  dataplane,
  externalService,
  hostnameGenerator,
  mesh,
  multiZoneService,
  outside,
  ownService,
  remoteIngress,
  remoteService,
  virtualOutbound,
  ZoneStore,
} from "./testing/zone-store.ts";

const names = fc.constantFrom("web", "db");
const resource: fc.Arbitrary<ResourceInput> = fc.oneof(
  fc.constantFrom("Disabled", "Everywhere").map((mode) => mesh(mode)),
  fc
    .tuple(fc.constantFrom("dp-1", "dp-2", "dp-3"), names, fc.constantFrom({}, { "kuma.io/workload": "shop" }))
    .map(([name, service, labels]) => dataplane(name, service, { labels })),
  names.map(externalService),
  names.map((service) => outside(service, `${service}.example:443`)),
  fc.constantFrom("a", "b").map((name) => virtualOutbound(name, "{{.svc}}.mesh")),
  fc.constantFrom("c", "d").map((name) => virtualOutbound(name, `{{.svc}}.${name}`)),
  names.map((service) => remoteIngress("west", service)),
  names.map((name) => remoteService(name, "west")),
  names.map((name) => multiZoneService("joined", { "kuma.io/display-name": name })),
  names.map((service) => ownService("mine", { selector: { dataplaneTags: { "kuma.io/service": service } } })),
  fc
    .tuple(
      fc.constantFrom("meshService", "meshExternalService"),
      fc.constantFrom("{{ .DisplayName }}.mesh", "same.mesh", "{{ .X"),
    )
    .map(([kind, template]) => hostnameGenerator("g", kind, template)),
);
const step = fc.record({ resource, isRemoved: fc.boolean(), restarts: fc.boolean(), settles: fc.boolean() });

it("whatever changes in whatever order, what is written in the end is what working it out afresh gives", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
      const zone = new ZoneStore();
      const held = new Map<string, string>();
      await zone.put(mesh("Everywhere"));
      await zone.start();
      for (const { resource: one, isRemoved, restarts, settles } of steps) {
        if (restarts) {
          await zone.stop();
          await zone.start();
        }
        if (isRemoved && one.kind !== "Mesh") await zone.remove(one);
        else await zone.put(one);
        if (settles) await zone.settled();
      }
      await zone.settled();
      for (const kind of ["MeshService", "MeshExternalService", "MeshMultiZoneService"]) {
        for (const { name, status } of await zone.store.list(kind)) {
          const vip = vipOf(status) ?? "";
          expect(held.get(vip)).toBeUndefined();
          held.set(vip, `${kind}/${name}`);
        }
      }
      for (const { mesh, name, spec } of await zone.store.list<NameSpec>("Config")) {
        if (spec.ip === undefined) continue;
        expect(held.get(spec.ip)).toBeUndefined();
        held.set(spec.ip, `${mesh}/${name}`);
      }
      await zone.stop();
      const revision = await zone.store.revision();
      await zone.start();
      expect(await zone.unsettled()).toEqual([]);
      await zone.stop();
      expect(await zone.store.revision()).toBe(revision);
    }),
    { numRuns: 40, endOnFailure: true },
  );
}, 60_000);
