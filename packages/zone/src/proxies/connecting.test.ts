import { typeUrls } from "@meridian/envoy";
import { afterEach, describe, expect, it } from "vitest";
import { dataplaneDocument, ingressDocument, meshDocument, outboundTo } from "../testing/documents.ts";
import { failingStore, holdNext } from "../testing/failing-store.ts";
import { TestProxy } from "../testing/test-proxy.ts";
import { until } from "../testing/until.ts";
import { helloOf, TestZone } from "../testing/zone.ts";

const web = dataplaneDocument("web");
const webKey = { kind: "Dataplane", mesh: "default", name: "web" };

let zone: TestZone;
afterEach(() => zone.stop());

describe("a proxy that connects", () => {
  it("is registered with the resource that it brings, and gets its config", async () => {
    zone = await new TestZone().start();
    const proxy = await zone.connect(helloOf(web));
    expect(proxy.names(typeUrls.listener)).toEqual(["inbound:10.0.0.1:80"]);
    expect(await zone.store.get(webKey)).toMatchObject({
      spec: { networking: { inbound: [{ tags: { "kuma.io/service": "web", "kuma.io/zone": "east" } }] } },
    });
    expect(zone.progress.progress.value.proxies).toEqual({ connected: 1, pending: 1, rejected: 0 });
    proxy.acknowledge();
    expect(zone.progress.progress.value.proxies).toEqual({ connected: 1, pending: 0, rejected: 0 });
  });

  it("may be one that was created over REST, and brings nothing", async () => {
    zone = await new TestZone().start();
    await zone.put(web);
    const proxy = await zone.connect(helloOf(web, { metadata: { "dataplane.resource": "" } }));
    expect(proxy.names(typeUrls.listener)).toEqual(["inbound:10.0.0.1:80"]);
  });

  it("hears what is wrong when it is neither registered nor brings a resource", async () => {
    zone = await new TestZone().start();
    const connecting = zone.connect(helloOf(web, { metadata: { "dataplane.resource": "" } }));
    await expect(connecting).rejects.toMatchObject({
      status: { code: "FAILED_PRECONDITION", message: expect.stringMatching(/does not exist.*--dataplane-file/) },
    });
    expect(zone.proxies.size).toBe(0);
  });

  it("hears that its mesh is missing", async () => {
    zone = await new TestZone().start();
    await expect(zone.connect(helloOf(dataplaneDocument("web", { mesh: "nowhere" })))).rejects.toMatchObject({
      status: { code: "FAILED_PRECONDITION", message: expect.stringContaining('mesh "nowhere" does not exist') },
    });
  });

  it("hears everything that is wrong with its resource at once", async () => {
    zone = await new TestZone().start();
    const broken = {
      type: "Dataplane",
      mesh: "default",
      name: "web",
      networking: { address: "", inbound: [{ port: 0, servicePort: 70_000 }] },
    };
    const refusal = await zone.connect(helloOf(broken)).catch((error: unknown) => error);
    expect(refusal).toMatchObject({ status: { code: "INVALID_ARGUMENT" } });
    const { message } = refusal as Error;
    for (const path of ["networking.address", "networking.inbound[0].port", "networking.inbound[0].servicePort"]) {
      expect(message).toContain(path);
    }
    expect(await zone.store.get(webKey)).toBeUndefined();
  });

  it("must bring the resource that its node id names", async () => {
    zone = await new TestZone().start();
    const hello = { ...helloOf(web), nodeId: "default.other" };
    await expect(zone.connect(hello)).rejects.toMatchObject({ status: { code: "INVALID_ARGUMENT" } });
  });

  it.each([
    ["no dot", { nodeId: "web" }],
    ["no mesh", { nodeId: ".web" }],
    ["no name", { nodeId: "default." }],
    ["an unknown proxy type", { metadata: { "dataplane.proxyType": "toString" } }],
    ["a resource that is not JSON", { metadata: { "dataplane.resource": "{" } }],
    ["a resource that is no object", { metadata: { "dataplane.resource": "[]" } }],
  ])("is refused for %s", async (_what, changed) => {
    zone = await new TestZone().start();
    await expect(zone.connect({ ...helloOf(web), ...changed })).rejects.toMatchObject({ status: { code: "INVALID_ARGUMENT" } });
  });

  it("is refused when the mesh does not take its tags", async () => {
    const restrictions = [{ tags: { "kuma.io/service": "web" } }];
    zone = await new TestZone().start({ ...meshDocument("strict"), constraints: { dataplaneProxy: { restrictions } } });
    await expect(zone.connect(helloOf(dataplaneDocument("web", { mesh: "strict" })))).rejects.toMatchObject({
      status: { code: "FAILED_PRECONDITION", message: expect.stringContaining("cannot be a member of mesh") },
    });
  });

  it("is asked to try again while the store is away", async () => {
    const database = failingStore();
    zone = await new TestZone({ store: database.store }).start();
    database.isAway = true;
    await expect(zone.connect(helloOf(web))).rejects.toMatchObject({ status: { code: "UNAVAILABLE" } });
    database.isAway = false;
    expect((await zone.connect(helloOf(web))).isOpen).toBe(true);
  });

  it("is sent elsewhere when the control plane stops while it waits for its config", async () => {
    zone = await new TestZone().start();
    zone.store.changes = () => new Promise(() => {});
    const connecting = zone.connect(helloOf(web));
    const refused = expect(connecting).rejects.toMatchObject({ status: { code: "UNAVAILABLE" } });
    await until(async () => expect(await zone.store.get(webKey)).toBeDefined());
    void zone.feed.stop();
    await refused;
    expect(await zone.store.get(webKey)).toBeDefined();
    zone = new TestZone();
  });

  it("sees the endpoints that are there when it comes, and those that come later", async () => {
    zone = await new TestZone().start();
    const client = await zone.connect(helloOf(dataplaneDocument("client", { outbound: [outboundTo("web")] })));
    const before = client.get(typeUrls.endpoint, "web")?.version;
    expect(before).toBeDefined();
    const proxy = await zone.connect(helloOf(web));
    expect(client.get(typeUrls.endpoint, "web")?.version).toBe(before);
    // It listens from here on; before, requests would have met a closed port.
    proxy.acknowledge();
    expect(client.get(typeUrls.endpoint, "web")?.version).not.toBe(before);
  });

  it("is not hidden again when it comes back while it still counts as there", async () => {
    zone = await new TestZone().start();
    const client = await zone.connect(helloOf(dataplaneDocument("client", { outbound: [outboundTo("web")] })));
    const without = client.get(typeUrls.endpoint, "web")?.version;
    (await zone.serve(helloOf(web))).disconnect();
    await zone.connect(helloOf(web));
    expect(client.get(typeUrls.endpoint, "web")?.version).not.toBe(without);
  });

  it("may be a zone ingress", async () => {
    zone = await new TestZone().start();
    const proxy = await zone.connect(helloOf(ingressDocument("ingress")));
    expect(proxy.names(typeUrls.listener)).toEqual(["inbound:10.0.0.9:10001"]);
  });
});

describe("a proxy that opens a second stream", () => {
  it("ends the first, and only the second counts", async () => {
    zone = await new TestZone().start();
    const first = await zone.connect(helloOf(web));
    const second = await zone.connect(helloOf(web));
    expect(first.closedWith).toMatchObject({ message: expect.stringContaining("newer stream") });
    expect(second.isOpen).toBe(true);
    expect(zone.progress.progress.value.proxies.connected).toBe(1);
    first.acknowledge();
    expect(zone.progress.progress.value.proxies.pending).toBe(1);
  });

  it("is not thrown back to the first by how long the first took to be admitted", async () => {
    zone = await new TestZone().start();
    const held = holdNext(zone.store, "get", ({ kind }) => kind === "Dataplane");
    const first = zone.connect(helloOf(web)).catch((error: unknown) => error);
    await held.reached;
    const second = await zone.connect(helloOf(web));
    held.release();
    expect(await first).toMatchObject({ status: { message: expect.stringContaining("newer stream") } });
    expect(second.isOpen).toBe(true);
    expect(zone.proxies.size).toBe(1);
  });

  it("leaves nothing behind when its stream ends while it is being prepared", async () => {
    zone = await new TestZone({ graceMs: 0 }).start(meshDocument("default", { backend: {} }));
    const proxy = new TestProxy();
    const connecting = zone.connect(helloOf(web), proxy);
    proxy.disconnect();
    await connecting;
    expect(zone.proxies.size).toBe(0);
    expect(zone.progress.progress.value.proxies).toEqual({ connected: 0, pending: 0, rejected: 0 });
  });
});

describe("a resource that is deleted while its proxy is connected", () => {
  it("costs the proxy nothing, which registers again", async () => {
    zone = await new TestZone().start();
    const proxy = await zone.connect(helloOf(web));
    await zone.feed.reached(await zone.remove("Dataplane", "default", "web"));
    expect(proxy.pushes).toEqual([]);
    expect(proxy.closedWith).toMatchObject({ message: expect.stringMatching(/was deleted: it is registered again/) });
    const again = await zone.connect(helloOf(web));
    expect(again.names(typeUrls.listener)).toEqual(["inbound:10.0.0.1:80"]);
  });

  it("is told to one that brought none", async () => {
    zone = await new TestZone().start();
    await zone.put(web);
    const proxy = await zone.connect(helloOf(web, { metadata: { "dataplane.resource": "" } }));
    await zone.feed.reached(await zone.remove("Dataplane", "default", "web"));
    expect(proxy.pushes).toEqual([]);
    expect(proxy.closedWith).toMatchObject({ message: expect.stringMatching(/was deleted: create it again/) });
  });

  it("takes its endpoint away from others", async () => {
    zone = await new TestZone().start();
    const client = await zone.connect(helloOf(dataplaneDocument("client", { outbound: [outboundTo("web")] })));
    const without = client.get(typeUrls.endpoint, "web")?.version;
    (await zone.connect(helloOf(web))).acknowledge();
    expect(client.get(typeUrls.endpoint, "web")?.version).not.toBe(without);
    await zone.feed.reached(await zone.remove("Dataplane", "default", "web"));
    expect(client.get(typeUrls.endpoint, "web")?.version).toBe(without);
  });
});
