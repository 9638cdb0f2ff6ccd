import { Latest } from "@meridian/base";
import {
  keyText,
  noPolicyReport,
  type PolicyReport,
  type Resource,
  type ResourceInput,
  syncedName,
  type ZoneProgress,
} from "@meridian/model";
import type { Store } from "@meridian/store";
import { afterEach, describe, expect, it } from "vitest";
import type { ClientOptions } from "../ports.ts";
import { dataplane, Fabric, progressAt, put, remove, route, type TestHub, type TestZone, until } from "../testing/fabric.ts";
import { RawZone } from "../testing/raw-zone.ts";
import { reportOf, SamplePolicies } from "../testing/sample-policies.ts";

const fabric = new Fabric();
afterEach(() => fabric.close());

interface ReportingZone extends TestZone {
  readonly policies: SamplePolicies;
}

async function zoneOf(hub: { port: number }, name: string, options: Partial<ClientOptions> = {}): Promise<ReportingZone> {
  const policies = new SamplePolicies();
  const zone = await fabric.zone(hub, name, { policies, policyIntervalMs: 5, ...options });
  await until(() => expect(zone.client.state.value.state).toBe("connected"));
  return { ...zone, policies };
}

/** The policy's key in a zone. */
const inZone = ({ kind, mesh, name }: ResourceInput) => keyText({ kind, mesh, name: syncedName(name, mesh, undefined) });

async function stored(store: Store, { kind, mesh, name }: ResourceInput): Promise<Resource> {
  const resource = await store.get({ kind, mesh, name });
  if (!resource) throw new Error(`no ${kind} ${name}`);
  return resource;
}

async function statusOf(hub: TestHub, policy: ResourceInput) {
  const [zones = []] = await hub.hub.policyStatus([await stored(hub.store, policy)]);
  return zones;
}

function untilStatus(hub: TestHub, policy: ResourceInput, expected: readonly object[]): Promise<void> {
  return until(async () => expect(await statusOf(hub, policy)).toMatchObject(expected));
}

describe("where a policy stands", () => {
  it("is what its zones say of their copies, and nothing of a zone that says nothing", async () => {
    const hub = await fabric.hub();
    const east = await zoneOf(hub, "east");
    await zoneOf(hub, "west");
    const policy = route("a");
    east.policies.set(inZone(policy), reportOf(120));
    await put(hub.store, policy, route("b"));
    await untilStatus(hub, policy, [
      { zone: "east", status: "online", isCurrent: true, report: reportOf(120) },
      { zone: "west", status: "online", isCurrent: true, report: noPolicyReport },
    ]);
    expect(await hub.hub.policyStatus([await stored(hub.store, route("b")), await stored(hub.store, policy)])).toMatchObject([
      [{ report: noPolicyReport }, { report: noPolicyReport }],
      [{ report: reportOf(120) }, {}],
    ]);
    east.policies.set(inZone(policy), undefined);
    await put(hub.store, route("c"));
    await untilStatus(hub, policy, [{ report: noPolicyReport }, {}]);
  });

  it("is not current in a zone that has yet to take the newest version", async () => {
    const hub = await fabric.hub();
    const progress = new Latest<ZoneProgress>(progressAt(0));
    const east = await zoneOf(hub, "east", { progress, onApplied: () => {} });
    const policy = route("a");
    east.policies.set(inZone(policy), reportOf(2));
    const first = await put(hub.store, policy);
    progress.set(progressAt(first));
    await untilStatus(hub, policy, [{ isCurrent: true, report: reportOf(2) }]);
    const second = await put(hub.store, route("a", { weight: 2 }));
    expect(await statusOf(hub, policy)).toMatchObject([{ isCurrent: false }]);
    progress.set({ ...progressAt(second), convergedRevision: first, proxies: { connected: 2, pending: 2, rejected: 0 } });
    const pending = reportOf(2, { proxies: { applied: 2, converged: 0, pending: 2, rejected: 0 } });
    east.policies.set(inZone(policy), pending);
    await untilStatus(hub, policy, [{ isCurrent: true, report: pending }]);
  });

  it("has converged for whoever hears that the revision has", async () => {
    const hub = await fabric.hub();
    const progress = new Latest<ZoneProgress>(progressAt(0));
    const east = await zoneOf(hub, "east", { progress, onApplied: () => {}, policyIntervalMs: 60_000 });
    const policy = route("a");
    const revision = await put(hub.store, policy);
    const seen = new Promise<unknown>((resolve, reject) => {
      hub.hub.subscribe(() => {
        if (hub.hub.report(revision).converged) statusOf(hub, policy).then(resolve, reject);
      });
    });
    east.policies.set(inZone(policy), reportOf(3));
    progress.set(progressAt(revision));
    expect(await seen).toMatchObject([{ isCurrent: true, report: reportOf(3) }]);
  });

  it("wakes whoever follows it", async () => {
    const hub = await fabric.hub();
    const progress = new Latest<ZoneProgress>(progressAt(0));
    const east = await zoneOf(hub, "east", { progress, onApplied: () => {} });
    const revision = await put(hub.store, route("a"));
    const woken = new Promise<void>((resolve) => hub.hub.subscribePolicies(resolve));
    east.policies.set(inZone(route("a")), reportOf(1));
    progress.set(progressAt(revision));
    await woken;
  });

  it("carries Envoy's words, proxies and notes as they are", async () => {
    const hub = await fabric.hub();
    const east = await zoneOf(hub, "east");
    const report: PolicyReport = {
      proxies: { applied: 2, converged: 1, pending: 0, rejected: 1 },
      rejections: [
        {
          message: "missing ]",
          proxies: 1,
          proxyNames: ["web-1"],
          resources: ["outbound:api"],
          revision: 1,
          time: "2026-01-01T00:00:00Z",
        },
      ],
      notes: [{ message: "no service b", proxies: 1 }],
    };
    east.policies.set(inZone(route("a")), report);
    await put(hub.store, route("a"));
    await untilStatus(hub, route("a"), [{ report }]);
  });

  it("of a zone's own policy goes by the name that it has at the global", async () => {
    const hub = await fabric.hub();
    const east = await zoneOf(hub, "east");
    await zoneOf(hub, "west");
    const own: ResourceInput = { kind: "MeshHTTPRoute", mesh: "default", name: "local", labels: {}, spec: {} };
    east.policies.set(keyText(own), reportOf(4));
    await put(east.store, own);
    const there = { ...own, name: syncedName("local", "default", "east") };
    await until(async () => expect(await stored(hub.store, there)).toBeDefined());
    await put(hub.store, route("a"));
    await untilStatus(hub, there, [{ zone: "east", isCurrent: true, report: reportOf(4) }]);
  });
});

describe("a zone that is away", () => {
  it("is unknown, with what it said last, also after a restart of the global", async () => {
    const hub = await fabric.hub();
    const east = await zoneOf(hub, "east");
    east.policies.set(inZone(route("a")), reportOf(5));
    await put(hub.store, route("a"));
    await untilStatus(hub, route("a"), [{ status: "online", report: reportOf(5) }]);
    await east.stop();
    const away = [{ status: "unknown", lastHeard: expect.any(String), report: reportOf(5) }];
    await untilStatus(hub, route("a"), away);
    await hub.stop();
    const next = await fabric.hub({ store: hub.store, instanceId: "global-2" });
    expect(await statusOf(next, route("a"))).toMatchObject(away);
  });

  it("is unknown with what it said last also when that was a moment ago and is not written down yet", async () => {
    const hub = await fabric.hub();
    const east = await zoneOf(hub, "east");
    const policy = route("a");
    for (const applied of [1, 2, 3]) {
      east.policies.set(inZone(policy), reportOf(applied));
      await put(hub.store, route("a", { weight: applied }));
      await untilStatus(hub, policy, [{ isCurrent: true, report: reportOf(applied) }]);
    }
    await east.stop();
    await until(async () => {
      const [zone] = (await statusOf(hub, policy)) as readonly { readonly status: string }[];
      expect(zone?.status).toBe("unknown");
    });
    expect(await statusOf(hub, policy)).toMatchObject([{ status: "unknown", report: reportOf(3) }]);
  });

  it("comes back with a full account: what it no longer says does not stay", async () => {
    const hub = await fabric.hub();
    const east = await zoneOf(hub, "east");
    for (const name of ["a", "b"]) east.policies.set(inZone(route(name)), reportOf(1));
    await put(hub.store, route("a"), route("b"));
    for (const name of ["a", "b"]) await untilStatus(hub, route(name), [{ report: reportOf(1) }]);
    await east.stop();
    await hub.stop();
    const next = await fabric.hub({ store: hub.store });
    const again = new SamplePolicies();
    again.set(inZone(route("b")), reportOf(2));
    await fabric.zone(next, "east", { store: east.store, policies: again });
    await untilStatus(next, route("a"), [{ status: "online", isCurrent: true, report: noPolicyReport }]);
    await untilStatus(next, route("b"), [{ report: reportOf(2) }]);
    await until(async () => expect(await hub.store.listStatus("ZonePolicy", { mesh: "east" })).toHaveLength(2));
  });

  it("leaves nothing behind when it is deleted", async () => {
    const hub = await fabric.hub();
    const east = await zoneOf(hub, "east");
    east.policies.set(inZone(route("a")), reportOf(1));
    await put(hub.store, route("a"));
    await until(async () => expect(await hub.store.listStatus("ZonePolicy")).toHaveLength(2));
    await east.stop();
    await remove(hub.store, { kind: "Zone", mesh: "", name: "east", labels: {}, spec: {} });
    await until(async () => expect(await hub.store.listStatus("ZonePolicy")).toEqual([]));
  });
});

it("another replica of the global answers for a zone that is not its own", async () => {
  const first = await fabric.hub();
  const second = await fabric.hub({ store: first.store, instanceId: "global-2" });
  const east = await zoneOf(first, "east");
  east.policies.set(inZone(route("a")), reportOf(7));
  await put(first.store, route("a"));
  await untilStatus(second, route("a"), [{ zone: "east", status: "online", isCurrent: true, report: reportOf(7) }]);
  const woken = new Promise<void>((resolve) => second.hub.subscribePolicies(resolve));
  east.policies.set(inZone(route("a")), reportOf(8));
  await put(first.store, dataplane("d"), route("b"));
  await woken;
  await untilStatus(second, route("a"), [{ report: reportOf(8) }]);
});

it("a report that makes no sense ends the stream, and nothing of it is taken", async () => {
  const hub = await fabric.hub();
  const raw = new RawZone(hub.port, "east");
  await raw.open();
  raw.hello();
  await raw.until("welcome");
  const bad = Buffer.from(JSON.stringify({ policy: "TrafficRoute/default/a", report: { proxies: { applied: -1 } } }));
  raw.send({ type: "policies", puts: [bad], deletes: [], full: false, last: true });
  expect(await raw.untilClosed()).toMatchObject({ reason: expect.stringContaining("policies.report") });
});
