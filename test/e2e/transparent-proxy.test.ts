import { generateServerCertificate } from "@meridian/pki";
import { waitFor } from "@meridian/testkit";
import { beforeAll, expect, it } from "vitest";
import { meshWithMtls, trafficPermission } from "./harness/documents.ts";
import { http } from "./harness/http.ts";
import { useMesh } from "./harness/mesh.ts";
import { Application } from "./harness/redirect/application.ts";
import { describeRedirected } from "./harness/redirect/describe-redirected.ts";
import { NetworkNamespace, redirects } from "./harness/redirect/network-namespace.ts";
import { startOutsideDns } from "./harness/redirect/outside-dns.ts";
import { startGreeter, startPlainHttp2 } from "./harness/redirect/outside-servers.ts";
import type { Service } from "./harness/service.ts";
import { startUpstream } from "./harness/upstream.ts";

// A host with a redirect as users have it: what the application sends and receives passes its sidecar without a word in the application.
const plainPort = 18_080;
const otherPort = 18_081;
const tlsPort = 18_443;
const http2Port = 18_082;
/** Of a server that speaks first. */
const greeterPort = 18_306;
/** Of the application: no inbound is before it. */
const ownPort = 18_090;
let network: NetworkNamespace;
let application: Application;
/** Redirected; of services it reaches api alone, and instances of billing by their own addresses. */
let web: Service;
let api: Service;
let billing: Service;

const mesh = useMesh(async (starting) => {
  const { world } = starting;
  network = new NetworkNamespace(world.network);
  world.own({ stop: async () => network.stop() });
  world.own(await startOutsideDns(network.outside));
  await starting.startGlobal();
  await starting.startZone("east", { dataPlaneHost: network.outside });
  await starting.applyAndConverge(meshWithMtls(), trafficPermission("*", "*"));
  const tls = await generateServerCertificate({ hosts: ["*.example"], validForMs: 3_600_000, now: new Date() });
  const outside = { host: network.outside, version: "v1", zone: "outside" };
  world.own(await startUpstream({ ...outside, port: plainPort, service: "plain" }));
  world.own(await startUpstream({ ...outside, port: otherPort, service: "other" }));
  world.own(await startUpstream({ ...outside, port: tlsPort, service: "tls", tls }));
  world.own(await startPlainHttp2({ host: network.outside, port: http2Port, service: "http2" }));
  world.own(await startGreeter({ host: network.outside, port: greeterPort, service: "greeter" }));
  const planned = await starting.planService({
    ...{ zone: "east", service: "web", host: network.inside, launcher: network.launcher },
    transparentProxying: {
      ...{ redirectPortInbound: redirects.inbound, redirectPortOutbound: redirects.outbound },
      ...{ ipFamilyMode: "IPv4", reachableServices: ["api"], directAccessServices: ["billing"] },
    },
  });
  web = planned;
  application = world.own(await Application.start(network, { ports: [web.upstream.port, ownPort] }));
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
      expect(await application.sees(url)).toMatch(outcome);
      return true;
    });
  }
}

function passthrough(conf: object, name = "outside"): object {
  return { type: "MeshPassthrough", mesh: "default", name, spec: { targetRef: { kind: "Mesh" }, default: conf } };
}

function matched(...appendMatch: readonly object[]): object {
  return passthrough({ passthroughMode: "Matched", appendMatch });
}

/** Envoy takes the connection, and finds nowhere to go. */
const refused = /^(ECONNRESET|EPIPE|EPROTO)$/;
const plain = (host: string, port = plainPort): string => `http://${host}:${port}/`;
const secure = (host: string): string => `https://${host}:${tlsPort}/`;
const http2 = (host: string): string => `h2c://${host}:${http2Port}/`;
const greeting = (host: string): string => `tcp://${host}:${greeterPort}`;

describeRedirected("services of the mesh", () => {
  it("are reached by the name that DNS tells, at an address that exists nowhere", async () => {
    await seen({ "http://api.mesh/": "api" });
    const { body = "" } = await application.call("http://api.mesh/");
    expect(JSON.parse(body)).toMatchObject({ caller: "spiffe://default/web" });
  });

  it("are unknown where they are not among the reachable ones", async () => {
    await seen({ "http://billing.mesh/": "ENOTFOUND" });
  });

  it("are reached by the address of an instance where direct access is given, with TLS, and in plain text nowhere", async () => {
    await seen({ [`http://${billing.inbound}/`]: "billing", [`http://${api.inbound}/`]: refused });
    const { body = "" } = await application.call(`http://${billing.inbound}/`);
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

describeRedirected("what is not of the mesh", () => {
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

describeRedirected("Mesh networking.outbound.passthrough", () => {
  const closed = { ...meshWithMtls(), networking: { outbound: { passthrough: false } } };

  it("closes the way out where it is false, and leaves services of the mesh alone", async () => {
    await mesh.applyAndConverge(closed);
    await seen({ [plain(network.outside)]: refused, [secure("partner.example")]: refused, "http://api.mesh/": "api" });
  });

  it("yields to a MeshPassthrough, until that is gone", async () => {
    await mesh.applyAndConverge(passthrough({ passthroughMode: "All" }));
    await seen({ [plain(network.outside)]: "plain", [secure("partner.example")]: "tls" });
    await mesh.applyAndConverge(matched({ type: "IP", value: network.outside, port: plainPort }));
    await seen({ [plain(network.outside)]: "plain", [plain(network.outside, otherPort)]: refused });
    await mesh.global.client.delete({ path: "meshpassthroughs", mesh: "default", name: "outside" });
    await seen({ [plain(network.outside)]: refused });
    await mesh.applyAndConverge(meshWithMtls());
    await seen({ [plain(network.outside)]: "plain" });
  });
});

describeRedirected("MeshPassthrough None", () => {
  beforeAll(() => mesh.applyAndConverge(passthrough({ passthroughMode: "None" })));

  it("closes the way out, and leaves services of the mesh alone", async () => {
    await seen({ [plain(network.outside)]: refused, [secure("partner.example")]: refused, "http://api.mesh/": "api" });
  });
});

describeRedirected("MeshPassthrough All", () => {
  it("opens it again", async () => {
    await mesh.applyAndConverge(passthrough({ passthroughMode: "All" }));
    await seen({ [plain(network.outside)]: "plain", [secure("partner.example")]: "tls", [http2("partner.example")]: "http2" });
  });
});

describeRedirected("MeshPassthrough Matched", () => {
  it("opens nothing without a match", async () => {
    await mesh.applyAndConverge(matched());
    await seen({ [plain(network.outside)]: refused, [secure("partner.example")]: refused, "http://api.mesh/": "api" });
  });

  it("opens an address at a port", async () => {
    await mesh.applyAndConverge(matched({ type: "IP", value: network.outside, port: plainPort }));
    await seen({
      [plain(network.outside)]: "plain",
      [plain(network.outside, otherPort)]: refused,
      [secure("partner.example")]: refused,
      "http://api.mesh/": "api",
    });
  });

  it("opens a range of addresses at every port", async () => {
    await mesh.applyAndConverge(matched({ type: "CIDR", value: `${network.at(0)}/24`, protocol: "tcp" }));
    await seen({ [plain(network.outside, otherPort)]: "other", [plain(network.outside)]: "plain" });
    await mesh.applyAndConverge(matched({ type: "CIDR", value: "198.19.0.0/16" }));
    await seen({ [plain(network.outside, otherPort)]: refused });
  });

  it("opens names by what TLS asks for and what HTTP says", async () => {
    await mesh.applyAndConverge(
      matched(
        { type: "Domain", value: "*.partner.example", protocol: "tls", port: tlsPort },
        { type: "Domain", value: "shop.example", protocol: "tls" },
        { type: "Domain", value: "news.example", protocol: "http", port: plainPort },
        { type: "Domain", value: "*.press.example", protocol: "http", port: plainPort },
      ),
    );
    await seen({
      [secure("api.partner.example")]: "tls",
      [secure("shop.example")]: "tls",
      [plain("news.example")]: "plain",
      [plain("daily.press.example")]: "plain",
      [secure("stranger.example")]: refused,
      [plain("stranger.example")]: "503",
      [plain("news.example", otherPort)]: refused,
    });
  });

  it("opens an address to one protocol only: TLS", async () => {
    await mesh.applyAndConverge(matched({ type: "IP", value: network.outside, protocol: "tls" }));
    await seen({ [secure("stranger.example")]: "tls", [plain("stranger.example")]: refused });
  });

  it("opens an address to one protocol only: HTTP", async () => {
    await mesh.applyAndConverge(matched({ type: "CIDR", value: `${network.outside}/32`, protocol: "http" }));
    await seen({ [plain("stranger.example")]: "plain", [secure("stranger.example")]: refused });
  });

  it.each(["http2", "grpc"])("opens names to %s", async (protocol) => {
    await mesh.applyAndConverge(matched({ type: "Domain", value: "stream.example", protocol, port: http2Port }));
    await seen({ [http2("stream.example")]: "http2", [http2("stranger.example")]: "503" });
  });

  it("hears servers that speak first, as those of MySQL do", async () => {
    await mesh.applyAndConverge(matched({ type: "IP", value: network.outside, protocol: "mysql", port: greeterPort }));
    await seen({ [greeting("db.example")]: "greeter", [plain("stranger.example")]: refused });
  });

  it("opens what any of several policies does", async () => {
    const more = { appendMatch: [{ type: "IP", value: network.outside, port: otherPort }] };
    await mesh.applyAndConverge(matched({ type: "IP", value: network.outside, port: plainPort }), passthrough(more, "more"));
    await seen({
      [plain(network.outside)]: "plain",
      [plain(network.outside, otherPort)]: "other",
      [secure("partner.example")]: refused,
    });
  });
});
