import { describe, expect, it } from "vitest";
import { ask, dataplane, linesOf, mesh, permission, resource, route, zone } from "./testing/mesh.ts";

const world = [
  mesh(),
  zone("east"),
  dataplane("magnanimo-1", { service: "magnanimo", calls: ["benigno"], host: 1 }),
  dataplane("benigno-v1", { service: "benigno", version: "v1", host: 3 }),
  dataplane("benigno-v2", { service: "benigno", version: "v2", host: 4 }),
  permission("everybody", "*", "*"),
];

const toV2 = { "kuma.io/service": "benigno", version: "v2" };

/** Where the requests go, as shares by name. */
function sharesOf({ destinations }: ReturnType<typeof ask>): Readonly<Record<string, number>> {
  return Object.fromEntries(destinations.map(({ name, share }) => [name, share]));
}

describe("a TrafficRoute", () => {
  it("splits by weight", () => {
    const explained = ask([...world, route("canary", { v1: 90, v2: 10 })]);
    expect(sharesOf(explained)).toEqual({ "benigno v1": 0.9, "benigno v2": 0.1 });
    expect(explained.route).toMatchObject({ place: 1, of: 1, match: "", policies: ["TrafficRoute/default/canary"] });
    expect(explained.verdict).toMatchObject({
      outcome: "reaches",
      share: 1,
      text: "magnanimo reaches benigno: 90 % go to benigno v1 and 10 % go to benigno v2",
      policies: ["TrafficPermission/default/everybody", "TrafficRoute/default/canary"],
    });
  });

  const matches = [
    { match: { path: { prefix: "/beta" }, method: { exact: "POST" } }, destination: toV2 },
    { match: { headers: { "x-beta": { exact: "yes" } } }, destination: toV2 },
    { match: { path: { regex: "/item/[0-9]+" } }, destination: toV2 },
  ];

  it.each([
    ["path and method", { path: "/beta/x", method: "POST" }, "benigno v2"],
    ["a path with another method", { path: "/beta/x" }, "benigno v1"],
    ["a header", { headers: { "x-beta": "yes" } }, "benigno v2"],
    ["another value of the header", { headers: { "x-beta": "no" } }, "benigno v1"],
    ["a regex that fits the whole path", { path: "/item/12" }, "benigno v2"],
    ["a regex that fits a part of it", { path: "/item/12/x" }, "benigno v1"],
  ])("matches by %s", (_, question, destination) => {
    expect(sharesOf(ask([...world, route("matching", { v1: 1 }, matches)], question))).toEqual({ [destination]: 1 });
  });

  it("that names a match says which route of how many it is", () => {
    const explained = ask([...world, route("matching", { v1: 1 }, matches)], { path: "/beta/x?token=secret", method: "POST" });
    expect(linesOf(explained, "route")).toEqual([
      "route: TrafficRoute matching",
      expect.stringMatching(/^POST \/beta\/x takes route \d of 4, with path \/beta\*, method POST$/) as string,
      expect.stringMatching(/^100 % to benigno v2 \(cluster benigno-[0-9a-f]{16}\)$/) as string,
    ]);
  });

  it("that fits another destination only cuts this one", () => {
    const other = resource("TrafficRoute", "other", {
      sources: [{ match: { "kuma.io/service": "*" } }],
      destinations: [{ match: { "kuma.io/service": "warehouse" } }],
      conf: { destination: { "kuma.io/service": "warehouse" } },
    });
    expect(ask([...world, other]).verdict).toMatchObject({
      outcome: "blocked",
      reason: "cut",
      text: "magnanimo does not reach benigno: the outbound closes every connection: the mesh has TrafficRoutes and none fits benigno",
    });
  });
});

describe("a MeshHTTPRoute", () => {
  function meshHttpRoute(name: string, rules: readonly object[]) {
    return resource("MeshHTTPRoute", name, {
      targetRef: { kind: "Mesh" },
      to: [{ targetRef: { kind: "MeshService", name: "benigno" }, rules }],
    });
  }
  const subset = (version: string, weight: number) => ({ kind: "MeshServiceSubset", name: "benigno", tags: { version }, weight });
  const beta = meshHttpRoute("beta", [
    {
      matches: [{ headers: [{ name: "x-beta", type: "Exact", value: "yes" }] }],
      default: { backendRefs: [subset("v1", 25), subset("v2", 75)] },
    },
  ]);
  const moved = meshHttpRoute("moved", [
    {
      matches: [{ path: { type: "PathPrefix", value: "/old" } }],
      default: { filters: [{ type: "RequestRedirect", requestRedirect: { hostname: "new.example", statusCode: 302 } }] },
    },
  ]);

  it("is named where its rule takes the request, with its weights", () => {
    const explained = ask([...world, beta], { headers: { "x-beta": "yes" } });
    expect(sharesOf(explained)).toEqual({ "benigno v1": 0.25, "benigno v2": 0.75 });
    expect(explained.route?.policies).toEqual(["MeshHTTPRoute/default/beta"]);
  });

  it("does not decide about a request that none of its rules takes", () => {
    const explained = ask([...world, beta, moved], { headers: { "x-beta": "no" } });
    expect(sharesOf(explained)).toEqual({ benigno: 1 });
    expect(explained.route?.match).toBe("");
  });

  it("may send copies, which decide nothing", () => {
    const mirror = { type: "RequestMirror", requestMirror: { percentage: 20, backendRef: subset("v2", 1) } };
    const copied = meshHttpRoute("copied", [
      { matches: [{ path: { type: "PathPrefix", value: "/" } }], default: { filters: [mirror], backendRefs: [subset("v1", 1)] } },
    ]);
    const explained = ask([...world, copied]);
    expect(sharesOf(explained)).toEqual({ "benigno v1": 1 });
    expect(linesOf(explained, "route")).toContain("a copy of 20 % of the requests goes to benigno v2");
  });

  it("may answer by itself", () => {
    const explained = ask([...world, beta, moved], { path: "/old/x" });
    expect(explained.route?.policies).toEqual(["MeshHTTPRoute/default/moved"]);
    expect(explained.verdict).toMatchObject({
      outcome: "answered",
      status: 302,
      text: "magnanimo gets an answer for benigno, but from no server: the client's proxy redirects with 302 to host new.example",
    });
  });
});

it("a MeshTCPRoute decides about connections, whatever the request says", () => {
  const tcp = world.map((each) =>
    each.kind === "Dataplane" ? (JSON.parse(JSON.stringify(each).replaceAll('"http"', '"tcp"')) as typeof each) : each,
  );
  const tcpRoute = resource("MeshTCPRoute", "to-v2", {
    targetRef: { kind: "Mesh" },
    to: [
      {
        targetRef: { kind: "MeshService", name: "benigno" },
        rules: [{ default: { backendRefs: [{ kind: "MeshServiceSubset", name: "benigno", tags: { version: "v2" } }] } }],
      },
    ],
  });
  const explained = ask([...tcp, tcpRoute], { path: "/whatever" });
  expect(explained.outbound?.treats).toBe("tcp");
  expect(sharesOf(explained)).toEqual({ "benigno v2": 1 });
  expect(explained.verdict.policies).toContain("MeshTCPRoute/default/to-v2");
  expect(explained).not.toHaveProperty("route");
});

it("without any route the outbound decides", () => {
  expect(linesOf(ask(world), "route")[0]).toBe("route: no policy routes, so the outbound decides");
});
