import { waitFor } from "@meridian/testkit";
import { expect, it } from "vitest";
import type { ControlPlane } from "./harness/control-plane.ts";
import { useMesh } from "./harness/mesh.ts";

interface Service {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly spec: { readonly state?: string };
  readonly status?: {
    readonly vips?: readonly { readonly ip: string }[];
    readonly addresses?: readonly { readonly hostname: string }[];
    readonly meshServices?: readonly { readonly name: string; readonly zone: string }[];
  };
}

const mesh = useMesh(async (starting) => {
  await starting.startGlobal();
  await starting.apply({ type: "Mesh", name: "default", meshServices: { mode: "Everywhere" } });
  for (const name of ["east", "west"]) {
    const zone = await starting.startZone(name);
    await waitFor(`the mesh to reach ${name}`, async () => (await zone.call("/meshes/default")).status === 200);
    expect((await zone.put("/meshes/default/dataplanes/web-1", dataplane("web-1", "web"))).status).toBe(201);
  }
});

function dataplane(name: string, service: string): object {
  const inbound = [{ port: 8080, tags: { "kuma.io/service": service, "kuma.io/protocol": "http" } }];
  return { type: "Dataplane", mesh: "default", name, networking: { address: "10.0.0.1", inbound } };
}

async function servicesOf(plane: ControlPlane, kind: "meshservices" | "meshmultizoneservices"): Promise<readonly Service[]> {
  const { items } = await plane.json<{ items: readonly Service[] }>(`/meshes/default/${kind}`);
  return items;
}

/** By host name, once each of them has an address of its own. */
async function addressesOf(plane: ControlPlane, count: number): Promise<ReadonlyMap<string, string>> {
  return waitFor(`${count} services with an address`, async () => {
    const services = [...(await servicesOf(plane, "meshservices")), ...(await servicesOf(plane, "meshmultizoneservices"))];
    const named = services.flatMap(({ status }) => {
      const ip = status?.vips?.[0]?.ip ?? "";
      return (status?.addresses ?? []).map(({ hostname }) => [hostname, ip] as const);
    });
    expect(named).toHaveLength(count);
    expect(new Set(named.map(([, ip]) => ip)).size).toBe(count);
    return new Map(named);
  });
}

it("services of data planes are known by name and address in every zone, joined ones too", async () => {
  await mesh.apply({
    type: "MeshMultiZoneService",
    mesh: "default",
    name: "web",
    spec: { selector: { meshService: { matchLabels: { "kuma.io/display-name": "web" } } }, ports: [{ port: 8080 }] },
  });
  const names = { east: "west", west: "east" };
  for (const [zone, other] of Object.entries(names)) {
    const addresses = await addressesOf(mesh.zone(zone), 3);
    expect([...addresses.keys()].sort()).toEqual(
      ["web.mzsvc.mesh.local", `web.svc.${other}.mesh.local`, "web.svc.mesh.local"].sort(),
    );
    expect(addresses.get("web.svc.mesh.local")).toMatch(/^241\./);
    expect(addresses.get("web.mzsvc.mesh.local")).toMatch(/^243\./);
  }
  await waitFor("the global to say what is joined", async () => {
    const [joined] = await servicesOf(mesh.global, "meshmultizoneservices");
    const places = joined?.status?.meshServices?.map(({ name, zone }) => `${zone}/${name}`) ?? [];
    return places.join(" ") === "east/web west/web";
  });
});

it("addresses outlive a control plane that is killed", async () => {
  const east = mesh.zone("east");
  const before = await addressesOf(east, 3);
  await east.process.kill();
  await east.start();
  expect((await east.put("/meshes/default/dataplanes/db-1", dataplane("db-1", "db"))).status).toBe(201);
  const after = await addressesOf(east, 4);
  for (const [hostname, ip] of before) expect(after.get(hostname)).toBe(ip);
});
