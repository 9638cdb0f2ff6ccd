import { typeUrls } from "@meridian/envoy";
import { afterEach, describe, expect, it } from "vitest";
import { dataplaneDocument, outboundTo, routeDocument } from "../testing/documents.ts";
import type { TestProxy } from "../testing/test-proxy.ts";
import { helloOf, TestZone } from "../testing/zone.ts";

const web = dataplaneDocument("web", { outbound: [outboundTo("api")] });
const api = dataplaneDocument("api", { address: "10.0.0.8" });
const canary = "TrafficRoute/default/canary";
const author = { author: "the global" };

let zone: TestZone;
afterEach(() => zone.stop());

async function connected(...documents: readonly object[]): Promise<TestProxy> {
  zone = await new TestZone().start();
  await put(api, ...documents);
  const proxy = await zone.connect(helloOf(web));
  proxy.acknowledge();
  return proxy;
}

async function put(...documents: readonly object[]): Promise<number> {
  const revision = await zone.put(...documents);
  await zone.feed.reached(revision);
  return revision;
}

function refused(...origins: readonly string[]) {
  return { typeUrl: typeUrls.route, message: "no such thing", resources: [{ name: "outbound:api", origins }] };
}

function rejections() {
  return zone.progress.progress.value.rejections;
}

describe("a config that a proxy rejects", () => {
  it("is put down to the policy that changed, not to all that shaped it", async () => {
    const permission = {
      type: "TrafficPermission",
      mesh: "default",
      name: "all",
      sources: [{ match: { "kuma.io/service": "*" } }],
      destinations: [{ match: { "kuma.io/service": "*" } }],
    };
    const proxy = await connected(permission);
    const revision = await put(routeDocument("canary", "api", { v1: 90, v2: 10 }));
    proxy.reject(refused(canary, "TrafficPermission/default/all"));
    expect(rejections()).toEqual([
      {
        mesh: "default",
        proxy: "web",
        typeUrl: typeUrls.route,
        resources: ["outbound:api"],
        message: "no such thing",
        policies: [canary],
        revision,
        time: expect.any(String),
      },
    ]);
  });

  it("of a proxy that just connected is put down to all that shaped it", async () => {
    const proxy = await connected(routeDocument("canary", "api", { v1: 1 }));
    proxy.reject(refused("Mesh//default", canary));
    expect(rejections()[0]?.policies).toEqual(["Mesh//default", canary]);
  });

  it("names the policy as its writer does", async () => {
    const proxy = await connected();
    const { type, name, mesh, ...spec } = routeDocument("canary-x7f", "api", { v1: 1 }) as Record<string, string>;
    const labels = { "kuma.io/display-name": "canary" };
    const resource = { kind: type ?? "", mesh: mesh ?? "", name: name ?? "", labels, spec };
    const { revision } = await zone.store.commit([{ op: "put", resource }], author);
    await zone.feed.reached(revision);
    proxy.reject(refused("TrafficRoute/default/canary-x7f"));
    expect(rejections()[0]?.policies).toEqual([canary]);
  });

  it("still names a policy that is gone by now", async () => {
    const proxy = await connected(routeDocument("canary", "api", { v1: 1 }));
    await zone.feed.reached(await zone.remove("TrafficRoute", "default", "canary"));
    proxy.reject(refused(canary));
    expect(rejections()[0]?.policies).toEqual([canary]);
  });

  it("counts as an answer, and is shown until a later one is accepted", async () => {
    const proxy = await connected();
    const revision = await put(routeDocument("canary", "api", { v1: 90, v2: 10 }));
    expect(zone.progress.progress.value.proxies.pending).toBe(1);
    proxy.reject(refused(canary));
    expect(zone.progress.progress.value).toMatchObject({ convergedRevision: revision, proxies: { pending: 0, rejected: 1 } });
    await put(routeDocument("canary", "api", { v1: 50, v2: 50 }));
    expect(rejections()).toHaveLength(1);
    proxy.acknowledge();
    expect(rejections()).toEqual([]);
  });

  it("is not answered for a later one that is still under way", async () => {
    const proxy = await connected();
    const first = await put(routeDocument("canary", "api", { v1: 90, v2: 10 }));
    proxy.acknowledge();
    const second = await put(routeDocument("canary", "api", { v1: 80, v2: 20 }));
    proxy.reject({ ...refused(canary), generation: first });
    expect(zone.progress.progress.value).toMatchObject({ convergedRevision: first, proxies: { pending: 1 } });
    proxy.acknowledge();
    expect(zone.progress.progress.value).toMatchObject({ convergedRevision: second, rejections: [] });
  });

  it("does not hide another: each is shown on its policy until that is mended", async () => {
    const [one, two] = [canary, "TrafficRoute/default/other"];
    const proxy = await connected();
    const complaint = (name: string, origin: string) => ({
      ...{ typeUrl: typeUrls.route, message: `${name} is wrong` },
      resources: [{ name, origins: ["Mesh//default", origin] }],
    });
    const [first, second] = [complaint("outbound:api", one), complaint("outbound:db", two)];
    await put(routeDocument("canary", "api", { v1: 90, v2: 10 }));
    proxy.reject(first);
    await put(routeDocument("other", "api", { v1: 1 }));
    proxy.reject({ ...second, standing: [first, second] });
    const revision = await put(dataplaneDocument("api-2", { service: "api", address: "10.0.0.7", tags: { version: "v1" } }));
    for (const each of [first, second]) proxy.reject({ ...each, isRepeated: true, standing: [first, second] });
    expect(rejections()).toMatchObject([
      { message: first.message, policies: [one], revision },
      { message: second.message, policies: [two], revision },
    ]);
    expect(zone.progress.progress.value.proxies.rejected).toBe(1);
    expect(zone.policies.of(one).rejections).toMatchObject([{ message: first.message, proxies: 1 }]);
    await put(routeDocument("canary", "api", { v1: 1 }));
    proxy.reject({ ...second, isRepeated: true, standing: [second] });
    expect(rejections()).toMatchObject([{ message: second.message, policies: [two] }]);
    expect(zone.policies.of(one).rejections).toEqual([]);
  });

  it("is forgotten with its proxy", async () => {
    const proxy = await connected();
    proxy.reject(refused(canary));
    proxy.disconnect();
    expect(rejections()).toEqual([]);
  });

  it("of a stream that was replaced says nothing of the new one", async () => {
    const first = await connected();
    await zone.connect(helloOf(web));
    first.reject(refused(canary));
    expect(rejections()).toEqual([]);
  });
});
