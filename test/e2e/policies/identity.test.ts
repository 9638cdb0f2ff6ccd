import { generateCa } from "@meridian/pki";
import { waitFor } from "@meridian/testkit";
import { expect, it } from "vitest";
import type { DataPlane } from "../harness/data-plane.ts";
import { meshWithMtls } from "../harness/documents.ts";
import { type HttpAnswer, http } from "../harness/http.ts";
import { askOverTls, leafOf } from "../harness/identity.ts";
import { useMesh } from "../harness/mesh.ts";
import { inboundPort, type Service } from "../harness/service.ts";
import { readAnswer, Traffic } from "../harness/traffic.ts";

// Two zones. In mesh `default` two services call each other across them, by their tags; in mesh `fresh`, which never had mTLS, one calls
// the other, by its MeshService.

let west: Service;
let east: Service;
let fresh: Service;

const byMeshServices = { meshServices: { mode: "Exclusive" }, skipCreatingInitialPolicies: ["*"] };
const plain = { type: "Mesh", name: "default", ...byMeshServices };
const withMtls = { ...meshWithMtls(), ...byMeshServices };

const mesh = useMesh(async (starting) => {
  await starting.startGlobal();
  await Promise.all(["east", "west"].map((zone) => starting.startZone(zone)));
  await starting.applyAndConverge(
    { ...meshWithMtls(), ...byMeshServices },
    { ...plain, name: "fresh" },
    permission("default", everyone),
  );
  const workload = (name: string) => ({ labels: { "kuma.io/workload": name } });
  const remote = { kind: "MeshService", labels: { "kuma.io/display-name": "far", "kuma.io/zone": "east" }, port: inboundPort };
  [west, east, fresh] = await Promise.all([
    starting.startService({ zone: "west", service: "orders", calls: ["stock"], ...workload("orders") }),
    starting.startService({ zone: "east", service: "stock", calls: ["orders"], ...workload("stock") }),
    starting.startService({ zone: "west", service: "near", mesh: "fresh", backends: { remote }, ...workload("near") }),
    starting.startService({ zone: "east", service: "far", mesh: "fresh", ...workload("far") }),
    starting.startIngress("east"),
    starting.startIngress("west"),
  ]);
  await starting.settled({ east: 3, west: 3 });
});

const given = { west: "spiffe://default.west.mesh.local/", east: "spiffe://default.east.mesh.local/" };
const everyone = { allow: ["spiffe://default/", given.west, given.east].map(prefix) };

function prefix(value: string): object {
  return { spiffeID: { type: "Prefix", value } };
}

function permission(name: string, conf: object): object {
  return { type: "MeshTrafficPermission", mesh: name, name: "by-id", spec: { rules: [{ default: conf }] } };
}

function identity(name: string): object {
  const bundled = { autogenerate: { enabled: true }, insecureAllowSelfSigned: true };
  const spec = { selector: { dataplane: { matchLabels: {} } }, provider: { type: "Bundled", bundled } };
  return { type: "MeshIdentity", mesh: name, name: "all", spec };
}

function ask(client: Service, target: string): Promise<HttpAnswer> {
  return http({ url: `http://${client.to(target)}/`, timeoutMs: 20_000 });
}

interface ConfigDump {
  readonly configs: readonly {
    readonly dynamic_listeners?: readonly { readonly active_state?: object }[];
    readonly dynamic_active_clusters?: readonly object[];
  }[];
}

/** To new connections. Those that are older than the last change keep what they began with, and Envoy its secret, until they are done. */
async function showsMeshCertificate(sidecar: DataPlane): Promise<boolean> {
  const { configs } = JSON.parse(await sidecar.configDump()) as ConfigDump;
  const inForce = configs.map(({ dynamic_listeners: listeners = [], dynamic_active_clusters: clusters = [] }) => [
    listeners.map((listener) => listener.active_state),
    clusters,
  ]);
  return JSON.stringify(inForce).includes("identity_cert:secret");
}

it("data planes go from the mesh's CA to identities of two trust domains and back, and not one request fails", async () => {
  const there = await Traffic.flowing(west.to("stock"));
  const back = await Traffic.flowing(east.to("orders"));
  await Promise.all([
    there.next(({ caller }) => caller === "spiffe://default/orders"),
    back.next(({ caller }) => caller === "spiffe://default/stock"),
  ]);
  await mesh.applyAndConverge(identity("default"));
  await Promise.all([
    there.next(({ caller }) => caller === `${given.west}workload/orders`),
    back.next(({ caller }) => caller === `${given.east}workload/stock`),
  ]);
  for (const { sidecar } of [west, east]) {
    await waitFor("the sidecar to show nothing else", async () => !(await showsMeshCertificate(sidecar)));
  }
  // The mesh's CA can go: nobody shows a certificate of it any more.
  await mesh.applyAndConverge(plain);
  // And the way back.
  await mesh.applyAndConverge(withMtls);
  await mesh.global.client.delete({ path: "meshidentities", mesh: "default", name: "all" });
  await Promise.all([
    there.next(({ caller }) => caller === "spiffe://default/orders"),
    back.next(({ caller }) => caller === "spiffe://default/stock"),
  ]);
  for (const traffic of [there, back]) {
    await traffic.answers(traffic.counts.answered + 50);
    const { failures } = await traffic.stop();
    expect(failures).toEqual([]);
  }
});

it("a permission by the trust domain of the other zone allows and denies", async () => {
  await mesh.applyAndConverge(plain, identity("default"));
  await waitFor(
    "the other trust domain",
    async () => readAnswer(await ask(west, "stock")).caller === `${given.west}workload/orders`,
  );
  await mesh.applyAndConverge(permission("default", { allow: [prefix(given.east)] }));
  await waitFor("orders to be denied in the east", async () => (await ask(west, "stock")).status === 403);
  expect((await ask(east, "orders")).status).toBe(200);
  await mesh.applyAndConverge(
    permission("default", { allow: [prefix(given.west)], deny: [prefix(`${given.west}workload/orders`)] }),
  );
  await waitFor("stock to be denied in the west", async () => (await ask(east, "orders")).status === 403);
  expect((await ask(west, "stock")).status).toBe(403);
  await mesh.applyAndConverge(permission("default", everyone));
  await waitFor("orders to be allowed again", async () => (await ask(west, "stock")).status === 200);
});

it("a partner whose CA is believed gets in where his ids are named, and can be nobody else", async () => {
  const ca = await generateCa({
    commonName: "partner",
    spiffeId: "spiffe://partner.example",
    validForMs: 3_600_000,
    now: new Date(),
  });
  const partner = await leafOf(ca, "spiffe://partner.example/shop");
  const impostor = await leafOf(ca, `${given.west}workload/orders`);
  expect(await askOverTls(east.inbound, partner)).toHaveProperty("refused");
  const caBundles = [{ type: "Pem", pem: { value: ca.certPem } }];
  await mesh.applyAndConverge({
    type: "MeshTrust",
    mesh: "default",
    name: "partner",
    spec: { trustDomain: "partner.example", caBundles },
  });
  await waitFor("him to be believed", async () => "status" in (await askOverTls(east.inbound, partner)));
  expect(await askOverTls(east.inbound, partner)).toMatchObject({ status: 403 });
  expect(await askOverTls(east.inbound, impostor)).toHaveProperty("refused");
  await mesh.applyAndConverge(permission("default", { allow: [...everyone.allow, prefix("spiffe://partner.example/")] }));
  await waitFor("him to be allowed", async () => {
    const answer = await askOverTls(east.inbound, partner);
    return "status" in answer && answer.status === 200;
  });
  expect(await askOverTls(east.inbound, impostor)).toHaveProperty("refused");
});

it("a mesh without mTLS gets identities, and its services reach each other across zones", async () => {
  expect((await ask(fresh, "remote")).status).not.toBe(200);
  await mesh.applyAndConverge(
    identity("fresh"),
    permission("fresh", { allow: [{ spiffeID: { type: "Exact", value: "spiffe://fresh.west.mesh.local/workload/near" } }] }),
  );
  const answer = await waitFor("an answer from the other zone", async () => {
    const latest = await ask(fresh, "remote");
    return latest.status === 200 ? readAnswer(latest) : undefined;
  });
  expect(answer).toMatchObject({ service: "far", zone: "east", caller: "spiffe://fresh.west.mesh.local/workload/near" });
});
