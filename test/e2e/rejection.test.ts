import { waitFor } from "@meridian/testkit";
import { expect, it } from "vitest";
import { stringify } from "yaml";
import { meridian } from "./harness/cli.ts";
import { meshWithMtls, trafficPermission } from "./harness/documents.ts";
import { useMesh } from "./harness/mesh.ts";
import type { Service } from "./harness/service.ts";
import { Traffic } from "./harness/traffic.ts";

let web: Service;

const mesh = useMesh(async (starting) => {
  await starting.startGlobal();
  await starting.startZone("east");
  await starting.applyAndConverge(meshWithMtls(), trafficPermission("*", "*"));
  [web] = await Promise.all([
    starting.startService({ zone: "east", service: "web", calls: ["backend"] }),
    starting.startService({ zone: "east", service: "backend" }),
  ]);
  await starting.settled({ east: 2 });
});

/** Valid for Meridian as for its peer, which both pass expressions on; Envoy's RE2 refuses what does not parse. */
function routeWith(regex: string): object {
  return {
    type: "TrafficRoute",
    mesh: "default",
    name: "by-path",
    sources: [{ match: { "kuma.io/service": "web" } }],
    destinations: [{ match: { "kuma.io/service": "backend" } }],
    conf: {
      destination: { "kuma.io/service": "backend" },
      http: [{ match: { path: { regex } }, destination: { "kuma.io/service": "backend" } }],
    },
  };
}

/** Valid too: what is patched in is Envoy's business. */
function clusterOf(type: string): object {
  const value = `{name: extra, type: ${type}, connect_timeout: 1s}`;
  const appendModifications = [{ cluster: { operation: "Add", value } }];
  return {
    type: "MeshProxyPatch",
    mesh: "default",
    name: "extra-cluster",
    spec: { targetRef: { kind: "MeshSubset", tags: { "kuma.io/service": "web" } }, default: { appendModifications } },
  };
}

/** As all that ask are told now, once each. */
async function blamed(): Promise<readonly string[]> {
  const { zones } = await mesh.global.client.convergence();
  return [...new Set(zones.flatMap(({ rejections }) => rejections.flatMap(({ policies }) => policies)))].sort();
}

it("a policy that Envoy rejects leaves traffic alone, is shown with its name everywhere, and clears when it is mended", async () => {
  const traffic = await Traffic.flowing(web.to("backend"), { perSecond: 100 });
  await traffic.answers(20);
  const { address } = mesh.global;
  const apply = (document: object): ReturnType<typeof meridian> =>
    meridian(mesh.world, { address, args: ["apply", "-f", "-", "--wait", "--timeout", "60s"], input: stringify(document) });

  const bad = await apply(routeWith("/("));
  expect(bad.exitCode).toBe(3);
  expect(bad.stdout + bad.stderr).toContain("by-path");
  expect(bad.stdout + bad.stderr).toMatch(/missing \)/);

  const report = await mesh.global.client.convergence();
  expect(report.converged).toBe(false);
  const [rejection] = report.zones.flatMap((zone) => zone.rejections);
  expect(rejection).toMatchObject({ mesh: "default", proxy: "web-v1-east", policies: ["TrafficRoute/default/by-path"] });

  const { items: zones } = await mesh.global.client.zones();
  expect(zones[0]?.rejections?.[0]?.policies).toEqual(["TrafficRoute/default/by-path"]);
  const { items: dataplanes } = await mesh.global.client.dataplanes("default");
  expect(dataplanes.filter(({ rejections }) => rejections?.length).map((dataplane) => dataplane["labels"])).toMatchObject([
    { "kuma.io/display-name": "web-v1-east" },
  ]);
  for (const what of ["zones", "dataplanes"]) {
    const { stdout } = await meridian(mesh.world, { address, args: ["inspect", what] });
    expect(stdout).toContain("by-path");
  }
  await traffic.answers(traffic.counts.answered + 50);

  // Another one that is wrong does not hide the first, nor is the first blamed for it.
  const both = await apply(clusterOf("EDS"));
  expect(both.exitCode).toBe(3);
  expect(await blamed()).toEqual(["MeshProxyPatch/default/extra-cluster", "TrafficRoute/default/by-path"]);
  await apply(clusterOf("STATIC"));
  expect(await blamed()).toEqual(["TrafficRoute/default/by-path"]);
  await traffic.answers(traffic.counts.answered + 50);

  const good = await apply(routeWith("/a.*"));
  expect(good.exitCode).toBe(0);
  await waitFor("the rejection to be gone", async () => {
    const overview = await mesh.global.client.dataplanes("default");
    return overview.items.every(({ rejections }) => !rejections?.length);
  });
  await traffic.answers(traffic.counts.answered + 50);
  expect((await traffic.stop()).failures).toEqual([]);
});
