import { Resolver } from "node:dns/promises";
import { freePorts, waitFor } from "@meridian/testkit";
import { beforeAll, describe, expect, it } from "vitest";
import { DataPlane } from "../harness/data-plane.ts";
import { meshWithMtls, trafficPermission } from "../harness/documents.ts";
import { http } from "../harness/http.ts";
import { builtinCaOf, leafOf } from "../harness/identity.ts";
import { useMesh } from "../harness/mesh.ts";
import type { Service } from "../harness/service.ts";
import { readAnswer } from "../harness/traffic.ts";

// A gateway of mesh default lets proxies of other meshes in: of mesh shop, with mTLS, and not of mesh plain, without.
const gatewayPort = 17_985;
const dnsPort = 17_954;
let gatewayHost: string;
/** Of mesh shop, in the gateway's zone. */
let near: Service;
/** Of mesh shop, in another zone. Its sidecar listens at the addresses of names. */
let far: Service;
/** Of mesh shop: its sidecar answers DNS. */
let named: Service;
let plain: Service;

const outbounds = { edge: { "kuma.io/service": "edge", "kuma.io/mesh": "default" } };

const mesh = useMesh(async (starting) => {
  const { network } = starting.world;
  const [envoyDns = 0, redirect = 0] = await freePorts(2);
  await starting.startGlobal();
  const args = ["--dns-cidr", `${network.at(64, 0)}/18`];
  const [east] = await Promise.all(["east", "west"].map((zone) => starting.startZone(zone, { args })));
  if (!east) throw new Error("no zone");
  await starting.applyAndConverge(
    ...[meshWithMtls(), meshWithMtls({ name: "shop" }), { type: "Mesh", name: "plain" }],
    trafficPermission("edge", "orders"),
  );
  gatewayHost = network.at(east.index, 9);
  const gateway = new DataPlane(starting.world, {
    ...{ name: "edge-1", type: "dataplane", controlPlane: east.dataPlaneServer, caCertFile: east.caCertFile },
    resource: {
      ...{ type: "Dataplane", mesh: "default", name: "edge-1" },
      networking: { address: gatewayHost, gateway: { type: "BUILTIN", tags: { "kuma.io/service": "edge" } } },
    },
    token: await starting.global.client.token("dataplane", {
      mesh: "default",
      tags: { "kuma.io/service": ["edge"] },
      validFor: "1h",
    }),
  });
  const host = network.at(2, 40);
  [near, far, named, plain] = await Promise.all([
    starting.startService({ zone: "east", mesh: "shop", service: "near", outbounds }),
    starting.startService({ zone: "west", mesh: "shop", service: "far", outbounds, args: ["--bind-outbounds"] }),
    starting.startService({
      ...{ zone: "west", mesh: "shop", service: "named", host },
      args: ["--dns-listen", `${host}:${dnsPort}`, "--dns-envoy-port", String(envoyDns)],
      transparentProxying: { redirectPortOutbound: redirect, ipFamilyMode: "IPv4" },
    }),
    starting.startService({ zone: "east", mesh: "plain", service: "stranger", outbounds }),
    starting.startService({ zone: "east", service: "orders" }),
    starting.startIngress("east"),
    gateway.start(),
  ]);
  await starting.settled({ east: 5, west: 2 });
});

const selectors = [{ match: { "kuma.io/service": "edge" } }];

function meshGateway(crossMesh = true): object {
  const conf = { listeners: [{ port: gatewayPort, protocol: "HTTP", ...(crossMesh && { crossMesh }) }] };
  return { type: "MeshGateway", mesh: "default", name: "edge", selectors, conf };
}

const route = {
  ...{ type: "MeshGatewayRoute", mesh: "default", name: "orders", selectors },
  conf: {
    http: {
      rules: [
        {
          matches: [{ path: { match: "PREFIX", value: "/orders" } }],
          backends: [{ weight: 1, destination: { "kuma.io/service": "orders" } }],
        },
      ],
    },
  },
};

async function servedAt(address: string) {
  const answer = await http({ url: `http://${address}/orders`, timeoutMs: 20_000 });
  if (answer.status !== 200) throw new Error(`${answer.status} ${answer.body.slice(0, 200)}`);
  return readAnswer(answer);
}

async function statusAt(address: string, path = "/orders"): Promise<number> {
  return (await http({ url: `http://${address}${path}`, timeoutMs: 20_000 })).status;
}

/** Whether nobody is there who would take a request. */
async function isNobodyAt(address: string): Promise<boolean> {
  return statusAt(address).then(
    (status) => status === 503,
    () => true,
  );
}

async function addressOf(name: string): Promise<string> {
  const resolver = new Resolver({ timeout: 5_000, tries: 4 });
  resolver.setServers([`${named.host}:${dnsPort}`]);
  const [address = ""] = await resolver.resolve4(name);
  return address;
}

beforeAll(async () => {
  await mesh.applyAndConverge(meshGateway(), route);
  await waitFor("the gateway to answer", () => servedAt(near.to("edge")));
});

describe("a proxy of another mesh", () => {
  it("reaches a service behind the gateway, which stands for it there", async () => {
    const { service, caller, headers } = await servedAt(near.to("edge"));
    expect({ service, caller }).toEqual({ service: "orders", caller: "spiffe://default/edge" });
    expect(headers).not.toHaveProperty("x-kuma-tags");
    expect(await statusAt(near.to("edge"), "/elsewhere")).toBe(404);
  });

  it("reaches it from another zone, through the ingress of the gateway's", async () => {
    expect(await waitFor("an answer", () => servedAt(far.to("edge")))).toMatchObject({ service: "orders", zone: "east" });
  });

  it("knows it by a name that DNS answers, at the port of the listener", async () => {
    const address = await waitFor("the name", () => addressOf("internal.edge.default.mesh"));
    expect(await waitFor("an answer", () => servedAt(`${address}:${gatewayPort}`))).toMatchObject({ service: "orders" });
  });

  it("goes on where the permissions of the gateway end", async () => {
    await mesh.applyAndConverge(trafficPermission("near", "orders", "edge-to-orders"));
    await waitFor("a refusal", async () => [403, 503].includes(await statusAt(near.to("edge"))));
    await mesh.applyAndConverge(trafficPermission("edge", "orders"));
    await waitFor("an answer", () => servedAt(near.to("edge")));
  });

  it("gets nowhere without mTLS", async () => {
    expect(await isNobodyAt(plain.to("edge"))).toBe(true);
  });
});

it("nobody else comes in: in plain text, over TLS without a certificate, or with one of nobody's mesh", async () => {
  const refused = async (url: string, identity?: Awaited<ReturnType<typeof leafOf>>): Promise<void> => {
    await expect(http({ url, ...(identity && { identity }) })).rejects.toThrow();
  };
  await refused(`http://${gatewayHost}:${gatewayPort}/orders`);
  await refused(`https://${gatewayHost}:${gatewayPort}/orders`);
  await refused(
    `https://${gatewayHost}:${gatewayPort}/orders`,
    await leafOf(await builtinCaOf(mesh, "shop"), "spiffe://shop/near"),
  );
});

it("a mesh that loses mTLS is let in no more, and comes back with it; a gateway without says so", async () => {
  await mesh.applyAndConverge({ type: "Mesh", name: "shop" });
  await waitFor("nobody to get through", () => isNobodyAt(near.to("edge")));
  await mesh.applyAndConverge(meshWithMtls({ name: "shop" }));
  await waitFor("an answer", () => servedAt(near.to("edge")));
  await mesh.applyAndConverge({ type: "Mesh", name: "default" });
  await waitFor("the status", async () => expect(await notes()).toContain("which mesh default does not have"));
  await mesh.applyAndConverge(meshWithMtls());
  await waitFor("an answer", () => servedAt(near.to("edge")));
  await waitFor("the status", async () => expect(await notes()).toBe(""));
});

async function notes(): Promise<string> {
  const { zones } = await mesh.global.client.policyStatus({ path: "meshgateways", mesh: "default", name: "edge" });
  return zones.flatMap((zone) => zone.notes.map(({ message }) => message)).join("\n");
}

it("a listener that turns to everybody takes plain text, and nobody of another mesh is sent there", async () => {
  await mesh.applyAndConverge(meshGateway(false));
  await waitFor("an answer", () => servedAt(`${gatewayHost}:${gatewayPort}`));
  await waitFor("nobody to get through", () => isNobodyAt(near.to("edge")));
  await mesh.applyAndConverge(meshGateway());
  await waitFor("an answer", () => servedAt(near.to("edge")));
});
