import { readFileSync } from "node:fs";
import { join } from "node:path";
import { waitFor } from "@meridian/testkit";
import { expect, it } from "vitest";
import { meshWithMtls, trafficPermission } from "./harness/documents.ts";
import { useMesh } from "./harness/mesh.ts";
import type { Service } from "./harness/service.ts";

let web: Service;

const mesh = useMesh(async (starting) => {
  await starting.startGlobal();
  await starting.startZone("east");
  await starting.applyAndConverge(meshWithMtls(), trafficPermission("*", "*"));
  web = await starting.startService({ zone: "east", service: "web" });
  await starting.settled({ east: 1 });
});

/** What the token says of itself: the id by which it is revoked. */
function idOf(token: string): string {
  const [, claims = ""] = token.split(".");
  return (JSON.parse(Buffer.from(claims, "base64url").toString("utf8")) as { readonly jti: string }).jti;
}

it("a token that is renewed in its file is what Envoy brings next, without a restart", async () => {
  const { sidecar } = web;
  const { envoyPid } = sidecar;
  const first = readFileSync(join(mesh.world.directory, `${sidecar.name}.token`), "utf8").trim();
  const data = Buffer.from(idOf(first)).toString("base64");
  await mesh.applyAndConverge({ type: "Secret", mesh: "default", name: "dataplane-token-revocations-default", data });
  await mesh.zone("east").process.kill();
  await mesh.zone("east").start();
  await waitFor("the old token to be refused", () => sidecar.process.log().includes("revoked"));

  const second = await mesh.global.client.token("dataplane", { mesh: "default", name: sidecar.name, validFor: "1h" });
  mesh.world.file(`${sidecar.name}.token`, second);
  const isConnected = async (): Promise<boolean> => {
    const stats = await sidecar.stats("^control_plane.connected_state$");
    return stats.get("control_plane.connected_state") === 1;
  };
  await waitFor("Envoy to be connected", isConnected);
  await mesh.settled({ east: 1 });
  expect(sidecar.envoyPid).toBe(envoyPid);
  expect(sidecar.process.log()).toContain("the token was renewed");
  expect(sidecar.process.log()).not.toContain(second);
});
