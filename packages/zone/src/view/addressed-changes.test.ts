import { typeUrls } from "@meridian/envoy";
import { labelNames } from "@meridian/model";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { dataplaneDocument, ingressDocument, meshDocument, outboundTo } from "../testing/documents.ts";
import { endpointsOf } from "../testing/endpoints.ts";
import type { TestProxy } from "../testing/test-proxy.ts";
import { settle, until } from "../testing/until.ts";
import { helloOf, TestZone } from "../testing/zone.ts";

const intervalMs = 5_000;
const client = dataplaneDocument("client", { outbound: [outboundTo("web")] });

let zone: TestZone;
let hosts: Map<string, readonly string[]>;
let asked: string[];

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval"] });
  hosts = new Map();
  asked = [];
});
afterEach(async () => {
  vi.useRealTimers();
  await zone.stop();
});

async function lookup(host: string): Promise<readonly string[]> {
  asked.push(host);
  const addresses = hosts.get(host);
  if (!addresses) throw new Error("ENOTFOUND");
  return addresses;
}

async function start(...documents: readonly object[]): Promise<void> {
  zone = await new TestZone({ lookup, lookupIntervalMs: intervalMs }).start(...documents);
}

async function put(...documents: readonly object[]): Promise<void> {
  await zone.feed.reached(await zone.put(...documents));
}

async function nextLookup(): Promise<void> {
  await vi.advanceTimersByTimeAsync(intervalMs);
  await settle(50);
}

function webSeenBy(proxy: TestProxy): readonly string[] {
  return endpointsOf(proxy, "web");
}

/** An ingress of zone west, as this zone gets it from the global. */
function remoteIngress(advertisedAddress: string): Parameters<TestZone["store"]["commit"]>[0][number] {
  const { networking } = ingressDocument("ingress-of-west", { advertisedAddress }) as { readonly networking: object };
  const availableServices = [{ mesh: "default", tags: { "kuma.io/service": "web" }, instances: 1 }];
  const labels = { [labelNames.zone]: "west", [labelNames.origin]: "global" };
  const spec = { zone: "west", networking, availableServices };
  return { op: "put", resource: { kind: "ZoneIngress", mesh: "", name: "ingress-of-west", labels, spec } };
}

describe("a host name as the address of a data plane", () => {
  it("is resolved for itself and for others, and stays a name for users", async () => {
    hosts.set("web.internal", ["10.0.0.7"]);
    await start();
    const other = await zone.connect(helloOf(client));
    const proxy = await zone.serve(helloOf(dataplaneDocument("web", { address: "web.internal" })));
    proxy.acknowledge();
    await until(() => expect(webSeenBy(other)).toEqual(["10.0.0.7:80"]));
    expect(proxy.names(typeUrls.listener)).toEqual(["inbound:10.0.0.7:80"]);
    expect(await zone.store.get({ kind: "Dataplane", mesh: "default", name: "web" })).toMatchObject({
      spec: { networking: { address: "web.internal" } },
    });
  });

  it("is resolved before a start is over, so that nobody loses an endpoint meanwhile", async () => {
    hosts.set("web.internal", ["10.0.0.7"]);
    await start(dataplaneDocument("web", { address: "web.internal" }));
    expect(webSeenBy(await zone.connect(helloOf(client)))).toEqual(["10.0.0.7:80"]);
  });

  it("that cannot be resolved gives nothing to listen on, until it can", async () => {
    await start();
    const proxy = await zone.connect(helloOf(dataplaneDocument("web", { address: "web.internal" })));
    proxy.acknowledge();
    expect(proxy.names(typeUrls.listener)).toEqual([]);
    hosts.set("web.internal", ["10.0.0.7"]);
    await nextLookup();
    await until(() => expect(proxy.names(typeUrls.listener)).toEqual(["inbound:10.0.0.7:80"]));
    expect(zone.progress.progress.value.proxies.pending).toBe(0);
  });

  it("does not hold up a start for ever", async () => {
    let isStarted = false;
    zone = new TestZone({ lookup: () => new Promise(() => {}) });
    const starting = zone.start(dataplaneDocument("web", { address: "web.internal" })).then(() => {
      isStarted = true;
    });
    await until(async () => {
      await vi.advanceTimersByTimeAsync(1_000);
      expect(isStarted).toBe(true);
    });
    await starting;
  });

  it("is looked up again, and a new address takes the place of the old one", async () => {
    hosts.set("web.internal", ["10.0.0.7"]);
    await start(dataplaneDocument("web", { address: "web.internal" }));
    const other = await zone.connect(helloOf(client));
    hosts.set("web.internal", ["10.0.0.8"]);
    await nextLookup();
    await until(() => expect(webSeenBy(other)).toEqual(["10.0.0.8:80"]));
  });

  it("keeps its address while DNS is away, or gives its answers in another order", async () => {
    hosts.set("web.internal", ["10.0.0.9", "10.0.0.7"]);
    await start(dataplaneDocument("web", { address: "web.internal" }));
    const other = await zone.connect(helloOf(client));
    expect(webSeenBy(other)).toEqual(["10.0.0.7:80"]);
    hosts.set("web.internal", ["10.0.0.6", "10.0.0.7"]);
    await nextLookup();
    hosts.delete("web.internal");
    await nextLookup();
    expect(webSeenBy(other)).toEqual(["10.0.0.7:80"]);
    expect(other.pushes).toEqual([]);
  });

  it("is not looked up any longer when nobody uses it", async () => {
    hosts.set("web.internal", ["10.0.0.7"]).set("other.internal", ["10.0.0.8"]);
    await start(dataplaneDocument("web", { address: "web.internal" }));
    await put(dataplaneDocument("web", { address: "other.internal" }));
    await until(() => expect(asked).toContain("other.internal"));
    asked.length = 0;
    await nextLookup();
    expect(asked).toEqual(["other.internal"]);
    await zone.feed.reached(await zone.remove("Dataplane", "default", "web"));
    asked.length = 0;
    await nextLookup();
    expect(asked).toEqual([]);
  });
});

describe("a host name that is advertised", () => {
  it("by a data plane is resolved for others only", async () => {
    hosts.set("web.public", ["203.0.113.5"]);
    await start();
    const other = await zone.connect(helloOf(client));
    const proxy = await zone.serve(helloOf(dataplaneDocument("web", { advertisedAddress: "web.public" })));
    proxy.acknowledge();
    await until(() => expect(webSeenBy(other)).toEqual(["203.0.113.5:80"]));
    expect(proxy.names(typeUrls.listener)).toEqual(["inbound:10.0.0.1:80"]);
  });

  it("that cannot be resolved costs the endpoint, not the proxy", async () => {
    await start();
    const other = await zone.connect(helloOf(client));
    const proxy = await zone.connect(helloOf(dataplaneDocument("web", { advertisedAddress: "web.public" })));
    proxy.acknowledge();
    expect(proxy.names(typeUrls.listener)).toEqual(["inbound:10.0.0.1:80"]);
    expect(webSeenBy(other)).toEqual([]);
  });

  it("of a zone egress is where clients find it", async () => {
    hosts.set("egress.internal", ["10.0.0.8"]);
    const spec = { match: { type: "HostnameGenerator", port: 80 }, endpoints: [{ address: "192.0.2.1", port: 80 }] };
    const partner = { type: "MeshExternalService", mesh: "default", name: "partner", spec };
    await start(meshDocument("default", { backend: {} }), partner);
    const toPartner = { port: 9000, backendRef: { kind: "MeshExternalService", name: "partner" } };
    const other = await zone.connect(helloOf(dataplaneDocument("client", { outbound: [toPartner] })));
    const document = { type: "ZoneEgress", name: "egress-1", networking: { address: "egress.internal", port: 10002 } };
    const proxy = await zone.serve(helloOf(document));
    await until(() => expect(endpointsOf(other, "default_partner__east_extsvc_80")).toEqual(["10.0.0.8:10002"]));
    expect(proxy.names(typeUrls.listener)).toEqual(["inbound:10.0.0.8:10002"]);
  });

  it("by the ingress of another zone leads there, and the old address serves until a new name is resolved", async () => {
    hosts.set("west.example", ["198.51.100.7"]);
    await start(meshDocument("default", { backend: {} }));
    const other = await zone.connect(helloOf(client));
    await zone.store.commit([remoteIngress("west.example")], { author: "the global" });
    await until(() => expect(webSeenBy(other)).toEqual(["198.51.100.7:30001"]));
    const { revision } = await zone.store.commit([remoteIngress("new.example")], { author: "the global" });
    await zone.feed.reached(revision);
    await settle(50);
    expect(webSeenBy(other)).toEqual(["198.51.100.7:30001"]);
    hosts.set("new.example", ["198.51.100.8"]);
    await nextLookup();
    await until(() => expect(webSeenBy(other)).toEqual(["198.51.100.8:30001"]));
  });
});
