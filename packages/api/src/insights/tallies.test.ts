import type { Resource } from "@meridian/model";
import { createMemoryStore } from "@meridian/store";
import fc from "fast-check";
import { expect, test } from "vitest";
import { clock, kinds } from "../testing/test-api.ts";
import { announceInsights, onAnnouncedInsights } from "./announced-insights.ts";
import { globalCounts } from "./global-view.ts";
import { meshInsight, serviceInsight } from "./mesh-view.ts";
import { Tallies } from "./tallies.ts";

type Step =
  | { readonly op: "put"; readonly kind: string; readonly name: string; readonly service: string; readonly isReady: boolean }
  | { readonly op: "delete"; readonly kind: string; readonly name: string }
  | { readonly op: "connect"; readonly kind: string; readonly name: string; readonly version: string | undefined };

const kind = fc.constantFrom("Dataplane", "ZoneIngress", "ExternalService", "TrafficRoute");
const name = fc.constantFrom("a", "b", "c");
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ op: fc.constant("put" as const), kind, name, service: fc.constantFrom("web", "api"), isReady: fc.boolean() }),
  fc.record({ op: fc.constant("delete" as const), kind, name }),
  fc.record({
    op: fc.constant("connect" as const),
    kind,
    name,
    version: fc.option(fc.constantFrom("1", "2"), { nil: undefined }),
  }),
);

function resourceOf({ kind: of, name: called, service, isReady }: Extract<Step, { op: "put" }>): Resource {
  const tags = { "kuma.io/service": service };
  const networking = { address: "10.0.0.1", inbound: [{ port: 80, tags, state: isReady ? "Ready" : "NotReady" }] };
  const mesh = kinds.get(of)?.scope === "mesh" ? "default" : "";
  const times = { version: 1, creationTime: "2026-01-01T00:00:00Z", modificationTime: "2026-01-01T00:00:00Z" };
  return { kind: of, mesh, name: called, labels: { "kuma.io/zone": `zone-${called}` }, spec: { tags, networking }, ...times };
}

function insightOf({ kind: of, name: called, version }: Extract<Step, { op: "connect" }>) {
  const mesh = kinds.get(of)?.scope === "mesh" ? "default" : "";
  const key = { kind: `${of}Insight`, mesh, name: called };
  const connection = { connectTime: "2026-01-01T00:00:00Z", version: { kumaDp: { version } } };
  const mTLS = { issuedBackend: `ca-${version}`, supportedBackends: [`ca-${version}`] };
  return { key, entry: version === undefined ? undefined : { key, value: { subscriptions: [connection], mTLS } } };
}

function run(tallies: Tallies, one: Step): void {
  if (one.op === "put") tallies.put(resourceOf(one));
  else if (one.op === "delete") {
    const mesh = kinds.get(one.kind)?.scope === "mesh" ? "default" : "";
    tallies.apply({ revision: 1, op: "delete", key: { kind: one.kind, mesh, name: one.name } });
  } else if (one.kind !== "ExternalService" && one.kind !== "TrafficRoute") {
    const { key, entry } = insightOf(one);
    tallies.setInsight(key, entry);
  }
}

function seen(tallies: Tallies): unknown {
  const isHeard = (zone: string): boolean => zone !== "zone-c";
  const mesh = tallies.mesh("default");
  return {
    global: globalCounts(tallies, kinds, isHeard),
    mesh: meshInsight(mesh, isHeard, (of) => of === "TrafficRoute"),
    services: mesh.serviceNames().map((service) => serviceInsight(mesh, service, isHeard)),
  };
}

/** The last word on each resource and on each insight. */
function lastSteps(steps: readonly Step[]): readonly Step[] {
  const last = new Map(steps.map((one) => [`${one.op === "connect" ? "insight" : "resource"} ${one.kind} ${one.name}`, one]));
  return [...last.values()];
}

test("any order of changes gives what counting afresh gives", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const grown = new Tallies(kinds);
      for (const one of steps) run(grown, one);
      const fresh = new Tallies(kinds);
      for (const one of lastSteps(steps)) run(fresh, one);
      expect(seen(grown)).toEqual(seen(fresh));
    }),
  );
});

test("only an insight that says something else is announced, to whoever listens", async () => {
  const inner = createMemoryStore({ clock });
  const store = announceInsights(inner);
  const heard: string[] = [];
  onAnnouncedInsights(inner.bus, (keys) => heard.push(...keys.map((key) => key.name)));
  const put = (called: string, value: object) =>
    store.putStatus([{ key: { kind: "DataplaneInsight", mesh: "default", name: called }, value }]);
  const connection = { connectTime: "2026-01-01T00:00:00Z" };
  await put("a", { subscriptions: [{ ...connection, status: { total: { responsesSent: "1" } } }] });
  await put("a", { subscriptions: [{ ...connection, status: { total: { responsesSent: "2" } } }] });
  expect(heard).toEqual(["a"]);
  await put("a", { subscriptions: [{ ...connection, disconnectTime: "2026-01-01T01:00:00Z" }] });
  await store.deleteStatus([{ kind: "DataplaneInsight", mesh: "default", name: "a" }]);
  expect(heard).toEqual(["a", "a", "a"]);

  const many = Array.from({ length: 500 }, (_, index) => `proxy-${index}-${"x".repeat(100)}`);
  const keys = many.map((called) => ({ kind: "DataplaneInsight", mesh: "default", name: called }));
  await store.putStatus(keys.map((key) => ({ key, value: { subscriptions: [connection] } })));
  expect(heard.slice(3)).toEqual(many);
});
