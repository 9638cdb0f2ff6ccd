import { typeUrls } from "@meridian/envoy";
import type { ZoneIngressSpec } from "@meridian/model";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { dataplaneDocument, ingressDocument, meshDocument, outboundTo } from "../testing/documents.ts";
import { failingStore, holdNext } from "../testing/failing-store.ts";
import { settle, until } from "../testing/until.ts";
import { helloOf, TestZone, type TestZoneOptions } from "../testing/zone.ts";
import { createGoodbyeHandler } from "./goodbye.ts";

const web = dataplaneDocument("web");
const webKey = { kind: "Dataplane", mesh: "default", name: "web" };
const graceMs = 1_000;

let zone: TestZone;
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "Date"] });
});
afterEach(async () => {
  vi.useRealTimers();
  await zone.stop();
});

async function start(options: TestZoneOptions = {}): Promise<void> {
  zone = await new TestZone({ graceMs, ...options }).start();
}

async function pass(milliseconds: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(milliseconds);
  await settle(50);
}

function isStored(key = webKey): Promise<boolean> {
  return zone.store.get(key).then((stored) => stored !== undefined);
}

async function sayGoodbye(document: object): Promise<number> {
  const { type, mesh, name } = document as { readonly type: string; readonly mesh?: string; readonly name: string };
  const { store, authenticator, registration } = zone;
  const handler = createGoodbyeHandler({ store, authenticator, registration });
  const body = JSON.stringify({ mesh, name, proxyType: type === "ZoneIngress" ? "ingress" : "dataplane" });
  return (await handler({ headers: {}, host: "cp", body })).status;
}

describe("a proxy that loses its stream", () => {
  it("is given a grace, and then its resource goes", async () => {
    await start();
    const proxy = await zone.connect(helloOf(web));
    proxy.disconnect();
    await pass(graceMs - 1);
    expect(await isStored()).toBe(true);
    await pass(1);
    expect(await isStored()).toBe(false);
  });

  it("keeps its resource when it comes back in time, and has the whole grace again the next time", async () => {
    await start();
    (await zone.connect(helloOf(web))).disconnect();
    await pass(graceMs - 1);
    const { version = 0 } = (await zone.store.get(webKey)) ?? {};
    (await zone.connect(helloOf(web))).disconnect();
    expect(await zone.store.get(webKey)).toMatchObject({ version });
    await pass(graceMs - 1);
    expect(await isStored()).toBe(true);
    await pass(1);
    expect(await isStored()).toBe(false);
  });

  it("keeps its resource when it comes back in the very moment of its removal", async () => {
    await start();
    (await zone.connect(helloOf(web))).disconnect();
    const held = holdNext(zone.store, "commit", (changes) => changes.some(({ op }) => op === "delete"));
    await pass(graceMs);
    await held.reached;
    const connecting = zone.connect(helloOf(web));
    await settle();
    held.release();
    const proxy = await connecting;
    await pass(2 * graceMs);
    expect(await isStored()).toBe(true);
    expect(proxy.names(typeUrls.listener)).toEqual(["inbound:10.0.0.1:80"]);
  });

  it("loses it though the store was away when its time had come", async () => {
    const database = failingStore();
    await start({ store: database.store });
    (await zone.connect(helloOf(web))).disconnect();
    database.isAway = true;
    await pass(graceMs);
    database.isAway = false;
    expect(await isStored()).toBe(true);
    await pass(2_000);
    expect(await isStored()).toBe(false);
  });

  it("still loses it when it comes back with one that is refused", async () => {
    await start();
    (await zone.connect(helloOf(web))).disconnect();
    const restrictions = [{ tags: { "kuma.io/service": "web" } }];
    await zone.put({ ...meshDocument("default"), constraints: { dataplaneProxy: { restrictions } } });
    await expect(zone.connect(helloOf(web))).rejects.toThrow("cannot be a member");
    await pass(graceMs);
    expect(await isStored()).toBe(false);
  });

  it("keeps it when the control plane stops", async () => {
    await start();
    const proxy = await zone.connect(helloOf(web));
    zone.registration.stop();
    proxy.disconnect();
    await pass(10 * graceMs);
    expect(await isStored()).toBe(true);
  });

  it("keeps it when another replica has its stream", async () => {
    await start();
    const other = await new TestZone({ store: zone.store, instanceId: "cp-2" }).start();
    (await zone.connect(helloOf(web))).disconnect();
    await other.feed.reached(await zone.store.revision());
    const there = await other.connect(helloOf(web));
    await pass(100);
    await pass(graceMs);
    expect(await isStored()).toBe(true);
    expect(there.isOpen).toBe(true);
    await other.stop();
  });
});

describe("a resource that was written over REST", () => {
  it("stays when its proxy leaves", async () => {
    await start();
    await zone.put(web);
    const proxy = await zone.connect(helloOf(web, { metadata: { "dataplane.resource": "" } }));
    await sayGoodbye(web);
    expect(await zone.store.get(webKey)).not.toMatchObject({ spec: { networking: { inbound: [{ state: "NotReady" }] } } });
    proxy.disconnect();
    await pass(10 * graceMs);
    expect(await isStored()).toBe(true);
  });

  it("stays when its writer took over what a proxy had registered", async () => {
    await start();
    const first = await zone.connect(helloOf(web));
    await zone.put(web);
    first.disconnect();
    await pass(10 * graceMs);
    expect(await isStored()).toBe(true);
  });
});

describe("a proxy that says goodbye", () => {
  it("gets no new requests at once, and its resource goes with its stream", async () => {
    await start();
    const client = await zone.connect(helloOf(dataplaneDocument("client", { outbound: [outboundTo("web")] })));
    const without = client.get(typeUrls.endpoint, "web")?.version;
    const proxy = await zone.serve(helloOf(web));
    expect(client.get(typeUrls.endpoint, "web")?.version).not.toBe(without);
    expect(await sayGoodbye(web)).toBe(200);
    await until(() => expect(client.get(typeUrls.endpoint, "web")?.version).toBe(without));
    expect(await isStored()).toBe(true);
    expect(proxy.names(typeUrls.listener)).toEqual(["inbound:10.0.0.1:80"]);
    proxy.disconnect();
    await until(async () => expect(await isStored()).toBe(false));
  });

  it("after its stream ended is not waited for any longer", async () => {
    await start();
    (await zone.connect(helloOf(web))).disconnect();
    await sayGoodbye(web);
    await until(async () => expect(await isStored()).toBe(false));
  });

  it("that this control plane has not seen yet is removed at once", async () => {
    await start();
    (await zone.connect(helloOf(web))).disconnect();
    await zone.stop();
    await start({ store: zone.store });
    expect(await isStored()).toBe(true);
    await sayGoodbye(web);
    await until(async () => expect(await isStored()).toBe(false));
  });

  it("and starts again is as good as new", async () => {
    await start();
    const first = await zone.connect(helloOf(web));
    await sayGoodbye(web);
    const second = await zone.connect(helloOf(web));
    expect(first.isOpen).toBe(false);
    expect(await zone.store.get(webKey)).not.toMatchObject({ spec: { networking: { inbound: [{ state: "NotReady" }] } } });
    second.disconnect();
    await pass(graceMs - 1);
    expect(await isStored()).toBe(true);
  });

  it("takes back what its ingress offers, and keeps it back", async () => {
    await start();
    const ingress = ingressDocument("ingress");
    const key = { kind: "ZoneIngress", mesh: "", name: "ingress" };
    const offers = async () => (await zone.store.get<ZoneIngressSpec>(key))?.spec.availableServices;
    await zone.connect(helloOf(ingress));
    await zone.serve(helloOf(web));
    await until(async () => expect(await offers()).toHaveLength(1));
    await sayGoodbye(ingress);
    expect(await offers()).toEqual([]);
    await zone.serve(helloOf(dataplaneDocument("api")));
    await settle();
    expect(await offers()).toEqual([]);
    await zone.connect(helloOf(ingress));
    await until(async () => expect(await offers()).toHaveLength(2));
  });

  it("needs a body that says who it is", async () => {
    await start();
    expect(await sayGoodbye({ type: "Dataplane" })).toBe(400);
    expect(await sayGoodbye(dataplaneDocument("unknown"))).toBe(200);
  });

  it("needs a token where proxies do", async () => {
    await start({ auth: "token" });
    await zone.put(web);
    expect(await sayGoodbye(web)).toBe(401);
  });
});

describe("an ingress that connects again", () => {
  it("never offers less than before", async () => {
    await start();
    const ingress = ingressDocument("ingress");
    await zone.connect(helloOf(ingress));
    await zone.serve(helloOf(web));
    const key = { kind: "ZoneIngress", mesh: "", name: "ingress" };
    await until(async () => expect(await zone.store.get(key)).toMatchObject({ spec: { availableServices: [{ instances: 1 }] } }));
    const revision = await zone.store.revision();
    await zone.connect(helloOf(ingress));
    await settle();
    expect((await zone.store.changes(revision)).entries).toEqual([]);
  });
});
