import { typeUrls } from "@meridian/envoy";
import { labelNames } from "@meridian/model";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { dataplaneDocument, meshDocument, outboundTo } from "../testing/documents.ts";
import { endpointsOf } from "../testing/endpoints.ts";
import type { TestProxy } from "../testing/test-proxy.ts";
import { settle, until } from "../testing/until.ts";
import { helloOf, TestZone } from "../testing/zone.ts";

const client = dataplaneDocument("client", { outbound: [outboundTo("web")] });
const direct = ["198.51.100.7:30001"];
const byEgress = ["10.0.0.8:10002"];
const egressListener = "inbound:10.0.0.8:10002";
let zone: TestZone;
let sidecar: TestProxy;

beforeEach(() => {
  zone = new TestZone();
});

afterEach(() => zone.stop());

function meshWith(zoneEgress: boolean): object {
  return { ...meshDocument("default", { backend: {} }), routing: { zoneEgress } };
}

function egressDocument(name = "egress-1", address = "10.0.0.8"): object {
  return { type: "ZoneEgress", name, networking: { address, port: 10_002 } };
}

/** An ingress of zone west offers web, as this zone gets it from the global. */
async function offerWeb(): Promise<void> {
  const networking = { address: "10.9.0.9", port: 10_001, advertisedAddress: "198.51.100.7", advertisedPort: 30_001 };
  const availableServices = [{ mesh: "default", tags: { "kuma.io/service": "web" }, instances: 1 }];
  const labels = { [labelNames.zone]: "west", [labelNames.origin]: "global" };
  const resource = { kind: "ZoneIngress", mesh: "", name: "of-west", labels };
  await zone.store.commit([{ op: "put", resource: { ...resource, spec: { zone: "west", networking, availableServices } } }], {
    author: "the global",
  });
}

async function start(zoneEgress: boolean): Promise<void> {
  await zone.start(meshWith(zoneEgress));
  await offerWeb();
  sidecar = await zone.serve(helloOf(client));
  await until(() => expect(endpointsOf(sidecar, "web")).toEqual(zoneEgress ? [] : direct));
}

async function put(...documents: readonly object[]): Promise<number> {
  const revision = await zone.put(...documents);
  await zone.feed.reached(revision);
  return revision;
}

function listeners(proxy: TestProxy): readonly string[] {
  return proxy.names(typeUrls.listener);
}

function converged(): number {
  return zone.progress.progress.value.convergedRevision;
}

/** With a change of the Mesh comes a look at certificates, which is pushed on its own. */
async function convergedWith(revision: number, ...proxies: readonly TestProxy[]): Promise<void> {
  await until(() => {
    for (const proxy of proxies) proxy.acknowledge();
    expect(converged()).toBeGreaterThanOrEqual(revision);
  });
}

describe("Mesh.routing.zoneEgress switched on", () => {
  it("sends clients to the egresses once all of them serve, and has converged once clients know it", async () => {
    await start(false);
    const egresses = [
      await zone.serve(helloOf(egressDocument())),
      await zone.serve(helloOf(egressDocument("egress-2", "10.0.0.9"))),
    ];
    const [first, second] = egresses as [TestProxy, TestProxy];
    const revision = await put(meshWith(true));
    await until(() => egresses.map((each) => expect(listeners(each)).toHaveLength(1)));
    first.acknowledge();
    sidecar.acknowledge();
    await settle(20);
    expect(endpointsOf(sidecar, "web")).toEqual(direct);
    expect(converged()).toBeLessThan(revision);
    second.acknowledge();
    await until(() => expect(endpointsOf(sidecar, "web")).toEqual([...byEgress, "10.0.0.9:10002"]));
    expect(converged()).toBeLessThan(revision);
    await convergedWith(revision, sidecar, ...egresses);
  });

  it("does not wait for an egress that is gone, nor where there is none", async () => {
    await start(false);
    await put(egressDocument());
    await put(meshWith(true));
    await until(() => expect(endpointsOf(sidecar, "web")).toEqual(byEgress));
    await convergedWith(await put(meshWith(false)), sidecar);
    const gone = await zone.serve(helloOf(egressDocument("egress-2", "10.0.0.9")));
    await put(meshWith(true));
    await until(() => expect(listeners(gone)).toHaveLength(1));
    expect(endpointsOf(sidecar, "web")).toEqual(direct);
    gone.disconnect();
    await until(() => expect(endpointsOf(sidecar, "web")).toEqual(byEgress));
  });

  it("leaves clients as they are while an egress refuses, and tells those who wait of the refusal", async () => {
    await start(false);
    const egress = await zone.serve(helloOf(egressDocument()));
    const revision = await put(meshWith(true));
    await until(() => expect(listeners(egress)).toEqual([egressListener]));
    egress.reject({ typeUrl: typeUrls.listener });
    await convergedWith(revision, sidecar);
    expect(endpointsOf(sidecar, "web")).toEqual(direct);
    expect(zone.progress.progress.value.rejections).toHaveLength(1);
    const mended = await put({ ...meshWith(true), networking: { outbound: { passthrough: false } } });
    egress.acknowledge(mended);
    await until(() => expect(endpointsOf(sidecar, "web")).toEqual(byEgress));
  });

  it("and off again at once changes nothing for clients", async () => {
    await start(false);
    const egress = await zone.serve(helloOf(egressDocument()));
    await put(meshWith(true));
    await until(() => expect(listeners(egress)).toEqual([egressListener]));
    const revision = await put(meshWith(false));
    await until(() => expect(listeners(egress)).toEqual([]));
    await convergedWith(revision, sidecar, egress);
    const addresses = sidecar.pushes.flatMap(({ patch }) => patch.changed.filter(({ typeUrl }) => typeUrl === typeUrls.endpoint));
    expect(addresses).toEqual([]);
    expect(endpointsOf(sidecar, "web")).toEqual(direct);
  });
});

describe("Mesh.routing.zoneEgress switched off", () => {
  it("lets the egresses go once clients have acknowledged that they do without", async () => {
    await start(true);
    const egress = await zone.serve(helloOf(egressDocument()));
    await until(() => expect(endpointsOf(sidecar, "web")).toEqual(byEgress));
    sidecar.acknowledge();
    const revision = await put(meshWith(false));
    await until(() => expect(endpointsOf(sidecar, "web")).toEqual(direct));
    egress.acknowledge();
    await settle(20);
    expect(listeners(egress)).toEqual([egressListener]);
    expect(converged()).toBeLessThan(revision);
    await until(() => {
      sidecar.acknowledge();
      expect(listeners(egress)).toEqual([]);
    });
    await convergedWith(revision, sidecar, egress);
  });
});

describe("a zone egress that has just come", () => {
  it("gets clients once it has taken its first config", async () => {
    await start(true);
    const egress = await zone.connect(helloOf(egressDocument()));
    expect(listeners(egress)).toEqual([egressListener]);
    await settle(20);
    expect(endpointsOf(sidecar, "web")).toEqual([]);
    egress.acknowledge();
    await until(() => expect(endpointsOf(sidecar, "web")).toEqual(byEgress));
  });
});
