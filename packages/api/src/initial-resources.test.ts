import { toResourceInput } from "@meridian/model";
import { expect, test } from "vitest";
import { kinds, type TestApi, testApi } from "./testing/test-api.ts";

async function namesOf({ call }: TestApi, path: string): Promise<readonly string[]> {
  return (await call("GET", path)).json.items.map(({ name }: { name: string }) => name);
}

const policyPaths = ["meshtimeouts", "meshcircuitbreakers", "meshretries", "traffic-permissions", "traffic-routes"];

async function policiesOf(api: TestApi, mesh: string): Promise<readonly string[]> {
  const lists = await Promise.all(policyPaths.map((path) => namesOf(api, `/meshes/${mesh}/${path}`)));
  return lists.flat();
}

/** Values: reference multizone.md, end of section 10. */
test("a new mesh has the peer's default policies, in the revision of the mesh", async () => {
  const api = await testApi();
  const before = await api.store.revision();
  await api.call("PUT", "/meshes/m", { type: "Mesh", name: "m" });
  expect(await api.store.revision()).toBe(before + 1);
  expect(await policiesOf(api, "m")).toEqual([
    "mesh-gateways-timeout-all-m",
    "mesh-timeout-all-m",
    "mesh-circuit-breaker-all-m",
    "mesh-retry-all-m",
  ]);
  const specOf = async (path: string) => (await api.call("GET", `/meshes/m/${path}`)).json.spec;
  expect(await specOf("meshtimeouts/mesh-timeout-all-m")).toEqual({
    targetRef: { kind: "Mesh", proxyTypes: ["Sidecar"] },
    from: [
      {
        targetRef: { kind: "Mesh" },
        default: {
          connectionTimeout: "10s",
          idleTimeout: "2h0m0s",
          http: { requestTimeout: "0s", streamIdleTimeout: "1h0m0s", maxStreamDuration: "0s" },
        },
      },
    ],
    to: [
      {
        targetRef: { kind: "Mesh" },
        default: {
          connectionTimeout: "5s",
          idleTimeout: "1h0m0s",
          http: { requestTimeout: "15s", streamIdleTimeout: "30m0s" },
        },
      },
    ],
  });
  expect((await specOf("meshtimeouts/mesh-gateways-timeout-all-m")).from[0].default).toEqual({
    idleTimeout: "5m0s",
    http: { streamIdleTimeout: "5s", requestHeadersTimeout: "500ms" },
  });
  expect((await specOf("meshcircuitbreakers/mesh-circuit-breaker-all-m")).to[0].default).toEqual({
    connectionLimits: { maxConnections: 1024, maxPendingRequests: 1024, maxRetries: 3, maxRequests: 1024 },
  });
  const retries = { numRetries: 5, perTryTimeout: "16s", backOff: { baseInterval: "25ms", maxInterval: "250ms" } };
  const retry = (await specOf("meshretries/mesh-retry-all-m")).to[0].default;
  expect(retry).toEqual({ tcp: { maxConnectAttempt: 5 }, http: retries, grpc: retries });
});

test("every default resource is what its own document would be stored as", async () => {
  for (const mode of ["global", "standalone"] as const) {
    const { store } = await testApi({ mode });
    const made = ["MeshTimeout", "MeshCircuitBreaker", "MeshRetry", "HostnameGenerator"];
    for (const resource of (await Promise.all(made.map((kind) => store.list(kind)))).flat()) {
      const { kind, mesh, name, labels, spec } = resource;
      const document = { type: kind, ...(mesh !== "" && { mesh }), name, labels, spec };
      expect(toResourceInput(document, kinds)).toMatchObject({ ok: { kind, mesh, name, labels, spec } });
    }
  }
});

test("skipCreatingInitialPolicies names kinds, or all of them", async () => {
  const api = await testApi();
  await api.call("PUT", "/meshes/a", { type: "Mesh", name: "a", skipCreatingInitialPolicies: ["MeshRetry", "MeshTimeout"] });
  expect(await policiesOf(api, "a")).toEqual(["mesh-circuit-breaker-all-a"]);
  await api.call("PUT", "/meshes/b", { type: "Mesh", name: "b", skipCreatingInitialPolicies: ["*"] });
  expect(await policiesOf(api, "b")).toEqual([]);
});

test("a batch that says all there is gets none", async () => {
  const api = await testApi();
  const documents = [{ type: "Mesh", name: "m" }];
  const answer = await api.call("POST", "/apply", { documents, initialPolicies: "no" });
  expect(answer.json.invalid_parameters).toMatchObject([{ field: "initialPolicies", reason: "must be true or false" }]);
  expect((await api.call("POST", "/apply", { documents, initialPolicies: false })).status).toBe(200);
  expect(await policiesOf(api, "m")).toEqual([]);
});

test("what the batch of the mesh says itself counts; what a user deleted stays deleted; all goes with the mesh", async () => {
  const api = await testApi();
  const own = {
    type: "MeshRetry",
    mesh: "m",
    name: "mesh-retry-all-m",
    spec: { to: [{ targetRef: { kind: "Mesh" }, default: { tcp: { maxConnectAttempt: 9 } } }] },
  };
  await api.call("POST", "/apply", { documents: [own, { type: "Mesh", name: "m" }] });
  expect((await api.call("GET", "/meshes/m/meshretries/mesh-retry-all-m")).json.spec).toEqual(own.spec);
  await api.call("DELETE", "/meshes/m/meshretries/mesh-retry-all-m");
  await api.call("PUT", "/meshes/m", { type: "Mesh", name: "m", routing: { localityAwareLoadBalancing: true } });
  expect(await namesOf(api, "/meshes/m/meshretries")).toEqual([]);
  expect((await api.call("DELETE", "/meshes/m")).status).toBe(200);
  expect(await api.store.list("MeshTimeout", { mesh: "m" })).toEqual([]);
});

test("each control plane names services in its way", async () => {
  expect(await namesOf(await testApi(), "/hostnamegenerators")).toEqual([
    "synced-headless-kube-mesh-service",
    "synced-kube-mesh-service",
    "synced-mesh-external-service",
    "synced-mesh-multi-zone-service",
    "synced-universal-mesh-service",
  ]);
  const standalone = await testApi({ mode: "standalone" });
  expect(await namesOf(standalone, "/hostnamegenerators")).toEqual([
    "local-mesh-external-service",
    "local-universal-mesh-service",
  ]);
  const { json } = await standalone.call("GET", "/meshes/default/meshretries/mesh-retry-all-default");
  expect(json.labels).toEqual({
    "kuma.io/mesh": "default",
    "kuma.io/origin": "zone",
    "kuma.io/env": "universal",
    "kuma.io/zone": "east",
  });
});
