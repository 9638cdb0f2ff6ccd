import { generateServerCertificate } from "@meridian/pki";
import { waitFor } from "@meridian/testkit";
import { beforeAll, describe, expect, it } from "vitest";
import { meshWithMtls, trafficPermission } from "../e2e/harness/documents.ts";
import { http } from "../e2e/harness/http.ts";
import { useMesh } from "../e2e/harness/mesh.ts";
import type { Service } from "../e2e/harness/service.ts";
import { startUpstream } from "../e2e/harness/upstream.ts";
import { callFromInside, seenFromInside, serveInside } from "./application.ts";
import { NetworkNamespace, redirects } from "./network-namespace.ts";
import { startOutsideDns } from "./outside-dns.ts";

// A host with a redirect as users have it: what the application sends and receives passes its sidecar without a word in the application.
const plainPort = 18_080;
const otherPort = 18_081;
const tlsPort = 18_443;
/** Of the application: no inbound is before it. */
const ownPort = 18_090;
let network: NetworkNamespace;
/** Redirected; of services it reaches api alone, and instances of billing by their own addresses. */
let web: Service;
let api: Service;
let billing: Service;

const mesh = useMesh(async (starting) => {
  const { world } = starting;
  network = new NetworkNamespace(world);
  world.own(await startOutsideDns(network.outside));
  await starting.startGlobal();
  await starting.startZone("east", { dataPlaneHost: network.outside });
  await starting.applyAndConverge(meshWithMtls(), trafficPermission("*", "*"));
  const tls = await generateServerCertificate({ hosts: ["*.example"], validForMs: 3_600_000, now: new Date() });
  const outside = { host: network.outside, version: "v1", zone: "outside" };
  world.own(await startUpstream({ ...outside, port: plainPort, service: "plain" }));
  world.own(await startUpstream({ ...outside, port: otherPort, service: "other" }));
  world.own(await startUpstream({ ...outside, port: tlsPort, service: "tls", tls }));
  const planned = await starting.planService({
    ...{ zone: "east", service: "web", host: network.inside, launcher: network.launcher },
    transparentProxying: {
      ...{ redirectPortInbound: redirects.inbound, redirectPortOutbound: redirects.outbound },
      ...{ ipFamilyMode: "IPv4", reachableServices: ["api"], directAccessServices: ["billing"] },
    },
  });
  web = planned;
  serveInside(world, network, [web.upstream.port, ownPort]);
  [api, billing] = await Promise.all([
    starting.startService({ zone: "east", service: "api", host: network.at(10), calls: ["web"] }),
    starting.startService({ zone: "east", service: "billing", host: network.at(11) }),
    web.sidecar.start(),
  ]);
  await starting.settled({ east: 3 });
});

/** Waits until each URL comes to what is wanted: a service's name, a status or an error. */
async function seen(wanted: Readonly<Record<string, string | RegExp>>): Promise<void> {
  for (const [url, outcome] of Object.entries(wanted)) {
    await waitFor(`${url} to come to ${outcome}`, async () => {
      expect(await seenFromInside(network, url)).toMatch(outcome);
      return true;
    });
  }
}

function passthrough(conf: object): object {
  return { type: "MeshPassthrough", mesh: "default", name: "web", spec: { targetRef: { kind: "Mesh" }, default: conf } };
}

/** Envoy takes the connection, and finds nowhere to go. */
const refused = /^(ECONNRESET|EPROTO)$/;
const plain = (host: string, port = plainPort): string => `http://${host}:${port}/`;
const secure = (host: string): string => `https://${host}:${tlsPort}/`;

describe("services of the mesh", () => {
  it("are reached by the name that DNS tells, at an address that exists nowhere", async () => {
    await seen({ "http://api.mesh/": "api" });
    const { body = "" } = await callFromInside(network, "http://api.mesh/");
    expect(JSON.parse(body)).toMatchObject({ caller: "spiffe://default/web" });
  });

  it("are unknown where they are not among the reachable ones", async () => {
    await seen({ "http://billing.mesh/": "ENOTFOUND" });
  });

  it("are reached by the address of an instance where direct access is given, with TLS, and in plain text nowhere", async () => {
    await seen({ [`http://${billing.inbound}/`]: "billing", [`http://${api.inbound}/`]: refused });
    const { body = "" } = await callFromInside(network, `http://${billing.inbound}/`);
    expect(JSON.parse(body)).toMatchObject({ caller: "spiffe://default/web" });
  });

  it("reach the application through its sidecar, which verifies them", async () => {
    const body = await waitFor("the application to answer", async () => {
      const answer = await http({ url: `http://${api.to("web")}/` });
      return answer.status === 200 && answer.body;
    });
    expect(body).toContain("spiffe://default/api");
  });
});

describe("what is not of the mesh", () => {
  it("is reached as long as nobody forbids it, by address and by name", async () => {
    await seen({
      [plain(network.outside)]: "plain",
      [plain("partner.example")]: "plain",
      [secure("partner.example")]: "tls",
    });
  });

  it("reaches no port of the application, not even the one behind the inbound, unless the mesh takes plain text", async () => {
    for (const port of [ownPort, web.upstream.port]) {
      await expect(http({ url: `http://${network.inside}:${port}/` })).rejects.toThrow(/socket hang up|ECONNRESET/);
    }
    const spec = { targetRef: { kind: "Mesh" }, rules: [{ default: { mode: "Permissive" } }] };
    await mesh.applyAndConverge({ type: "MeshTLS", mesh: "default", name: "lenient", spec });
    await waitFor("the port to be open", async () => {
      const { body } = await http({ url: `http://${network.inside}:${ownPort}/` });
      expect(JSON.parse(body)).toMatchObject({ service: "inside", port: String(ownPort) });
      return true;
    });
  });
});

describe("MeshPassthrough None", () => {
  beforeAll(() => mesh.applyAndConverge(passthrough({ passthroughMode: "None" })));

  it("closes the way out, and leaves services of the mesh alone", async () => {
    await seen({ [plain(network.outside)]: refused, [secure("partner.example")]: refused, "http://api.mesh/": "api" });
  });
});

describe("MeshPassthrough Matched", () => {
  it("opens an address at a port", async () => {
    await mesh.applyAndConverge(
      passthrough({ passthroughMode: "Matched", appendMatch: [{ type: "IP", value: network.outside, port: plainPort }] }),
    );
    await seen({
      [plain(network.outside)]: "plain",
      [plain(network.outside, otherPort)]: refused,
      [secure("partner.example")]: refused,
      "http://api.mesh/": "api",
    });
  });

  it("opens a range of addresses at every port", async () => {
    const range = { type: "CIDR", value: `${network.at(0)}/24` };
    await mesh.applyAndConverge(passthrough({ passthroughMode: "Matched", appendMatch: [range] }));
    await seen({ [plain(network.outside, otherPort)]: "other", [plain(network.outside)]: "plain" });
    const elsewhere = { type: "CIDR", value: "10.204.0.0/16" };
    await mesh.applyAndConverge(passthrough({ passthroughMode: "Matched", appendMatch: [elsewhere] }));
    await seen({ [plain(network.outside, otherPort)]: refused });
  });

  it("opens names by what TLS asks for and what HTTP says", async () => {
    const appendMatch = [
      { type: "Domain", value: "*.partner.example", protocol: "tls", port: tlsPort },
      { type: "Domain", value: "news.example", protocol: "http", port: plainPort },
    ];
    await mesh.applyAndConverge(passthrough({ passthroughMode: "Matched", appendMatch }));
    await seen({
      [secure("api.partner.example")]: "tls",
      [plain("news.example")]: "plain",
      [secure("stranger.example")]: refused,
      [plain("stranger.example")]: "503",
      [plain("news.example", otherPort)]: refused,
    });
  });
});
