import { waitFor } from "@meridian/testkit";
import { expect, it } from "vitest";
import { meshWithMtls, trafficPermission } from "./harness/documents.ts";
import { http } from "./harness/http.ts";
import { askOverTls, builtinCaOf, leafOf, startTlsServer } from "./harness/identity.ts";
import { useMesh } from "./harness/mesh.ts";
import { inboundPort, type Service, sidecarResource } from "./harness/service.ts";
import { readAnswer } from "./harness/traffic.ts";

let web: Service;
let backend: Service;

const mesh = useMesh(async (starting) => {
  await starting.startGlobal();
  await starting.startZone("east");
  await starting.applyAndConverge(meshWithMtls(), meshWithMtls({ name: "other" }));
  [web, backend] = await Promise.all([
    starting.startService({ zone: "east", service: "web", calls: ["backend", "vault"] }),
    starting.startService({ zone: "east", service: "backend" }),
  ]);
  await starting.settled({ east: 2 });
});

/** web asks backend through both sidecars. */
async function webAsksBackend(): Promise<number> {
  return (await http({ url: `http://${web.to("backend")}/` })).status;
}

/**
 * Envoy answers the next request on each connection that was open already by the old rules, and then closes it (a listener that
 * changes drains its connections): a permission is in force for new connections when it has converged, for old ones one answer later.
 */
function until(wanted: "allowed" | "denied"): Promise<unknown> {
  return waitFor(`web to be ${wanted}`, async () => ((await webAsksBackend()) === 200) === (wanted === "allowed"));
}

it("traffic is denied without a permission and allowed by a TrafficPermission, and only while there is one", async () => {
  expect(await webAsksBackend()).not.toBe(200);
  await mesh.applyAndConverge(trafficPermission("web", "backend"));
  await until("allowed");
  const answer = readAnswer(await http({ url: `http://${web.to("backend")}/` }));
  expect(answer).toMatchObject({ service: "backend", caller: "spiffe://default/web" });
  await mesh.applyAndConverge(trafficPermission("somebody", "backend", "web-to-backend"));
  await until("denied");
});

it("a MeshTrafficPermission allows, and its deny takes the permission away", async () => {
  const permission = (action: string): object => ({
    type: "MeshTrafficPermission",
    mesh: "default",
    name: "backend",
    spec: {
      targetRef: { kind: "MeshService", name: "backend" },
      from: [{ targetRef: { kind: "MeshService", name: "web" }, default: { action } }],
    },
  });
  await mesh.applyAndConverge(permission("Allow"));
  await until("allowed");
  await mesh.applyAndConverge(permission("Deny"));
  await until("denied");
  await mesh.applyAndConverge(permission("Allow"));
  await until("allowed");
});

it("the sidecar of a service refuses plaintext, no certificate, and the certificates of another mesh", async () => {
  const own = await builtinCaOf(mesh);
  const foreign = await builtinCaOf(mesh, "other");
  // Proof that these requests are right in everything but the identity.
  expect(await askOverTls(backend.inbound, await leafOf(own, "spiffe://default/web"))).toMatchObject({ status: 200 });
  expect(await askOverTls(backend.inbound, await leafOf(foreign, "spiffe://default/web"))).toHaveProperty("refused");
  expect(await askOverTls(backend.inbound, await leafOf(foreign, "spiffe://other/web"))).toHaveProperty("refused");
  expect(await askOverTls(backend.inbound)).toHaveProperty("refused");
  await expect(http({ url: `http://${backend.inbound}/` })).rejects.toThrow();
});

it("a certificate of the mesh without a permission is refused", async () => {
  const stranger = await leafOf(await builtinCaOf(mesh), "spiffe://default/stranger");
  const answer = await askOverTls(backend.inbound, stranger);
  expect("status" in answer ? answer.status : answer.refused).not.toBe(200);
});

it("a client refuses a server of the same mesh that is another service", async () => {
  const own = await builtinCaOf(mesh);
  const host = mesh.world.network.at(1, 100);
  // It stands in the service's place, but its certificate is not the service's.
  const { type, ...vault } = sidecarResource({ zone: "east", service: "vault" }, host);
  expect((await mesh.zone("east").put(`/meshes/default/dataplanes/${vault.name}`, { type, ...vault })).status).toBe(201);
  const impostor = mesh.world.own(await startTlsServer(host, inboundPort, await leafOf(own, "spiffe://default/backend")));
  const ask = async (): Promise<number> => (await http({ url: `http://${web.to("vault")}/` })).status;
  await waitFor("web's sidecar to refuse it", async () => {
    expect(await ask()).toBe(503);
    return ((await web.sidecar.stats("^cluster.vault.ssl.fail_verify_san$")).get("cluster.vault.ssl.fail_verify_san") ?? 0) > 0;
  });
  await impostor.stop();
  mesh.world.own(await startTlsServer(host, inboundPort, await leafOf(own, "spiffe://default/vault")));
  await waitFor("web to reach the real vault", async () => (await ask()) === 200);
});

it("PERMISSIVE takes plaintext and mTLS; STRICT ends plaintext", async () => {
  await mesh.applyAndConverge(meshWithMtls({ mode: "PERMISSIVE" }));
  expect((await http({ url: `http://${backend.inbound}/` })).status).toBe(200);
  await until("allowed");
  await mesh.applyAndConverge(meshWithMtls({ mode: "STRICT" }));
  await expect(http({ url: `http://${backend.inbound}/` })).rejects.toThrow();
  await until("allowed");
});
