import { waitFor } from "@meridian/testkit";
import { expect, it } from "vitest";
import type { DataPlane } from "../harness/data-plane.ts";
import { meshWithMtls } from "../harness/documents.ts";
import { type HttpAnswer, http } from "../harness/http.ts";
import { useMesh } from "../harness/mesh.ts";
import { inboundPort, type Service } from "../harness/service.ts";
import { readAnswer } from "../harness/traffic.ts";
import { Workload } from "../harness/workload.ts";

// Two zones, each with `orders`; `carts` in the west alone. The caller's outbounds name MeshServices, not tags.

const port = inboundPort;
const remote = { kind: "MeshService", labels: { "kuma.io/display-name": "orders", "kuma.io/zone": "east" }, port };
const workload = new Workload();
let caller: Service;
let near: Service;
let ingress: DataPlane;

const mesh = useMesh(async (starting) => {
  await starting.startGlobal();
  await Promise.all(["east", "west"].map((zone) => starting.startZone(zone)));
  await starting.applyAndConverge({ ...meshWithMtls(), meshServices: { mode: "Everywhere" } }, permission({ action: "Allow" }), {
    type: "MeshMultiZoneService",
    mesh: "default",
    name: "orders",
    spec: {
      selector: { meshService: { matchLabels: { "kuma.io/display-name": "orders" } } },
      ports: [{ port, appProtocol: "http" }],
    },
  });
  const backends = {
    local: { kind: "MeshService", name: "orders", port },
    remote,
    everywhere: { kind: "MeshMultiZoneService", name: "orders", port },
    nowhere: { kind: "MeshService", name: "nobody", port },
  };
  [caller, near, ingress] = await Promise.all([
    starting.startService({ zone: "west", service: "caller", calls: ["orders"], backends }),
    starting.startService({ zone: "west", service: "orders", version: "v1", statusOf: workload.statusOf }),
    starting.startIngress("east"),
    starting.startService({ zone: "west", service: "carts", version: "v9" }),
    starting.startService({ zone: "east", service: "orders", version: "v2", statusOf: workload.statusOf }),
  ]);
  await starting.settled({ east: 2, west: 3 });
});

function permission(conf: object): object {
  return {
    type: "MeshTrafficPermission",
    mesh: "default",
    name: "all",
    spec: { from: [{ targetRef: { kind: "Mesh" }, default: conf }] },
  };
}

function ask(backend: string, path = "/"): Promise<HttpAnswer> {
  return http({ url: `http://${caller.to(backend)}${path}`, timeoutMs: 20_000 });
}

/** `v1 in west`, or the status of an answer that is none of a workload. */
async function placeOf(backend: string, path?: string): Promise<string> {
  const answer = await ask(backend, path);
  if (answer.status !== 200) return String(answer.status);
  const { version, zone } = readAnswer(answer);
  return `${version} in ${zone}`;
}

async function places(backend: string, count: number, path?: string): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>();
  for (let sent = 0; sent < count; sent += 1) {
    const place = await placeOf(backend, path);
    counts.set(place, (counts.get(place) ?? 0) + 1);
  }
  return counts;
}

/** Waits until all of these have answered, and nobody else does. */
function seen(backend: string, expected: readonly string[], path?: string): Promise<unknown> {
  return waitFor(`answers from ${expected.join(", ")} only`, async () => {
    expect([...(await places(backend, 40, path)).keys()].sort()).toEqual(expected.toSorted());
    return true;
  });
}

it("an outbound to a MeshService of the own zone goes there", () => seen("local", ["v1 in west"]));

it("one of another zone is reached through its ingress, by its own server name and with mTLS from end to end", async () => {
  await seen("remote", ["v2 in east"]);
  expect(readAnswer(await ask("remote")).caller).toBe("spiffe://default/caller");
});

it("an outbound to nobody takes nothing away from the others", async () => {
  await expect(ask("nowhere")).rejects.toThrow();
  await seen("local", ["v1 in west"]);
});

it("a policy for one MeshService concerns that one alone", async () => {
  const to = [{ targetRef: { kind: "MeshService", labels: remote.labels }, default: { http: { requestTimeout: "200ms" } } }];
  await mesh.applyAndConverge({ type: "MeshTimeout", mesh: "default", name: "east", spec: { to } });
  expect((await ask("remote", "/held")).status).toBe(504);
  expect((await ask("local", "/after-1s")).status).toBe(200);
  workload.release();
  await mesh.global.client.delete({ path: "meshtimeouts", mesh: "default", name: "east" });
  await seen("remote", ["v2 in east"]);
});

it("a MeshHTTPRoute splits between MeshServices of two zones, and sends a path elsewhere", async () => {
  const rules = [
    {
      matches: [{ path: { type: "PathPrefix", value: "/carts" } }],
      default: { backendRefs: [{ kind: "MeshService", name: "carts", port }] },
    },
    {
      matches: [{ path: { type: "PathPrefix", value: "/" } }],
      default: { backendRefs: [{ kind: "MeshService", name: "orders", port, weight: 3 }, remote] },
    },
  ];
  const route = {
    type: "MeshHTTPRoute",
    mesh: "default",
    name: "split",
    spec: { to: [{ targetRef: { kind: "MeshService", name: "orders", sectionName: String(port) }, rules }] },
  };
  await mesh.applyAndConverge(route);
  await seen("local", ["v1 in west", "v2 in east"]);
  await seen("local", ["v9 in west"], "/carts/7");
  const counts = await places("local", 400);
  // A quarter of 400 are 100, with a deviation of less than 9: five of them.
  expect(counts.get("v2 in east")).toBeGreaterThan(100 - 45);
  expect(counts.get("v2 in east")).toBeLessThan(100 + 45);
  // An outbound that is known by its tag has the same routes.
  await seen("orders", ["v1 in west", "v2 in east"]);
  await mesh.global.client.delete({ path: "meshhttproutes", mesh: "default", name: "split" });
  await seen("local", ["v1 in west"]);
});

it("a MeshTCPRoute sends connections to another MeshService", async () => {
  const rules = [{ default: { backendRefs: [{ kind: "MeshService", name: "carts", port }] } }];
  const to = [{ targetRef: { kind: "MeshService", name: "orders", sectionName: String(port) }, rules }];
  await mesh.applyAndConverge({ type: "MeshTCPRoute", mesh: "default", name: "bytes", spec: { to } });
  await seen("local", ["v9 in west"]);
  await mesh.global.client.delete({ path: "meshtcproutes", mesh: "default", name: "bytes" });
  await seen("local", ["v1 in west"]);
});

it("a MeshMultiZoneService stays near, unless a strategy says otherwise", async () => {
  await seen("everywhere", ["v1 in west"]);
  const everywhere = { localityAwareness: { disabled: true } };
  const to = [{ targetRef: { kind: "MeshMultiZoneService", name: "orders" }, default: everywhere }];
  await mesh.applyAndConverge({ type: "MeshLoadBalancingStrategy", mesh: "default", name: "far", spec: { to } });
  await seen("everywhere", ["v1 in west", "v2 in east"]);
  await mesh.global.client.delete({ path: "meshloadbalancingstrategies", mesh: "default", name: "far" });
  await seen("everywhere", ["v1 in west"]);
});

it("it goes to the other zone when nobody is left in its own, and comes back", async () => {
  await near.sidecar.process.stop();
  await seen("everywhere", ["v2 in east"]);
  await near.sidecar.start();
  await seen("everywhere", ["v1 in west"]);
});

it("a zone ingress that the mesh has of its own stands in for that of the zone", async () => {
  const address = await mesh.startMeshIngress("east");
  await ingress.process.stop();
  await waitFor("the way in to close", async () => (await ask("remote")).status === 503);
  const labels = { "kuma.io/origin": "zone" };
  const document = { type: "MeshZoneAddress", mesh: "default", name: "door", labels, spec: address };
  const written = await mesh.zone("east").put("/meshes/default/meshzoneaddresses/door", document);
  expect(written).toMatchObject({ status: 201 });
  await seen("remote", ["v2 in east"]);
});
