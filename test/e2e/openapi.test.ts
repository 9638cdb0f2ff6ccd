import { coreKinds, type KindDefinition, parseDocuments } from "@meridian/model";
import { policyKinds } from "@meridian/policies";
import { waitFor } from "@meridian/testkit";
import { expect, it } from "vitest";
import type { ControlPlane } from "./harness/control-plane.ts";
import { DataPlane } from "./harness/data-plane.ts";
import { meshWithMtls, trafficPermission } from "./harness/documents.ts";
import { useMesh } from "./harness/mesh.ts";
import { visitEverything } from "./harness/openapi-visitor.ts";
import { inboundPort } from "./harness/service.ts";
import { Traffic } from "./harness/traffic.ts";

// That answers are as described is checked by the harness, for every answer in every file. This one asks everything that can be asked,
// of control planes whose mesh has something of every kind in it.

const mesh = useMesh(async (starting) => {
  await starting.startGlobal();
  const [east] = await Promise.all([starting.startZone("east"), starting.startZone("west")]);
  await starting.applyAndConverge({ ...meshWithMtls(), meshServices: { mode: "Exclusive" } }, trafficPermission("*", "*"));
  const backend = { kind: "MeshService", labels: { "kuma.io/display-name": "backend" }, port: inboundPort };
  const service = "edge";
  const networking = {
    address: starting.world.network.at(east.index, 9),
    gateway: { type: "BUILTIN", tags: { "kuma.io/service": service } },
  };
  const gateway = new DataPlane(starting.world, {
    ...{ name: "edge-1", type: "dataplane", controlPlane: east.dataPlaneServer, caCertFile: east.caCertFile },
    resource: { type: "Dataplane", mesh: "default", name: "edge-1", networking },
    token: await starting.global.client.token("dataplane", { mesh: "default", tags: { "kuma.io/service": [service] } }),
  });
  const [, , caller] = await Promise.all([
    starting.startIngress("east"),
    starting.startEgress("east"),
    starting.startService({ zone: "east", service: "web", backends: { backend } }),
    starting.startService({ zone: "west", service: "backend" }),
    starting.startService({ zone: "east", service: "backend", labels: { "kuma.io/workload": "backend" } }),
    gateway.start(),
  ]);
  await starting.settled({ east: 5, west: 1 });
  await (await Traffic.flowing(caller.to("backend"))).stop();
  await applyExamples();
});

/** Everything that users write at a global, as the documentation shows it; what a zone owns, at the zone. */
async function applyExamples(): Promise<void> {
  // These are there already, or the examples of others would not stand beside theirs.
  const own = ["Mesh", "Zone", "Dataplane", "ZoneIngress", "ZoneEgress", "MeshService", "Workload"];
  const kinds = [...coreKinds, ...policyKinds].filter(({ kind, category }) => category !== "insight" && !own.includes(kind));
  await mesh.apply(...kinds.filter(({ zoneOwned }) => !zoneOwned).map(exampleOf), route);
  const atZone = kinds.filter(({ zoneOwned }) => zoneOwned);
  const labels = { "kuma.io/origin": "zone" };
  await mesh.zone("east").client.apply({ documents: atZone.map((kind) => ({ ...exampleOf(kind), labels })) });
}

/** Of an outbound that is there, which no example knows. */
const route = {
  ...{ type: "MeshHTTPRoute", mesh: "default", name: "slow" },
  spec: {
    to: [
      {
        targetRef: { kind: "MeshService", labels: { "kuma.io/display-name": "backend" } },
        rules: [{ matches: [{ path: { type: "PathPrefix", value: "/slow" } }], default: {} }],
      },
    ],
  },
};

function exampleOf({ kind, example, scope }: KindDefinition): object {
  const [parsed] = parseDocuments(example, { source: kind }).documents;
  return { ...Object(parsed?.value), ...(scope === "mesh" && { mesh: "default" }) };
}

/** Operations that cannot be seen to succeed, and what comes instead; nothing: there is nothing that could be named. */
const refusals = {
  // What a proxy should hold is generated in its zone.
  global: { "/meshes/{mesh}/dataplanes/{name}/_config": [405] },
  // A zone knows no insights about zones, not even about itself.
  zone: { "/zone-insights/{name}": [] },
};

/** What proxies, zones and the global make of all this is there, too: something of every kind, and the services of both zones. */
async function isComplete(plane: ControlPlane, without: object): Promise<boolean> {
  const kinds = (await plane.client.kinds()).filter(({ path }) => !(`/${path}/{name}` in without));
  const lists = await Promise.all(
    kinds.map(({ scope, path }) => plane.client.list({ path, ...(scope === "Mesh" && { mesh: "default" }) })),
  );
  const missing = kinds.filter((_, index) => lists[index]?.total === 0).map(({ name }) => name);
  if (missing.length > 0) throw new Error(`there is no ${missing.join(", ")}`);
  return (await plane.client.list({ path: "meshservices", mesh: "default" }, { name: "backend" })).total === 2;
}

it.each(["global", "zone"] as const)(
  "every operation of a %s's document answers as it says",
  { timeout: 600_000 },
  async (role) => {
    const plane = role === "global" ? mesh.global : mesh.zone("east");
    await waitFor("something of every kind", () => isComplete(plane, refusals[role]));
    const visits = await visitEverything(plane, await plane.json("/openapi.json"));
    expect(visits.size).toBeGreaterThan(300);
    const refused = [...visits].filter(([, statuses]) => !statuses.has(200)).map(([path, statuses]) => [path, [...statuses]]);
    expect(Object.fromEntries(refused)).toEqual(refusals[role]);
  },
);
