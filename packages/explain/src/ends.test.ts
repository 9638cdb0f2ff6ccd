import { describe, expect, it } from "vitest";
import { ask, dataplane, ingress, linesOf, mesh, permission, plainMesh, resource, route, zone } from "./testing/mesh.ts";

const magnanimo = dataplane("magnanimo-1", { service: "magnanimo", calls: ["benigno"], host: 1 });
const benigno = dataplane("benigno-1", { service: "benigno", version: "v1", host: 3 });
const everybody = permission("everybody", "*", "*");
const world = [mesh(), zone("east"), magnanimo, benigno, everybody];

/** Reason and words of a verdict. */
function verdictOf({ verdict: { outcome, reason, text } }: ReturnType<typeof ask>): string {
  return `${outcome}${reason === undefined ? "" : `, ${reason}`}: ${text}`;
}

describe("who asks", () => {
  it("may be a service or one data plane of it", () => {
    const second = dataplane("magnanimo-2", { service: "magnanimo", calls: ["benigno"], host: 2 });
    expect(ask([...world, second]).client).toMatchObject({ dataplane: "magnanimo-1", zone: "east", others: { east: 1 } });
    expect(ask([...world, second], { from: "magnanimo-2" }).client).toMatchObject({ dataplane: "magnanimo-2", others: {} });
  });

  it("is one that has the outbound, if there is any", () => {
    const without = dataplane("a-magnanimo", { service: "magnanimo", host: 2 });
    expect(ask([...world, without]).client).toMatchObject({ dataplane: "magnanimo-1", others: { east: 1 } });
  });

  it.each([
    [
      { from: "magnanmo" },
      "blocked, no-client: magnanmo does not reach benigno: no data plane in mesh default is or belongs to magnanmo. Did you mean magnanimo",
    ],
    [{ from: "xyz" }, "no data plane in mesh default is or belongs to xyz"],
    [{ zone: "west" }, "magnanimo runs in east, not in zone west"],
    [{ from: "nobody", zone: "west" }, "no data plane in mesh default, zone west, is or belongs to nobody"],
    [
      { to: "benino" },
      "blocked, no-outbound: magnanimo does not reach benino: data plane magnanimo-1 has no outbound for it. Did you mean benigno?",
    ],
    [{ to: "magnanimo" }, "data plane magnanimo-1 has no outbound for it"],
  ])("is told what is wrong with %o", (question, text) => {
    const explained = ask([...world, zone("west")], question);
    expect(verdictOf(explained)).toContain(text);
    expect(explained.destinations).toEqual([]);
  });

  it("gets nowhere from a zone that is switched off", () => {
    expect(verdictOf(ask([mesh(), zone("east", false), magnanimo, benigno]))).toBe(
      "blocked, zone-disabled: magnanimo does not reach benigno: magnanimo runs only in zones that are switched off: east",
    );
  });

  it("without outbounds of its own is told which it has", () => {
    expect(linesOf(ask(world, { from: "benigno", to: "magnanimo" }), "outbound")).toEqual([
      "outbound: none for magnanimo",
      "it has no outbound at all",
    ]);
  });

  it("may have a proxy that passes on what it does not know", () => {
    const { spec, ...rest } = magnanimo;
    const { networking } = spec as { readonly networking: object };
    const transparentProxying = { redirectPortInbound: 15_006, redirectPortOutbound: 15_001 };
    const redirected = { ...rest, spec: { networking: { ...networking, transparentProxying } } };
    expect(verdictOf(ask([mesh(), zone("east"), redirected, benigno, everybody], { to: "example.com" }))).toBe(
      "unknown, no-outbound: whether magnanimo reaches example.com cannot be told: data plane magnanimo-1 has no outbound for it. " +
        "Its proxy passes on what goes to addresses that it does not know: without mTLS, and by no policy",
    );
  });

  it("may be a gateway without listeners", () => {
    const gateway = resource(
      "Dataplane",
      "edge-1",
      { networking: { address: "10.0.0.9", gateway: { type: "BUILTIN", tags: { "kuma.io/service": "edge" } } } },
      { "kuma.io/zone": "east" },
    );
    expect(verdictOf(ask([...world, gateway], { from: "edge" }))).toContain("no listener of the gateway takes it");
  });
});

describe("endpoints", () => {
  const second = dataplane("benigno-2", { service: "benigno", version: "v2", host: 4 });
  const down = dataplane("benigno-3", { service: "benigno", version: "v1", host: 5, isDown: true });

  it("share the requests; who gets nothing is told why", () => {
    const explained = ask([...world, second, down]);
    expect(linesOf(explained, "endpoints")).toEqual([
      "endpoints of benigno",
      "50 %: benigno-1 at 10.0.0.3:8080 in east (same zone)",
      "50 %: benigno-2 at 10.0.0.4:8080 in east (same zone)",
      "not benigno-3 in east: it is not ready",
    ]);
  });

  it("of a subset have its tags", () => {
    const explained = ask([...world, second, down, route("v2", { v2: 1 })]);
    expect(explained.destinations[0]?.leftOut).toEqual([
      { zone: "east", name: "benigno-1", reason: "its version is v1" },
      { zone: "east", name: "benigno-3", reason: "its version is v1" },
    ]);
  });

  it("are missing where all are ill", () => {
    const explained = ask([mesh(), zone("east"), magnanimo, { ...down, name: "benigno-3" }, everybody]);
    expect(explained.verdict).toMatchObject({ outcome: "blocked", reason: "no-endpoints", status: 503 });
    expect(linesOf(explained, "endpoints")).toEqual([
      "endpoints of benigno",
      "nobody is benigno",
      "not benigno-3 in east: it is not ready",
    ]);
  });

  it("are missing where nobody ever was", () => {
    const explained = ask([mesh(), zone("east"), magnanimo, everybody]);
    expect(explained.verdict).toMatchObject({ outcome: "blocked", reason: "no-endpoints" });
    expect(linesOf(explained, "endpoints")).toEqual(["endpoints of benigno", "nobody is benigno"]);
  });

  it("are missing for a part of a split", () => {
    const explained = ask([...world, route("canary", { v1: 80, v2: 20 })]);
    expect(explained.verdict).toMatchObject({ outcome: "partly", reason: "no-endpoints", share: 0.8 });
    expect(explained.verdict.text).toBe("20 % of magnanimo's requests do not reach benigno: nobody is benigno v2");
  });
});

describe("other zones", () => {
  const far = dataplane("benigno-w", { service: "benigno", version: "v2", host: 5, zone: "west" });
  const west = [zone("west"), far, ingress("west", 9, [{ "kuma.io/service": "benigno", version: "v2" }])];

  it("are reached through their ingress, and their servers asked for permission", () => {
    const explained = ask([...world, ...west]);
    expect(linesOf(explained, "endpoints")).toEqual([
      "endpoints of benigno",
      "50 %: benigno-1 at 10.0.0.3:8080 in east (same zone)",
      "50 %: through zone ingress ingress-west at 192.0.2.9:10001 in west (other zone)",
    ]);
    expect(explained.destinations[0]?.servers).toMatchObject([
      { zone: "east", dataplane: "benigno-1", share: 0.5, through: [], permission: { decision: "allowed" } },
      { zone: "west", dataplane: "benigno-w", share: 0.5, through: ["ingress-west"], permission: { decision: "allowed" } },
    ]);
    expect(explained.verdict.outcome).toBe("reaches");
  });

  it("wait while there is somebody near, where the mesh prefers that", () => {
    const near = mesh({ routing: { localityAwareLoadBalancing: true } });
    const explained = ask([near, ...world.slice(1), ...west]);
    expect(linesOf(explained, "endpoints").slice(1)).toEqual([
      "100 %: benigno-1 at 10.0.0.3:8080 in east (same zone, priority 0)",
      "only if those before fail: through zone ingress ingress-west at 192.0.2.9:10001 in west (other zone, priority 1)",
    ]);
  });

  it.each([
    ["without an ingress", [zone("west"), far], mesh(), "zone west has no ingress"],
    ["that is switched off", [zone("west", false), ...west.slice(1)], mesh(), "zone west is switched off"],
    ["without mTLS", west, plainMesh, "other zones are reached with mTLS only, and the mesh has none"],
    [
      "whose ingress does not offer it",
      [zone("west"), far, ingress("west", 9, [])],
      mesh(),
      "the ingress of zone west does not offer it",
    ],
  ])("%s get nothing, and it is told why", (_, others, itsMesh, reason) => {
    const explained = ask([itsMesh, ...world.slice(1), ...others]);
    expect(explained.destinations[0]?.leftOut).toEqual([{ zone: "west", name: "benigno-w", reason }]);
  });

  it("whose servers are gone, though the ingress still offers them", () => {
    const explained = ask([mesh(), zone("east"), magnanimo, everybody, zone("west"), ...west.slice(2)]);
    expect(verdictOf(explained)).toBe(
      "blocked, no-ingress: magnanimo does not reach benigno: the ingress of zone west has nobody for the server name benigno{mesh=default}",
    );
  });
});
