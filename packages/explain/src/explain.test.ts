import { expect, it } from "vitest";
import { ask, dataplane, ingress, mesh, permission, route, toPolicy, zone } from "./testing/mesh.ts";

it("x", () => {
  const http = [
    {
      match: { path: { prefix: "/v2" }, headers: { beta: { exact: "yes" } } },
      destination: { "kuma.io/service": "benigno", version: "v2" },
    },
  ];
  const e = ask([
    mesh(),
    zone("east"),
    zone("west"),
    dataplane("magnanimo-1", { service: "magnanimo", calls: ["benigno"], host: 1 }),
    dataplane("magnanimo-2", { service: "magnanimo", calls: ["benigno"], host: 2 }),
    dataplane("benigno-v1", { service: "benigno", version: "v1", host: 3 }),
    dataplane("benigno-v2", { service: "benigno", version: "v2", host: 4, isDown: true }),
    dataplane("benigno-w", { service: "benigno", version: "v2", host: 5, zone: "west" }),
    ingress("west", 9, [{ "kuma.io/service": "benigno", version: "v2" }]),
    permission("only", "magnanimo", "benigno"),
    route("canary", { v1: 90, v2: 10 }, http),
    toPolicy("MeshTimeout", "quick", { connectionTimeout: "2s", http: { requestTimeout: "3s" } }),
    toPolicy("MeshRetry", "again", { http: { numRetries: 3 } }),
  ]);
  console.log(e.verdict, JSON.stringify(e.steps, null, 1), e.settings.length);
  expect(e.verdict.outcome).toBe("reaches");
});
