import { expect, it } from "vitest";
import { put, setUp, tester } from "./samples.ts";

const labels = { "kuma.io/origin": "zone" };
const written = { selector: { dataplaneRef: { name: "web-1" } }, state: "Unavailable" };
const identities = [{ type: "ServiceTag", value: "web" }];

it("a MeshService that is applied again stays as available as its zone saw it, and known by the same identities", async () => {
  const { admission, store } = setUp({ role: "zone", zone: "east" });
  await store.commit([{ op: "put", resource: { kind: "Mesh", mesh: "", name: "default", labels: {}, spec: {} } }], tester);
  const document = put("MeshService", "web", written, { mesh: "default", labels });
  await admission.admit([document], tester);
  const observed = put("MeshService", "web", { ...written, state: "Available", identities }, { mesh: "default", labels });
  await admission.admit([observed], tester, { source: "control-plane" });
  expect((await admission.admit([document], tester)).outcomes).toEqual(["unchanged"]);
  const changed = put("MeshService", "web", { ...written, ports: [{ port: 80 }] }, { mesh: "default", labels });
  await admission.admit([changed], tester);
  expect((await store.get({ kind: "MeshService", mesh: "default", name: "web" }))?.spec).toEqual({
    ...written,
    ports: [{ port: 80 }],
    state: "Available",
    identities,
  });
});
