import type { ExplainAnswer } from "@meridian/client";
import { waitFor } from "@meridian/testkit";
import { expect, it } from "vitest";
import { type CommandResult, meridian } from "./harness/cli.ts";
import { canary, meshWithMtls, trafficPermission } from "./harness/documents.ts";
import { type HttpAnswer, http } from "./harness/http.ts";
import { useMesh } from "./harness/mesh.ts";
import type { Service } from "./harness/service.ts";
import { readAnswer, Traffic } from "./harness/traffic.ts";

const beta = { "x-beta": "yes" };
let magnanimo: Service;

/** benigno in the east, its caller in the west. A tenth of the requests goes to v2, and all with `x-beta: yes`. */
const mesh = useMesh(async (starting) => {
  await starting.startGlobal();
  await Promise.all(["east", "west"].map((zone) => starting.startZone(zone)));
  await starting.applyAndConverge(meshWithMtls(), trafficPermission("magnanimo", "benigno"), betaAndCanary(), {
    ...{ type: "MeshTimeout", mesh: "default", name: "patient" },
    spec: {
      targetRef: { kind: "Mesh" },
      to: [{ targetRef: { kind: "MeshService", name: "benigno" }, default: { http: { requestTimeout: "33s" } } }],
    },
  });
  const [, , , caller] = await Promise.all([
    starting.startIngress("east"),
    starting.startService({ zone: "east", service: "benigno", version: "v1" }),
    starting.startService({ zone: "east", service: "benigno", version: "v2" }),
    starting.startService({ zone: "west", service: "magnanimo", calls: ["benigno"] }),
  ]);
  magnanimo = caller;
  await starting.settled({ east: 3, west: 1 });
  await (await Traffic.flowing(magnanimo.to("benigno"))).stop();
  await (await Traffic.flowing(magnanimo.to("benigno"), { headers: beta })).stop();
});

function betaAndCanary(): object {
  const { conf, ...route } = canary("benigno", { v1: 90, v2: 10 }) as { readonly conf: object };
  const toV2 = { "kuma.io/service": "benigno", version: "v2" };
  return { ...route, conf: { http: [{ match: { headers: { "x-beta": { exact: "yes" } } }, destination: toV2 }], ...conf } };
}

function explain(...args: readonly string[]): Promise<CommandResult> {
  return meridian(mesh.world, { address: mesh.global.address, args: ["explain", ...args] });
}

async function explained(...args: readonly string[]): Promise<ExplainAnswer & Readonly<Record<string, unknown>>> {
  return JSON.parse((await explain("magnanimo", "benigno", ...args, "-o", "json")).stdout) as ReturnType<typeof explained>;
}

function call(headers: Readonly<Record<string, string>> = {}): Promise<HttpAnswer> {
  return http({ url: `http://${magnanimo.to("benigno")}/`, headers, timeoutMs: 20_000 });
}

/** How many of so many requests each version answers. */
async function answersOf(
  requests: number,
  headers: Readonly<Record<string, string>> = {},
): Promise<Readonly<Record<string, number>>> {
  const counts: Record<string, number> = {};
  for (let sent = 0; sent < requests; sent += 20) {
    for (const answer of await Promise.all(Array.from({ length: 20 }, () => call(headers)))) {
      const { version } = readAnswer(answer);
      counts[version] = (counts[version] ?? 0) + 1;
    }
  }
  return counts;
}

it("says where requests go, through the ingress of the other zone, and that is where they go", async () => {
  const split = await explained();
  expect(split).toMatchObject({
    verdict: {
      outcome: "reaches",
      policies: ["TrafficPermission/default/magnanimo-to-benigno", "TrafficRoute/default/benigno-canary"],
    },
    client: { zone: "west", dataplane: "magnanimo-v1-west" },
    destinations: [
      {
        name: "benigno v1",
        share: 0.9,
        servers: [{ zone: "east", dataplane: "benigno-v1-east", through: [expect.stringContaining("ingress-east")] }],
      },
      { name: "benigno v2", share: 0.1, servers: [{ zone: "east", dataplane: "benigno-v2-east" }] },
    ],
  });
  const answers = await answersOf(400);
  // More than five standard deviations each way.
  expect(answers["v2"]).toBeGreaterThan(8);
  expect(answers["v2"]).toBeLessThan(80);

  expect(await explained("--header", "x-beta: yes")).toMatchObject({
    route: { place: 1, of: 2 },
    destinations: [{ name: "benigno v2", share: 1 }],
  });
  expect(await answersOf(40, beta)).toEqual({ v2: 40 });
});

it("names the settings in force, and the policy that each comes from", async () => {
  const { settings } = await explained();
  expect(settings).toContainEqual(
    expect.objectContaining({ about: "timeouts", where: "route", value: "33s", policies: ["MeshTimeout/default/patient"] }),
  );
  expect(await configOfClient()).toMatch(/"timeout":\s*"33s"/);
});

/** What Envoy itself says that it has. */
async function configOfClient(): Promise<string> {
  const { items } = await mesh.global.client.dataplanes("default");
  const name = items.find(({ zone }) => zone === "west")?.name;
  return (await mesh.global.call(`/meshes/default/dataplanes/${name}/xds`)).body;
}

it("names the policy that is in the way, and the client gets what is told", async () => {
  const name = "nobody-calls-benigno";
  const deny = [{ targetRef: { kind: "MeshSubset", tags: { "kuma.io/service": "magnanimo" } }, default: { action: "Deny" } }];
  const spec = { targetRef: { kind: "MeshSubset", tags: { "kuma.io/service": "benigno" } }, from: deny };
  await mesh.applyAndConverge({ type: "MeshTrafficPermission", mesh: "default", name, spec });
  await answersWith(403);
  const told = await explain("magnanimo", "benigno");
  expect(told).toMatchObject({ exitCode: 1, stderr: "" });
  expect(told.stdout).toMatch(/^✗ permission at benigno v1: denied$/m);
  expect(told.stdout).toContain(
    `magnanimo does not reach benigno: denied by MeshTrafficPermission ${name} (the client gets 403;`,
  );

  const { revision } = await mesh.global.client.delete({ path: "meshtrafficpermissions", mesh: "default", name });
  await mesh.converged(revision);
  expect((await explain("magnanimo", "benigno")).exitCode).toBe(0);
  await answersWith(200);
});

/** A connection that is drained may serve a request by the old rules yet. */
function answersWith(wanted: number): Promise<true> {
  return waitFor(`benigno to answer ${wanted}`, async () => {
    const { status } = await call();
    if (status !== wanted) throw new Error(`still ${status}`);
    return true;
  });
}

it("a zone tells what it knows: not who is behind the ingress of another", async () => {
  const { address } = mesh.zone("west");
  const told = await meridian(mesh.world, { address, args: ["explain", "magnanimo", "benigno"] });
  expect(told.exitCode).toBe(3);
  expect(told.stdout).toContain("✓ client: data plane magnanimo-v1-west in zone west");
  expect(told.stdout).toContain("only the global control plane knows who is in zone east");
});
