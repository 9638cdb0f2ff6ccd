import { typeUrls } from "@meridian/envoy";
import type { PolicyCounts } from "@meridian/model";
import { nameKey } from "@meridian/services";
import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { dataplaneDocument, outboundTo, routeDocument } from "../testing/documents.ts";
import type { TestProxy } from "../testing/test-proxy.ts";
import { helloOf, TestZone } from "../testing/zone.ts";
import { PolicyStatusTracker } from "./policy-status.ts";
import { ProgressTracker } from "./progress.ts";

const canary = "TrafficRoute/default/canary";
const client = (name: string, address = "10.0.0.1") =>
  dataplaneDocument(name, { address, service: "web", outbound: [outboundTo("api")] });

let zone: TestZone;
afterEach(() => zone.stop());

async function started(...documents: readonly object[]): Promise<void> {
  zone = await new TestZone().start(...documents);
}

async function put(...documents: readonly object[]): Promise<number> {
  const revision = await zone.put(...documents);
  await zone.feed.reached(revision);
  return revision;
}

const counts = (policy = canary): PolicyCounts => zone.policies.of(policy).proxies;
const refused = { typeUrl: typeUrls.route, message: "missing ]", resources: [{ name: "outbound:api", origins: [canary] }] };

async function twoClients(): Promise<readonly [TestProxy, TestProxy]> {
  const api = dataplaneDocument("api-0", { service: "api", address: "10.0.0.7" });
  await started(api, routeDocument("canary", "api", { v1: 90, v2: 10 }));
  return [await zone.serve(helloOf(client("web-1"))), await zone.serve(helloOf(client("web-2", "10.0.0.2")))];
}

describe("where a policy stands in a zone", () => {
  it("counts connected proxies that hold it, and takes them as pending until they have answered", async () => {
    await started(routeDocument("canary", "api", { v1: 90, v2: 10 }));
    const proxy = await zone.connect(helloOf(client("web-1")));
    await zone.serve(helloOf(dataplaneDocument("other", { address: "10.0.0.3" })));
    expect(counts()).toEqual({ applied: 1, converged: 0, pending: 1, rejected: 0 });
    proxy.acknowledge();
    expect(counts()).toEqual({ applied: 1, converged: 1, pending: 0, rejected: 0 });
    proxy.disconnect();
    expect(counts()).toEqual({ applied: 0, converged: 0, pending: 0, rejected: 0 });
  });

  it("is told also when only what it asks for in vain differs, and no proxy is given anything", async () => {
    await started();
    const metadata = { features: ["feature-bind-outbounds"] };
    const proxy = await zone.serve(helloOf(client("web-1"), { metadata }));
    const by = "VirtualOutbound/default/late";
    const entry = { host: "web.mesh", aliases: [], ip: "240.0.0.1", ports: [{ port: 80, tags: { "kuma.io/service": "web" } }] };
    const commit = async (conflicts: readonly object[]): Promise<void> => {
      const resource = { ...nameKey("default", entry.host), labels: {}, spec: { ...entry, conflicts } };
      await zone.feed.reached((await zone.store.commit([{ op: "put", resource }], { author: "test" })).revision);
    };
    await commit([]);
    proxy.acknowledge();
    zone.policies.takeChanges();
    const told: number[] = [];
    zone.progress.progress.subscribe(() => told.push(zone.policies.takeChanges().get(by)?.notes.length ?? 0));
    await commit([{ by, message: "is taken" }]);
    expect(told.at(-1)).toBe(1);
    expect(zone.progress.progress.value.proxies.pending).toBe(0);
  });

  it("follows a change of the policy, and not one that has nothing to do with it", async () => {
    const [one, two] = await twoClients();
    const server = (name: string, address: string) =>
      dataplaneDocument(name, { service: "api", address, tags: { version: "v1" } });
    await put(server("api-1", "10.0.0.8"));
    for (const proxy of [one, two]) proxy.acknowledge();
    await put(server("api-2", "10.0.0.9"));
    expect(zone.progress.progress.value.proxies.pending).toBe(2);
    expect(counts()).toMatchObject({ applied: 2, converged: 2 });
    for (const proxy of [one, two]) proxy.acknowledge();
    await put(routeDocument("canary", "api", { v1: 50, v2: 50 }));
    expect(counts()).toMatchObject({ applied: 2, converged: 0, pending: 2 });
    one.acknowledge();
    expect(counts()).toMatchObject({ converged: 1, pending: 1 });
    two.acknowledge();
    expect(counts()).toMatchObject({ converged: 2, pending: 0 });
    await zone.feed.reached(await zone.remove("TrafficRoute", "default", "canary"));
    expect(counts()).toMatchObject({ applied: 0 });
  });

  it("tells what Envoy says against it with the proxies that say so, until it is mended", async () => {
    const [one, two] = await twoClients();
    const revision = await put(routeDocument("canary", "api", { v1: 50, v2: 50 }));
    for (const proxy of [one, two]) proxy.reject(refused);
    expect(zone.policies.of(canary)).toEqual({
      proxies: { applied: 2, converged: 0, pending: 0, rejected: 2 },
      rejections: [
        {
          message: "missing ]",
          proxies: 2,
          proxyNames: ["web-1", "web-2"],
          resources: ["outbound:api"],
          revision,
          time: expect.any(String),
        },
      ],
      notes: [],
    });
    await put(routeDocument("canary", "api", { v1: 60, v2: 40 }));
    one.acknowledge();
    expect(counts()).toEqual({ applied: 2, converged: 1, pending: 0, rejected: 1 });
    two.acknowledge();
    expect(zone.policies.of(canary)).toMatchObject({ proxies: { converged: 2 }, rejections: [] });
  });

  it("tells each change once", async () => {
    const [one, two] = await twoClients();
    expect(zone.policies.takeChanges().get(canary)?.proxies).toEqual({ applied: 2, converged: 2, pending: 0, rejected: 0 });
    expect(zone.policies.takeChanges()).toEqual(new Map());
    await put(routeDocument("canary", "api", { v1: 50, v2: 50 }));
    expect(zone.policies.takeChanges().get(canary)?.proxies.pending).toBe(2);
    for (const proxy of [one, two]) proxy.acknowledge();
    // Policies that share the route resource change along with it.
    expect([...zone.policies.takeChanges().keys()]).toContain(canary);
    for (const proxy of [one, two]) proxy.disconnect();
    expect(zone.policies.takeChanges()).toContainEqual([canary, undefined]);
    expect(zone.policies.all().has(canary)).toBe(false);
  });
});

it("changes that are taken now and then add up to the reports of a fresh look", async () => {
  await started();
  const policies = ["a", "b", "c"];
  const proxies = ["1", "2", "3"];
  const moves = fc.array(
    fc.record({
      type: fc.constantFrom("hold", "touch", "acknowledge", "reject", "leave", "take"),
      policy: fc.constantFrom(...policies),
      proxy: fc.constantFrom(...proxies),
    }),
    { maxLength: 40 },
  );
  fc.assert(
    fc.property(moves, (steps) => {
      const held = new Map<string, Set<string>>();
      const changed = new Set<string>();
      const touched = new Set<string>();
      const reach = {
        count: (policy: string) => [...held.values()].filter((of) => of.has(policy)).length,
        holds: (id: string, policy: string) => held.get(id)?.has(policy) ?? false,
        notes: () => [],
        takeChanged: () => taken(changed),
        hasChanged: false,
        takeTouched: () => taken(touched),
      };
      const progress = new ProgressTracker(false);
      const tracker = new PolicyStatusTracker({ reach, progress });
      const told = new Map<string, unknown>();
      const take = (): void => {
        for (const [policy, report] of tracker.takeChanges()) told.set(policy, report);
      };
      let generation = 1;
      for (const { type, policy, proxy } of steps) {
        const mine = held.get(proxy);
        if (type === "hold") {
          if (!mine) progress.connected(proxy, generation);
          held.set(proxy, new Set([...(mine ?? []), policy]));
          changed.add(policy);
        } else if (type === "touch") {
          generation += 1;
          touched.add(policy);
          tracker.stepped(generation);
          progress.advanced(
            generation,
            [...held].filter(([, of]) => of.has(policy)).map(([id]) => id),
          );
        } else if (type === "take") take();
        else if (mine && type === "acknowledge") progress.acknowledged(proxy, generation);
        else if (mine && type === "reject") {
          const rejection = { mesh: "default", proxy, typeUrl: "", resources: [], message: policy, policies: [], time: "" };
          const standing = policies.map((message) => ({ typeUrl: typeUrls.route, message }));
          const nack = { typeUrl: typeUrls.route, message: policy, generation, standing };
          progress.rejected(proxy, { nack, origins: [policy], describe: (revision) => ({ ...rejection, revision }) });
        } else if (mine && type === "leave") {
          held.delete(proxy);
          for (const each of mine) changed.add(each);
          progress.disconnected(proxy);
        }
      }
      take();
      const fresh = new PolicyStatusTracker({ reach, progress });
      for (const policy of policies) {
        const { proxies: now, rejections } = tracker.of(policy);
        expect(now.applied).toBe(now.converged + now.pending + now.rejected);
        expect(rejections).toEqual(fresh.of(policy).rejections);
        expect(told.get(policy) ?? fresh.of("no such policy")).toEqual(tracker.of(policy));
      }
    }),
    { numRuns: 300 },
  );
});

function taken(set: Set<string>): ReadonlySet<string> {
  const copy = new Set(set);
  set.clear();
  return copy;
}
