import type { Clock } from "@meridian/base";
import { typeUrls } from "@meridian/envoy";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { dataplaneDocument, ingressDocument, meshDocument, routeDocument } from "../testing/documents.ts";
import { failingStore, holdNext } from "../testing/failing-store.ts";
import { settle, until } from "../testing/until.ts";
import { helloOf, TestZone, type TestZoneOptions } from "../testing/zone.ts";
import type { ProxyInsight } from "./insight.ts";

const web = dataplaneDocument("web");
const version = { kumaDp: { version: "2.14.3" }, envoy: { version: "1.40.0" } };
const intervalMs = 1_000;
const clock: Clock = { now: () => Date.now() };

let zone: TestZone;
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "Date"] });
});
afterEach(async () => {
  vi.useRealTimers();
  await zone.stop();
});

async function start(options: TestZoneOptions = {}, ...documents: readonly object[]): Promise<void> {
  zone = await new TestZone({ insightIntervalMs: intervalMs, graceMs: 60_000, clock, ...options }).start(...documents);
}

async function pass(milliseconds = intervalMs): Promise<void> {
  await vi.advanceTimersByTimeAsync(milliseconds);
  await settle(20);
}

async function insight(kind = "DataplaneInsight", mesh = "default", name = "web"): Promise<ProxyInsight | undefined> {
  return (await zone.store.getStatus<ProxyInsight>({ kind, mesh, name }))?.value;
}

describe("the insight of a proxy", () => {
  it("says who it is and where it is connected", async () => {
    await start();
    await zone.connect(helloOf(web, { metadata: { version, features: ["feature-delta-grpc"] } }));
    await pass();
    expect(await insight()).toMatchObject({
      subscriptions: [{ controlPlaneInstanceId: "cp-1", connectTime: expect.any(String), version }],
      metadata: { features: ["feature-delta-grpc"], "dataplane.proxyType": "dataplane" },
    });
    expect(await insight()).not.toHaveProperty("subscriptions.0.disconnectTime");
  });

  it("is that of its kind", async () => {
    await start();
    await zone.connect(helloOf(ingressDocument("ingress")));
    await pass();
    expect(await insight("ZoneIngressInsight", "", "ingress")).toMatchObject({ subscriptions: [{}] });
  });

  it("counts responses, in all and by type, as text", async () => {
    await start();
    const proxy = await zone.connect(helloOf(web));
    for (const typeUrl of [typeUrls.cluster, typeUrls.listener, typeUrls.secret]) {
      proxy.count("sent", typeUrl);
      proxy.count("acknowledged", typeUrl);
    }
    proxy.count("sent", typeUrls.route);
    proxy.count("rejected", typeUrls.route);
    await pass();
    const one = { responsesSent: "1", responsesAcknowledged: "1", responsesRejected: "0" };
    expect((await insight())?.subscriptions?.[0]?.status).toMatchObject({
      total: { responsesSent: "4", responsesAcknowledged: "3", responsesRejected: "1" },
      cds: one,
      lds: one,
      sds: one,
      rds: { responsesSent: "1", responsesAcknowledged: "0", responsesRejected: "1" },
    });
  });

  it("shows its certificate", async () => {
    await start({}, meshDocument("default", { backend: { dpCert: { rotation: { expiration: "10m" } } } }));
    await zone.connect(helloOf(web));
    await pass();
    expect((await insight())?.mTLS).toMatchObject({
      issuedBackend: "ca-1",
      supportedBackends: ["ca-1"],
      certificateRegenerations: 1,
    });
    await pass(7 * 60_000);
    await until(async () => {
      await pass();
      expect((await insight())?.mTLS?.certificateRegenerations).toBe(2);
    });
    const { lastCertificateRegeneration = "", certificateExpirationTime = "" } = (await insight())?.mTLS ?? {};
    expect(Date.parse(certificateExpirationTime) - Date.parse(lastCertificateRegeneration)).toBeCloseTo(600_000, -4);
  });

  it("shows the refusal that is in force, with the policy behind it", async () => {
    await start();
    const proxy = await zone.connect(helloOf(web));
    const revision = await zone.put(routeDocument("canary", "web", { v1: 1 }));
    await zone.feed.reached(revision);
    proxy.reject({
      typeUrl: typeUrls.route,
      resources: [{ name: "r", origins: ["TrafficRoute/default/canary"] }],
      generation: revision,
    });
    await pass();
    expect((await insight())?.rejection).toMatchObject({ policies: ["TrafficRoute/default/canary"], revision });
    proxy.acknowledge(revision + 1);
    await pass();
    expect(await insight()).not.toHaveProperty("rejection");
  });

  it("says when it was disconnected, at once for an operator's eyes", async () => {
    await start();
    const proxy = await zone.connect(helloOf(web));
    await pass();
    proxy.disconnect();
    await pass();
    expect((await insight())?.subscriptions?.[0]).toMatchObject({
      disconnectTime: new Date(Date.now() - intervalMs).toISOString(),
    });
  });

  it("keeps the stream before the present one, and no more", async () => {
    await start();
    for (let stream = 0; stream < 4; stream++) {
      const proxy = await zone.connect(helloOf(web));
      await pass();
      if (stream < 3) proxy.disconnect();
      await pass();
    }
    const subscriptions = (await insight())?.subscriptions ?? [];
    expect(subscriptions).toHaveLength(2);
    expect(subscriptions[0]).toHaveProperty("disconnectTime");
    expect(subscriptions[1]).not.toHaveProperty("disconnectTime");
  });

  it("closes what an earlier control plane left open", async () => {
    await start();
    const left = { subscriptions: [{ id: "old", controlPlaneInstanceId: "cp-0", connectTime: "2026-01-01T00:00:00Z" }] };
    await zone.store.putStatus([{ key: { kind: "DataplaneInsight", mesh: "default", name: "web" }, value: left }]);
    await zone.connect(helloOf(web));
    await pass();
    expect((await insight())?.subscriptions).toMatchObject([{ id: "old", disconnectTime: expect.any(String) }, {}]);
  });
});

describe("writing insights", () => {
  it("happens at most once an interval, however much happens, and ten times rarer for counters alone", async () => {
    await start();
    let writes = 0;
    const putStatus = zone.store.putStatus.bind(zone.store);
    zone.store.putStatus = (entries) => {
      writes += 1;
      return putStatus(entries);
    };
    const proxies = [await zone.connect(helloOf(web)), await zone.connect(helloOf(dataplaneDocument("api")))];
    for (let count = 0; count < 100; count++) for (const proxy of proxies) proxy.count("sent", typeUrls.cluster);
    await pass();
    expect(writes).toBe(1);
    proxies[0]?.count("sent", typeUrls.cluster);
    await pass(9 * intervalMs);
    expect(writes).toBe(1);
    await pass();
    expect(writes).toBe(2);
  });

  it("is tried again when the store was away, and nothing is forgotten", async () => {
    const database = failingStore();
    await start({ store: database.store });
    const proxy = await zone.connect(helloOf(web));
    await pass();
    proxy.disconnect();
    database.isAway = true;
    await pass(3 * intervalMs);
    database.isAway = false;
    await pass();
    expect((await insight())?.subscriptions?.[0]).toHaveProperty("disconnectTime");
  });

  it("happens once more at the end", async () => {
    await start();
    await zone.connect(helloOf(web));
    await zone.stop();
    expect(await insight()).toMatchObject({ subscriptions: [{}] });
  });

  it("does not bring back the insight of a proxy that is gone", async () => {
    await start({ graceMs: 0 });
    const proxy = await zone.connect(helloOf(web));
    const putStatus = zone.store.putStatus.bind(zone.store);
    const held = holdNext(zone.store, "commit", (changes) => changes.some(({ op }) => op === "delete"));
    let isWriting = false;
    zone.store.putStatus = async (entries) => {
      isWriting = true;
      held.release();
      await settle(100);
      return putStatus(entries);
    };
    proxy.disconnect();
    await pass(0);
    await held.reached;
    await pass();
    await until(() => expect(isWriting).toBe(true));
    await settle(300);
    expect(await zone.store.get({ kind: "Dataplane", mesh: "default", name: "web" })).toBeUndefined();
    expect(await insight()).toBeUndefined();
  });
});
