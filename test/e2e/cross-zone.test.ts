import { expect, it } from "vitest";
import type { DataPlane } from "./harness/data-plane.ts";
import { meshWithMtls, trafficPermission } from "./harness/documents.ts";
import { http } from "./harness/http.ts";
import { useMesh } from "./harness/mesh.ts";
import type { Service } from "./harness/service.ts";
import { readAnswer, Traffic, type TrafficCounts } from "./harness/traffic.ts";

let eastIngress: DataPlane;
let caller: Service;
let localBackend: Service;
let returning: TrafficCounts | undefined;

const mesh = useMesh(async (starting) => {
  await starting.startGlobal();
  await Promise.all(["east", "west"].map((zone) => starting.startZone(zone)));
  await starting.applyAndConverge(meshWithMtls({ localityAware: true }), trafficPermission("*", "*"));
  [eastIngress, , , , localBackend, caller] = await Promise.all([
    starting.startIngress("east"),
    starting.startIngress("west"),
    starting.startService({ zone: "east", service: "backend", version: "v1" }),
    starting.startService({ zone: "east", service: "backend", version: "v2" }),
    starting.startService({ zone: "west", service: "backend", version: "v1", drainTime: "2s" }),
    starting.startService({ zone: "west", service: "caller", calls: ["backend"] }),
  ]);
  await starting.settled({ east: 3, west: 3 });
});

function zonesOf(counts: TrafficCounts): readonly string[] {
  return [...new Set([...counts.by.keys()].map((place) => place.replace(/^.* in /, "")))];
}

it("prefers the local zone, fails over when its data plane says goodbye, and comes back", async () => {
  const traffic = await Traffic.flowing(caller.to("backend"), { perSecond: 200 });
  await traffic.next(({ zone }) => zone === "west");
  traffic.reset();
  await traffic.answers(200);
  expect(zonesOf(traffic.counts)).toEqual(["west"]);

  await Promise.all([localBackend.sidecar.process.stop(), traffic.next(({ zone }) => zone === "east")]);
  await mesh.settled({ west: 2 });
  const leaving = traffic.reset();
  await traffic.answers(200);
  expect(zonesOf(traffic.counts)).toEqual(["east"]);
  expect(leaving.failures).toEqual([]);

  await Promise.all([localBackend.sidecar.start(), traffic.next(({ zone }) => zone === "west")]);
  await mesh.settled({ west: 3 });
  returning = traffic.reset();
  await traffic.answers(100);
  const after = await traffic.stop();
  expect(zonesOf(after)).toEqual(["west"]);
  expect(after.failures).toEqual([]);
});

it("no request is sent to a data plane that joins before it listens", () => {
  expect(returning?.failures).toEqual([]);
});

it("fails over by itself when the local data plane is killed, and back when it returns", async () => {
  const traffic = await Traffic.flowing(caller.to("backend"), { perSecond: 100 });
  await traffic.next(({ zone }) => zone === "west");
  const firstFromEast = traffic.next(({ zone }) => zone === "east");
  await localBackend.sidecar.process.kill();
  await firstFromEast;
  traffic.reset();
  await traffic.answers(100);
  // Nobody said goodbye: what was on its way then is lost, what came later is not.
  expect(traffic.counts.failures).toEqual([]);
  await Promise.all([localBackend.sidecar.start(), traffic.next(({ zone }) => zone === "west")]);
  await mesh.settled({ west: 3 });
  await traffic.stop();
});

it("a MeshHTTPRoute splits by path and changes headers across zones", async () => {
  const route = (path: string, version: string): object => ({
    matches: [{ path: { type: "PathPrefix", value: path } }],
    default: {
      filters: [
        {
          type: "RequestHeaderModifier",
          requestHeaderModifier: { set: [{ name: "x-path", value: path }], remove: ["x-secret"] },
        },
        { type: "ResponseHeaderModifier", responseHeaderModifier: { add: [{ name: "x-served-by", value: version }] } },
      ],
      backendRefs: [{ kind: "MeshServiceSubset", name: "backend", tags: { "kuma.io/zone": "east", version } }],
    },
  });
  await mesh.applyAndConverge({
    type: "MeshHTTPRoute",
    mesh: "default",
    name: "by-path",
    spec: {
      targetRef: { kind: "MeshService", name: "caller" },
      to: [{ targetRef: { kind: "MeshService", name: "backend" }, rules: [route("/old", "v1"), route("/new", "v2")] }],
    },
  });
  const ask = async (path: string): Promise<object> => {
    const answer = await http({ url: `http://${caller.to("backend")}${path}`, headers: { "x-secret": "s" } });
    expect(answer.status).toBe(200);
    const { version, zone, headers } = readAnswer(answer);
    return { version, zone, path: headers["x-path"], secret: headers["x-secret"], servedBy: answer.headers["x-served-by"] };
  };
  for (let round = 0; round < 10; round += 1) {
    expect(await ask("/old/thing")).toEqual({ version: "v1", zone: "east", path: "/old", secret: undefined, servedBy: "v1" });
    expect(await ask("/new")).toEqual({ version: "v2", zone: "east", path: "/new", secret: undefined, servedBy: "v2" });
  }
  // What no rule names goes on as before: to the local zone.
  expect(await ask("/other")).toMatchObject({ zone: "west", secret: "s" });
  await mesh.global.client.delete({ path: "meshhttproutes", mesh: "default", name: "by-path" });
});

it("the ingress routes by SNI, holds no key and no certificate, and cannot read what it passes on", async () => {
  const connections = await eastIngress.stats("downstream_cx_total$");
  expect([...connections].some(([name, count]) => name.startsWith("listener.") && count > 0)).toBe(true);
  const { configs } = JSON.parse(await eastIngress.configDump()) as { readonly configs: readonly Record<string, unknown>[] };
  // The bootstrap has the CA by which the ingress knows its control plane, a file the token that it shows there. All else came from there.
  const isBootstrap = (config: Record<string, unknown>): boolean => String(config["@type"]).includes("BootstrapConfigDump");
  const secrets = configs.filter((config) => String(config["@type"]).includes("SecretsConfigDump"));
  const dynamic = configs.flatMap((config) => [config["dynamic_listeners"], config["dynamic_active_clusters"]]);
  const dynamicSecrets = secrets.flatMap((config) => Object.entries(config).filter(([key]) => key.startsWith("dynamic")));
  expect(dynamicSecrets.map(([key, list]) => [key, (list as { name: string }[]).map(({ name }) => name)])).toEqual([
    ["dynamic_active_secrets", ["token"]],
  ]);
  expect(JSON.stringify(configs.filter((config) => !isBootstrap(config)))).not.toMatch(/private_key|tls_certificate/);
  expect(JSON.stringify(dynamic)).toContain("server_names");
  expect(JSON.stringify(dynamic)).not.toMatch(/transport_socket|http_connection_manager/);
});
