import type { Resource, Tags } from "@meridian/model";
import { describe, expect, it } from "vitest";
import { ask, dataplane, linesOf, mesh, permission, resource, zone } from "./testing/mesh.ts";

/** magnanimo's outbound names a MeshService, not a tag. */
function caller(backendRef: object): Resource {
  const { spec, ...rest } = dataplane("magnanimo-1", { service: "magnanimo", host: 1 });
  const { networking } = spec as { readonly networking: object };
  return { ...rest, spec: { networking: { ...networking, outbound: [{ port: 10_001, backendRef }] } } };
}

function meshService(name: string, tags: Tags, labels: Tags = {}): Resource {
  const ports = [{ port: 80, targetPort: 8080, appProtocol: "http" }];
  const identities = [{ type: "ServiceTag", value: "benigno" }];
  return resource("MeshService", name, { selector: { dataplaneTags: tags }, ports, identities, state: "Available" }, labels);
}

const benigno = meshService("benigno", { "kuma.io/service": "benigno" });
const everybody = permission("everybody", "*", "*");
const workloads = [
  dataplane("benigno-1", { service: "benigno", version: "v1", host: 3 }),
  dataplane("benigno-2", { service: "benigno", version: "v2", host: 4, isDown: true }),
];
const world = [mesh({ meshServices: { mode: "Everywhere" } }), zone("east"), ...workloads, benigno, everybody];
const toBenigno = caller({ kind: "MeshService", name: "benigno", port: 80 });

describe("a MeshService", () => {
  it.each(["benigno", "benigno:80", "127.0.0.1:10001"])("is what the outbound leads to, asked as %s", (to) => {
    const explained = ask([...world, toBenigno], { to });
    expect(explained.outbound).toMatchObject({ name: "MeshService benigno:80", tags: {}, treats: "http" });
    expect(explained.verdict).toMatchObject({
      outcome: "reaches",
      text: expect.stringContaining("MeshService benigno:80") as string,
    });
  });

  it("has the data planes of its selector for servers; who is not ready is left out", () => {
    const explained = ask([...world, toBenigno]);
    expect(linesOf(explained, "endpoints")).toEqual([
      "endpoints of MeshService benigno:80",
      "100 %: benigno-1 at 10.0.0.3:8080 in east (same zone)",
      "not benigno-2 in east: it is not ready",
    ]);
    expect(explained.destinations[0]?.servers).toMatchObject([{ dataplane: "benigno-1", permission: { decision: "allowed" } }]);
  });

  it("that is not there closes the outbound", () => {
    const { verdict } = ask([...world, caller({ kind: "MeshService", name: "benino", port: 80 })], { to: "benino" });
    expect(verdict).toMatchObject({ outcome: "blocked" });
    expect(verdict.text).toContain("there is no benino");
  });

  it("may be the backend of a MeshHTTPRoute, by its name and weight", () => {
    const beta = meshService("benigno-beta", { "kuma.io/service": "benigno", version: "v1" });
    const split = resource("MeshHTTPRoute", "split", {
      targetRef: { kind: "Mesh" },
      to: [
        {
          targetRef: { kind: "MeshService", name: "benigno", sectionName: "80" },
          rules: [
            {
              matches: [{ path: { type: "PathPrefix", value: "/" } }],
              default: {
                backendRefs: [
                  { kind: "MeshService", name: "benigno", port: 80, weight: 3 },
                  { kind: "MeshService", name: "benigno-beta", port: 80, weight: 1 },
                ],
              },
            },
          ],
        },
      ],
    });
    const { destinations, route } = ask([...world, toBenigno, beta, split]);
    expect(destinations.map(({ name, share }) => `${share} ${name}`)).toEqual([
      "0.75 MeshService benigno:80",
      "0.25 MeshService benigno-beta:80",
    ]);
    expect(route?.policies).toEqual(["MeshHTTPRoute/default/split"]);
  });
});

it("a MeshMultiZoneService has the servers of the MeshServices that it joins", () => {
  const joined = resource("MeshMultiZoneService", "all", {
    selector: { meshService: { matchLabels: { team: "a" } } },
    ports: [{ port: 80, appProtocol: "http" }],
  });
  const labelled = meshService("benigno", { "kuma.io/service": "benigno" }, { team: "a" });
  const outbound = caller({ kind: "MeshMultiZoneService", name: "all", port: 80 });
  const explained = ask([...world.filter((each) => each !== benigno), labelled, joined, outbound], { to: "all" });
  expect(explained.destinations).toMatchObject([
    {
      name: "MeshMultiZoneService all:80",
      servers: [{ dataplane: "benigno-1" }],
      leftOut: [{ name: "benigno-2", reason: "it is not ready" }],
    },
  ]);
});
