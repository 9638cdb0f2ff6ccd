import { generateCa, type KeyPair } from "@meridian/pki";
import { waitFor } from "@meridian/testkit";
import { expect, it } from "vitest";
import { meshWithMtls, secret, trafficPermission } from "./harness/documents.ts";
import { http } from "./harness/http.ts";
import { askOverTls, builtinCaOf, leafOf, shownCertificate } from "./harness/identity.ts";
import { useMesh } from "./harness/mesh.ts";
import type { Service } from "./harness/service.ts";
import { readAnswer, Traffic } from "./harness/traffic.ts";

let web: Service;
let backend: Service;

const mesh = useMesh(async (starting) => {
  await starting.startGlobal();
  await starting.startZone("east");
  // Renewed after 70 to 80 % of their life: what is left has to do for a control plane on a busy machine.
  await starting.applyAndConverge(meshWithMtls({ expiration: "15s" }), trafficPermission("*", "*"));
  [web, backend] = await Promise.all([
    starting.startService({ zone: "east", service: "web", calls: ["backend"] }),
    starting.startService({ zone: "east", service: "backend" }),
  ]);
  await starting.settled({ east: 2 });
});

it("certificates are renewed before they end, again and again, while traffic flows without an error", async () => {
  const traffic = await Traffic.flowing(web.to("backend"), { perSecond: 100 });
  const probe = await leafOf(await builtinCaOf(mesh), "spiffe://default/web");
  const seen = new Map<string, number>();
  await waitFor(
    "three certificates",
    async () => {
      const { serial, expiresMs } = await shownCertificate(backend.inbound, probe);
      // Never one that has ended.
      expect(expiresMs).toBeGreaterThan(Date.now());
      seen.set(serial, expiresMs);
      return seen.size >= 3;
    },
    { intervalMs: 100, timeoutMs: 60_000 },
  );
  // The first has ended long ago, so both sides have made handshakes with later ones.
  expect(Date.now()).toBeGreaterThan([...seen.values()][0] ?? 0);
  const late = await mesh.startService({ zone: "east", service: "late", calls: ["backend"] });
  expect(await http({ url: `http://${late.to("backend")}/` })).toMatchObject({ status: 200 });
  expect((await traffic.stop()).failures).toEqual([]);
});

it("a CA of one's own, from Secrets, signs the proxies' certificates", async () => {
  const ca = await generateCa({ commonName: "Our CA", spiffeId: "spiffe://default", validForMs: 3_600_000, now: new Date() });
  await mesh.apply({ type: "Mesh", name: "default" });
  await mesh.applyAndConverge(secret("our-cert", ca.certPem), secret("our-key", ca.keyPem));
  await mesh.applyAndConverge(meshWithMtls({ provided: { cert: "our-cert", key: "our-key" } }));
  const ask = async (identity: KeyPair): Promise<unknown> => askOverTls(backend.inbound, identity);
  const ours = await leafOf(ca, "spiffe://default/web");
  await waitFor("the sidecar to trust our CA", async () => "status" in (await askOverTls(backend.inbound, ours)));
  expect(await ask(ours)).toMatchObject({ status: 200 });
  const other = await generateCa({ commonName: "Our CA", spiffeId: "spiffe://default", validForMs: 3_600_000, now: new Date() });
  expect(await ask(await leafOf(other, "spiffe://default/web"))).toHaveProperty("refused");
  const answer = readAnswer(await http({ url: `http://${web.to("backend")}/` }));
  expect(answer.caller).toBe("spiffe://default/web");
});

it("a provided CA that cannot be used is refused with every reason, and nothing changes", async () => {
  const ca = await generateCa({ commonName: "A", spiffeId: "spiffe://default", validForMs: 3_600_000, now: new Date() });
  const other = await generateCa({ commonName: "B", spiffeId: "spiffe://default", validForMs: 3_600_000, now: new Date() });
  await mesh.apply(secret("bad-cert", ca.certPem, "default"), secret("bad-key", other.keyPem, "default"));
  const refused = await mesh.global.put("/meshes/default", meshWithMtls({ provided: { cert: "bad-cert", key: "bad-key" } }));
  expect(refused.status).toBe(400);
  expect(refused.body).toContain("key");
  expect(refused.body).not.toContain("PRIVATE");
  expect(await http({ url: `http://${web.to("backend")}/` })).toMatchObject({ status: 200 });
});
