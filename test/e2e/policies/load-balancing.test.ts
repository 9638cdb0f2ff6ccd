import { waitFor } from "@meridian/testkit";
import { expect, it } from "vitest";
import { canary, meshWithMtls, trafficPermission } from "../harness/documents.ts";
import { type HttpAnswer, http } from "../harness/http.ts";
import { useMesh } from "../harness/mesh.ts";
import type { Service } from "../harness/service.ts";
import { readAnswer } from "../harness/traffic.ts";

let caller: Service;
/** In the caller's zone; the first shares its rack. */
let near: Service;
let far: Service;

const mesh = useMesh(async (starting) => {
  await starting.startGlobal();
  await Promise.all(["east", "west"].map((zone) => starting.startZone(zone)));
  await starting.applyAndConverge(meshWithMtls(), trafficPermission("*", "*"));
  [caller, near, far] = await Promise.all([
    starting.startService({ zone: "west", service: "caller", calls: ["backend"], tags: { rack: "r1" } }),
    starting.startService({ zone: "west", service: "backend", version: "v1", tags: { rack: "r1" } }),
    starting.startService({ zone: "west", service: "backend", version: "v2", tags: { rack: "r2" } }),
    starting.startService({ zone: "east", service: "backend", version: "v1", tags: { rack: "r1" } }),
    starting.startIngress("east"),
  ]);
  await starting.settled({ east: 2, west: 3 });
  await seen("v1 in west", "v2 in west", "v1 in east");
});

function strategy(conf: object, ref: object = { kind: "MeshService", name: "backend" }, name = "backend"): object {
  return { type: "MeshLoadBalancingStrategy", mesh: "default", name, spec: { to: [{ targetRef: ref, default: conf }] } };
}

function ask(headers: Readonly<Record<string, string>> = {}, path = "/"): Promise<HttpAnswer> {
  return http({ url: `http://${caller.to("backend")}${path}`, headers });
}

function placeOf(answer: HttpAnswer): string {
  if (answer.status !== 200) return String(answer.status);
  const { version, zone } = readAnswer(answer);
  return `${version} in ${zone}`;
}

/** How many of `count` answers came from where. */
async function places(count: number, headers: Readonly<Record<string, string>> = {}): Promise<Readonly<Record<string, number>>> {
  const counts: Record<string, number> = {};
  for (let sent = 0; sent < count; sent += 1) {
    const place = placeOf(await ask(headers));
    counts[place] = (counts[place] ?? 0) + 1;
  }
  return counts;
}

/** Waits until all of these have answered, and nobody else does: endpoints come on a stream of their own. */
function seen(...expected: readonly string[]): Promise<unknown> {
  return waitFor(`answers from ${expected.join(", ")} only`, async () => {
    expect(Object.keys(await places(60)).sort()).toEqual(expected.toSorted());
    return true;
  });
}

const everywhere = { localityAwareness: { disabled: true } };

it("a hash of a header keeps each user on one host, across zones, and users apart", async () => {
  const hashPolicies = [{ type: "Header", header: { name: "x-user" } }];
  for (const type of ["RingHash", "Maglev"]) {
    await mesh.applyAndConverge(strategy({ ...everywhere, loadBalancer: { type }, hashPolicies }));
    const users = Array.from({ length: 24 }, (_, index) => `user-${index}`);
    await waitFor(`${type} to hash`, async () => Object.keys(await places(20, { "x-user": "somebody" })).length === 1);
    const byUser = await Promise.all(users.map((user) => places(6, { "x-user": user })));
    expect(byUser.map((counts) => Object.values(counts))).toEqual(users.map(() => [6]));
    expect(new Set(byUser.flatMap((counts) => Object.keys(counts))).size).toBeGreaterThan(1);
  }
});

it("a cookie that the mesh sets keeps a session", async () => {
  const hashPolicies = [{ type: "Cookie", cookie: { name: "session", ttl: "1h", path: "/" } }];
  await mesh.applyAndConverge(strategy({ ...everywhere, loadBalancer: { type: "RingHash", ringHash: { hashPolicies } } }));
  const first = await waitFor("a cookie", async () => {
    const answer = await ask();
    return answer.headers["set-cookie"] ? answer : undefined;
  });
  const cookie = String(first.headers["set-cookie"]).split(";")[0] ?? "";
  expect(await places(20, { cookie })).toEqual({ [placeOf(first)]: 20 });
});

it("a MeshHTTPRoute has a hash of its own", async () => {
  const route = {
    type: "MeshHTTPRoute",
    mesh: "default",
    name: "users",
    spec: {
      to: [
        {
          targetRef: { kind: "MeshService", name: "backend" },
          rules: [{ matches: [{ path: { type: "PathPrefix", value: "/users" } }], default: {} }],
        },
      ],
    },
  };
  const hashPolicies = [{ type: "QueryParameter", queryParameter: { name: "user" } }];
  await mesh.applyAndConverge(
    route,
    strategy({ ...everywhere, loadBalancer: { type: "RingHash" } }),
    strategy({ hashPolicies }, { kind: "MeshHTTPRoute", name: "users" }, "users"),
  );
  await seen("v1 in west", "v2 in west", "v1 in east");
  const answers = await Promise.all(Array.from({ length: 20 }, () => ask({}, "/users/me?user=7")));
  expect(new Set(answers.map(placeOf)).size).toBe(1);
  await mesh.global.client.delete({ path: "meshhttproutes", mesh: "default", name: "users" });
  await mesh.global.client.delete({ path: "meshloadbalancingstrategies", mesh: "default", name: "users" });
});

it("affinity tags keep most of the traffic near, and all of it in the zone", async () => {
  await mesh.applyAndConverge(strategy({ localityAwareness: { localZone: { affinityTags: [{ key: "rack" }] } } }));
  await seen("v1 in west", "v2 in west");
  const counts = await places(500);
  // One of ten parts; 5 sigma of 500 draws are 34.
  expect(counts["v2 in west"]).toBeGreaterThan(50 - 34);
  expect(counts["v2 in west"]).toBeLessThan(50 + 34);
  expect(Object.keys(counts).sort()).toEqual(["v1 in west", "v2 in west"]);
});

it("a subset is balanced like the whole", async () => {
  const { revision } = await mesh.apply(canary("backend", { v1: 100 }));
  await mesh.converged(revision);
  await seen("v1 in west");
  await mesh.applyAndConverge(strategy(everywhere));
  await seen("v1 in west", "v1 in east");
  await mesh.global.client.delete({ path: "traffic-routes", mesh: "default", name: "backend-canary" });
  await seen("v1 in west", "v2 in west", "v1 in east");
});

it("other zones take over in the order of the failover, and only those that it names", async () => {
  const failover = (...steps: readonly object[]) => strategy({ localityAwareness: { crossZone: { failover: steps } } });
  const toEast = { from: { zones: ["west"] }, to: { type: "Only", zones: ["east"] } };
  await mesh.applyAndConverge(failover({ to: { type: "Only", zones: ["north"] } }, toEast));
  await seen("v1 in west", "v2 in west");
  await Promise.all([near.sidecar.process.stop(), far.sidecar.process.stop()]);
  await seen("v1 in east");
  await mesh.applyAndConverge(failover({ to: { type: "AnyExcept", zones: ["east"] } }));
  await seen("503");
  await mesh.applyAndConverge(failover({ to: { type: "None" } }, toEast));
  await seen("v1 in east");
});
