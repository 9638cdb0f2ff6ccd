import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { ProxyInsight } from "../insights/insight.ts";
import { dataplaneDocument, ingressDocument } from "../testing/documents.ts";
import { failingStore } from "../testing/failing-store.ts";
import { settle, until } from "../testing/until.ts";
import { helloOf, TestZone, type TestZoneOptions } from "../testing/zone.ts";

const web = dataplaneDocument("web");
const keyOf = (name: string) => ({ kind: "Dataplane", mesh: "default", name });
const timeoutMs = 60_000;

const running: TestZone[] = [];
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "Date"] });
});
afterEach(async () => {
  vi.useRealTimers();
  for (const zone of running.splice(0)) await zone.stop();
});

async function start(options: TestZoneOptions = {}): Promise<TestZone> {
  const zone = await new TestZone({ registrationTimeoutMs: timeoutMs, ...options }).start();
  running.push(zone);
  return zone;
}

async function pass(milliseconds: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(milliseconds);
  await settle(50);
}

/** A control plane in its next life: the one before was killed, so that nobody wrote a last word. */
async function restart(killed: TestZone, options: TestZoneOptions = {}): Promise<TestZone> {
  await pass(100);
  await killed.kill();
  return start({ store: killed.store, instanceId: "cp-2", ...options });
}

async function insightOf(zone: TestZone, name: string): Promise<ProxyInsight | undefined> {
  return (await zone.store.getStatus<ProxyInsight>({ ...keyOf(name), kind: "DataplaneInsight" }))?.value;
}

describe("after a restart", () => {
  it("a proxy that does not come back is removed when its time is over", async () => {
    const first = await start();
    await first.connect(helloOf(web));
    await first.connect(helloOf(ingressDocument("ingress")));
    const zone = await restart(first);
    await pass(timeoutMs - 10_000);
    expect(await zone.store.get(keyOf("web"))).toBeDefined();
    await pass(20_000);
    expect(await zone.store.get(keyOf("web"))).toBeUndefined();
    expect(await zone.store.get({ kind: "ZoneIngress", mesh: "", name: "ingress" })).toBeUndefined();
    expect(await insightOf(zone, "web")).toBeUndefined();
  });

  it("one that comes back stays, and so does what was written over REST", async () => {
    const first = await start();
    await first.connect(helloOf(web));
    await first.put(dataplaneDocument("written"));
    const zone = await restart(first);
    const proxy = await zone.connect(helloOf(web));
    await pass(2 * timeoutMs);
    expect(proxy.isOpen).toBe(true);
    expect(await zone.store.get(keyOf("web"))).toBeDefined();
    expect(await zone.store.get(keyOf("written"))).toBeDefined();
  });

  it("the ingress of another zone is left to that zone", async () => {
    const first = await start();
    await first.connect(helloOf(ingressDocument("ingress")));
    const stored = await first.store.get({ kind: "ZoneIngress", mesh: "", name: "ingress" });
    const synced = { ...stored, name: "ingress-of-west", labels: { ...stored?.labels, "kuma.io/origin": "global" } };
    await first.store.commit([{ op: "put", resource: synced as never }], { author: "the global" });
    const zone = await restart(first);
    await pass(2 * timeoutMs);
    expect(await zone.store.get({ kind: "ZoneIngress", mesh: "", name: "ingress-of-west" })).toBeDefined();
  });

  it("no proxy is called connected that is not", async () => {
    const first = await start();
    await first.put(dataplaneDocument("written"));
    await first.connect(helloOf(dataplaneDocument("written"), { metadata: { "dataplane.resource": "" } }));
    await pass(100);
    const zone = await restart(first);
    expect((await insightOf(zone, "written"))?.subscriptions?.at(-1)?.disconnectTime).toBeUndefined();
    await pass(100);
    expect((await insightOf(zone, "written"))?.subscriptions?.at(-1)).toMatchObject({
      controlPlaneInstanceId: "cp-1",
      disconnectTime: expect.any(String),
    });
  });

  it("what another replica has connected is left alone", async () => {
    const first = await start();
    const proxy = await first.connect(helloOf(web));
    await pass(100);
    const second = await start({ store: first.store, instanceId: "cp-2" });
    await pass(2 * timeoutMs);
    expect(proxy.isOpen).toBe(true);
    expect(await second.store.get(keyOf("web"))).toBeDefined();
    expect((await insightOf(second, "web"))?.subscriptions?.at(-1)?.disconnectTime).toBeUndefined();
  });

  it("a store that is away then costs nothing but time", async () => {
    const database = failingStore();
    const first = await start({ store: database.store });
    await first.connect(helloOf(web));
    const zone = await restart(first);
    await pass(timeoutMs - 10_000);
    database.isAway = true;
    await pass(20_000);
    database.isAway = false;
    expect(await zone.store.get(keyOf("web"))).toBeDefined();
    await pass(30_000);
    await until(async () => expect(await zone.store.get(keyOf("web"))).toBeUndefined());
  });
});
