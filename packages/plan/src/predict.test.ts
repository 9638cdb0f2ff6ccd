import { describe, expect, it } from "vitest";
import { dataplane, imageOf, mesh, permission, planFor, put, remove, resource, trafficRoute } from "./testing/world.ts";
import type { ZoneImage } from "./zones/zone-image.ts";

const canary = (v1: number, v2: number) => trafficRoute("canary", "benigno", { v1, v2 });
const allowAll = permission("all", "*", "*");

/** magnanimo calls benigno, which runs as v1 and v2. */
function world(...more: Parameters<typeof imageOf>[1][]): ZoneImage {
  return imageOf(
    "east",
    mesh(true),
    dataplane("magnanimo-1", { service: "magnanimo", calls: ["benigno"], host: 1 }),
    dataplane("magnanimo-2", { service: "magnanimo", calls: ["benigno"], host: 2 }),
    dataplane("benigno-v1", { service: "benigno", version: "v1", host: 3 }),
    dataplane("benigno-v2", { service: "benigno", version: "v2", host: 4 }),
    ...more,
  );
}

function texts(plan: ReturnType<typeof planFor>): readonly string[] {
  return plan.summary.map(({ text }) => text);
}

describe("what changes", () => {
  it("is told as shares of a caller's requests", () => {
    const plan = planFor([world(allowAll, canary(90, 10))], [put(canary(10, 90))]);
    expect(texts(plan)).toEqual([
      "benigno v2 gets 90 % of magnanimo's requests, was 10 %",
      "benigno v1 gets 10 % of magnanimo's requests, was 90 %",
    ]);
    expect(plan.summary[0]).toMatchObject({ proxies: 2, zones: ["east"], policies: ["TrafficRoute/default/canary"] });
    expect(plan.cutOffs).toEqual([]);
    expect(plan.zones).toEqual([{ zone: "east", proxies: 4, changed: 2, changedOnline: 2, bytes: expect.any(Number) as number }]);
  });

  it("groups proxies that take the same step, also over zones", () => {
    const east = world(allowAll, canary(90, 10));
    const west = imageOf(
      "west",
      ...[mesh(true), allowAll, canary(90, 10), dataplane("benigno-v3", { service: "benigno", version: "v3", host: 6 })],
      dataplane("magnanimo-3", { service: "magnanimo", calls: ["benigno"], host: 5 }),
    );
    const plan = planFor([east, west], [put(canary(10, 90))]);
    expect(plan.groups.map(({ proxies }) => proxies.map(({ zone, name }) => `${zone} ${name}`))).toEqual([
      ["east magnanimo-1", "east magnanimo-2", "west magnanimo-3"],
    ]);
    const [group] = plan.groups;
    expect(group?.steps.map(({ before, after }) => [before?.name, after?.name])).toEqual([
      ["outbound:benigno", "outbound:benigno"],
    ]);
    expect(plan.zones.map(({ zone, changed }) => [zone, changed])).toEqual([
      ["east", 2],
      ["west", 1],
    ]);
  });

  it("is nothing where nothing differs for any proxy, and leaves the images as they were", () => {
    const image = world(allowAll, canary(90, 10));
    expect(planFor([image], [put(canary(90, 10))])).toMatchObject({ summary: [], cutOffs: [], groups: [], failures: [] });
    const first = planFor([image], [put(canary(10, 90))]);
    expect(planFor([image], [put(canary(10, 90))])).toEqual(first);
  });

  it("tells shares of a part and of the whole apart", () => {
    const plan = planFor([world(allowAll)], [put(canary(90, 10))]);
    expect(texts(plan)).toEqual([
      "magnanimo's requests to benigno go to benigno v1 (90 %) and benigno v2 (10 %), not to benigno",
    ]);
  });

  it("tells what else differs by the fields of Envoy's resources", () => {
    const balanced = { ...canary(90, 10) };
    const spec = balanced.spec as { readonly conf: object };
    const plan = planFor(
      [world(allowAll, canary(90, 10))],
      [put({ ...balanced, spec: { ...spec, conf: { ...spec.conf, loadBalancer: { random: {} } } } })],
    );
    expect(texts(plan)).toEqual([
      "cluster benigno v1: lbPolicy RANDOM, was unset",
      "cluster benigno v2: lbPolicy RANDOM, was unset",
    ]);
  });

  it("tells of mTLS once and not of every field that follows from it", () => {
    const plan = planFor([world(allowAll)], [put(mesh(false))]);
    expect(texts(plan)).toEqual([
      "mesh default: mTLS is off, was STRICT with backend ca-1",
      expect.stringContaining("permissions, which decide as before"),
      expect.stringContaining("permissions, which decide as before"),
      "mesh default: proxies need no certificate any more",
    ]);
  });

  it("has new proxies get their first config, and leaves those alone whose resource goes", () => {
    const image = world(allowAll);
    const third = dataplane("magnanimo-3", { service: "magnanimo", calls: ["benigno"], host: 9 });
    expect(texts(planFor([image], [put(third)]))).toEqual(["magnanimo-3 is new and gets its first config"]);
    const gone = planFor([image], [remove(dataplane("benigno-v2", { service: "benigno", host: 4 }))]);
    expect(texts(gone)).toEqual(["benigno: 1 endpoint, was 2"]);
    expect(gone.zones[0]).toMatchObject({ proxies: 4, changed: 2 });
    expect(planFor([image], []).zones[0]).toMatchObject({ proxies: 4, changed: 0 });
  });
});

describe("traffic that flows now", () => {
  it("is not cut off in silence by a permission that goes", () => {
    const only = permission("only", "magnanimo", "benigno");
    const plan = planFor([world(only)], [remove(only)]);
    expect(texts(plan)).toEqual(["benigno refuses magnanimo, which it lets in now"]);
    expect(plan.cutOffs).toEqual([
      {
        mesh: "default",
        from: "magnanimo",
        to: "benigno",
        extent: "all",
        reason: "refused",
        text: "magnanimo no longer reaches benigno: no permission of benigno lets it in",
        zones: ["east"],
        proxies: 2,
        policies: ["TrafficPermission/default/only"],
      },
    ]);
  });

  it("also where the servers are in another zone", () => {
    const only = permission("only", "magnanimo", "benigno");
    const offer = { mesh: "default", tags: { "kuma.io/service": "benigno" }, instances: 1 };
    const ingress = resource(
      "ZoneIngress",
      "zi-east",
      {
        zone: "east",
        networking: { address: "10.1.0.1", port: 10000, advertisedAddress: "192.0.2.1", advertisedPort: 10000 },
        availableServices: [offer],
      },
      { "kuma.io/zone": "east" },
    );
    const east = imageOf("east", mesh(true), only, ingress, dataplane("benigno-v1", { service: "benigno", host: 3 }));
    const client = dataplane("magnanimo-1", { service: "magnanimo", calls: ["benigno"], host: 1 });
    const west = imageOf("west", mesh(true), only, ingress, client);
    const plan = planFor([east, west], [remove(only)]);
    expect(plan.cutOffs).toMatchObject([{ extent: "all", reason: "refused", zones: ["west"], proxies: 1 }]);
  });

  it("by a mesh that lets nothing leave a zone but by an egress, where there is none", () => {
    const service = resource("ExternalService", "billing", {
      tags: { "kuma.io/service": "benigno" },
      networking: { address: "billing.example:80" },
    });
    const client = dataplane("magnanimo-1", { service: "magnanimo", calls: ["benigno"], host: 1 });
    const zone = (...more: Parameters<typeof imageOf>[1][]) => imageOf("east", mesh(true), allowAll, service, client, ...more);
    const { spec } = mesh(true);
    const change = put({ ...mesh(true), spec: { ...(spec as object), routing: { zoneEgress: true } } });
    expect(planFor([zone()], [change]).cutOffs).toMatchObject([
      { extent: "all", reason: "no-egress", text: "magnanimo no longer reaches benigno: the zone has no egress to leave by" },
    ]);
    const egress = resource("ZoneEgress", "ze-east", { networking: { address: "10.1.0.2", port: 10002 } });
    expect(planFor([zone(egress)], [change]).cutOffs).toEqual([]);
  });

  it("by a route to nobody: all of it, or a part", () => {
    const image = world(allowAll, canary(90, 10));
    expect(planFor([image], [put(trafficRoute("canary", "benigno", { v3: 1 }))]).cutOffs).toMatchObject([
      { extent: "all", reason: "no-endpoints", text: "magnanimo no longer reaches benigno: nobody is benigno v3" },
    ]);
    expect(planFor([image], [put(trafficRoute("canary", "benigno", { v1: 9, v3: 1 }))]).cutOffs).toMatchObject([
      { extent: "part", reason: "no-endpoints", text: "magnanimo no longer fully reaches benigno: nobody is benigno v3" },
    ]);
  });

  it("by the first route of a mesh that fits only others", () => {
    const plan = planFor([world(allowAll)], [put(trafficRoute("other", "other", { "": 1 }))]);
    expect(plan.cutOffs).toMatchObject([{ extent: "all", reason: "no-route" }]);
    expect(texts(plan)).toEqual([
      "magnanimo's requests to benigno get no further: the mesh has TrafficRoutes and none fits any more",
    ]);
  });

  it("by mTLS without any permission", () => {
    const image = imageOf(
      "east",
      mesh(false),
      dataplane("magnanimo-1", { service: "magnanimo", calls: ["benigno"], host: 1 }),
      dataplane("benigno-v1", { service: "benigno", host: 3 }),
    );
    expect(planFor([image], [put(mesh(true))]).cutOffs).toMatchObject([{ from: "magnanimo", to: "benigno", reason: "refused" }]);
  });

  it("does not flow while the client is not connected, or was refused before", () => {
    const only = permission("only", "magnanimo", "benigno");
    const offline = ["east default.magnanimo-1", "east default.magnanimo-2"];
    expect(planFor([world(only)], [remove(only)], offline).cutOffs).toEqual([]);
    const image = world(permission("else", "somebody", "benigno"), canary(90, 10));
    expect(planFor([image], [put(trafficRoute("canary", "benigno", { v3: 1 }))]).cutOffs).toEqual([]);
  });
});
