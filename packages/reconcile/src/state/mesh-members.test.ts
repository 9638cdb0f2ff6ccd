import type { DataplaneInbound } from "@meridian/model";
import { contributionTo, type Member, type ServiceSelector, servicesOf, Tally, unknownProxy } from "@meridian/services";
import fc from "fast-check";
import { expect, it } from "vitest";
import { MeshMembers } from "./mesh-members.ts";

const tags = fc.record(
  { "kuma.io/service": fc.constantFrom("web", "db"), version: fc.constantFrom("v1", "v2") },
  { requiredKeys: [] },
) as fc.Arbitrary<Record<string, string>>;
const inbound: fc.Arbitrary<DataplaneInbound> = fc.record({
  port: fc.constantFrom(80, 81),
  tags,
  state: fc.constantFrom("Ready", "NotReady", "Ignored"),
});
const selector: fc.Arbitrary<ServiceSelector> = fc.oneof(
  tags.map((dataplaneTags) => ({ dataplaneTags })),
  fc.constantFrom("a", "b").map((name) => ({ dataplaneRef: { name } })),
  fc.constantFrom({}, { team: "x" }).map((matchLabels) => ({ dataplaneLabels: { matchLabels } })),
  fc.constant({}),
);
const names = ["a", "b", "c"];
const change = fc.oneof(
  fc.record({
    dataplane: fc.constantFrom(...names),
    labels: fc.constantFrom<Record<string, string>>({}, { team: "x" }),
    inbounds: fc.option(fc.array(inbound, { maxLength: 3 }), { nil: undefined }),
  }),
  fc.record({ service: fc.constantFrom("s", "t"), selector: fc.option(selector, { nil: undefined }) }),
);

function facts(tally: Tally): object {
  return { counts: tally.counts, ports: tally.ports(), tags: tally.serviceTags(), isAvailable: tally.isAvailable };
}

it("finds by tokens whom looking at every data plane finds, and names whatever may differ", () => {
  fc.assert(
    fc.property(fc.array(change, { maxLength: 30 }), (changes) => {
      const index = new MeshMembers();
      const members = new Map<string, Member>();
      const selectors = new Map<string, ServiceSelector>();
      const counted = (wanted: ServiceSelector): object => {
        const tally = new Tally();
        for (const member of members.values()) tally.set(member.name, contributionTo(wanted, member));
        return facts(tally);
      };
      for (const step of changes) {
        const before = new Map([...selectors].map(([name]) => [name, facts(index.behind(name))]));
        let touched: ReadonlySet<string> = new Set(selectors.keys());
        if ("dataplane" in step) {
          const { dataplane: name, labels, inbounds } = step;
          const spec = { networking: { address: "10.0.0.1", inbound: inbounds ?? [] } };
          const member = inbounds && { name, labels, spec, state: unknownProxy };
          touched = index.set(name, member);
          if (member) members.set(name, member);
          else members.delete(name);
        } else {
          index.select(step.service, step.selector);
          if (step.selector) selectors.set(step.service, step.selector);
          else selectors.delete(step.service);
        }
        for (const [name, wanted] of selectors) {
          expect(facts(index.behind(name))).toEqual(counted(wanted));
          const was = before.get(name);
          if (was && !touched.has(name)) expect(facts(index.behind(name))).toEqual(was);
        }
        for (const service of ["web", "db"]) {
          expect(facts(index.offering(service))).toEqual(counted({ dataplaneTags: { "kuma.io/service": service } }));
        }
        const offered = [...members.values()].flatMap(({ spec }) => servicesOf(spec));
        expect([...index.services()].sort()).toEqual([...new Set(offered)].sort());
      }
    }),
  );
});
