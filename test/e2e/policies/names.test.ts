import { Resolver } from "node:dns/promises";
import { freePorts, waitFor } from "@meridian/testkit";
import { expect, it } from "vitest";
import { meshWithMtls, trafficPermission } from "../harness/documents.ts";
import { http } from "../harness/http.ts";
import { useMesh } from "../harness/mesh.ts";
import { inboundPort, type Service } from "../harness/service.ts";
import { readAnswer } from "../harness/traffic.ts";

// Addresses of services come from loopback networks of this file's own, so that a sidecar can listen at them without a redirect, which
// takes rights (`transparent-proxy`). Of a redirected sidecar everything but the redirect itself is real: its DNS, and which listeners it has.
const servicePort = 17_990;
const dnsPort = 17_953;
let envoyDnsPort = 0;
/** Its sidecar listens at the addresses of services. */
let web: Service;
/** Redirected: its sidecar answers DNS. It reaches api, and no other service. */
let shop: Service;

const mesh = useMesh(async (starting) => {
  const { network } = starting.world;
  const [dns = 0, redirect = 0] = await freePorts(2);
  envoyDnsPort = dns;
  await starting.startGlobal();
  const cidrs = ["--dns-cidr", `${network.at(64, 0)}/18`, "--mesh-service-cidr", `${network.at(128, 0)}/18`];
  const args = [...cidrs, "--dns-service-port", String(servicePort)];
  await Promise.all(["east", "west"].map((zone) => starting.startZone(zone, { args })));
  const meshServices = { meshServices: { mode: "Everywhere" } };
  await starting.applyAndConverge({ ...meshWithMtls(), ...meshServices }, trafficPermission("*", "*"));
  const host = network.at(1, 21);
  [web, shop] = await Promise.all([
    starting.startService({ zone: "east", service: "web", args: ["--bind-outbounds"] }),
    starting.startService({
      ...{ zone: "east", service: "shop" },
      args: ["--dns-listen", `${host}:${dnsPort}`, "--dns-envoy-port", String(envoyDnsPort)],
      transparentProxying: {
        redirectPortOutbound: redirect,
        ipFamilyMode: "IPv4",
        reachableServices: ["api"],
        reachableBackends: { refs: [{ kind: "MeshService", labels: { "kuma.io/display-name": "api" } }] },
      },
    }),
    starting.startService({ zone: "east", service: "api", version: "v1" }),
    starting.startService({ zone: "east", service: "api", version: "v2" }),
    starting.startService({ zone: "west", service: "api", version: "v3" }),
    starting.startIngress("west"),
  ]);
  await starting.settled({ east: 4, west: 2 });
});

/** As an application in front of the redirected sidecar would. */
async function addressOf(name: string): Promise<string> {
  const resolver = new Resolver({ timeout: 5_000, tries: 4 });
  resolver.setServers([`${shop.host}:${dnsPort}`]);
  const [address = ""] = await resolver.resolve4(name);
  return address;
}

/** Envoy alone, who knows only names of the mesh. */
async function isKnown(name: string): Promise<boolean> {
  const resolver = new Resolver({ timeout: 5_000, tries: 4 });
  resolver.setServers([`127.0.0.1:${envoyDnsPort}`]);
  return resolver.resolve4(name).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === "ENOTFOUND") return false;
      throw error;
    },
  );
}

async function versionOf(address: string, port: number): Promise<string> {
  const answer = await http({ url: `http://${address}:${port}/` });
  return answer.status === 200 ? readAnswer(answer).version : String(answer.status);
}

async function seen(address: string, port: number, ...versions: readonly string[]): Promise<void> {
  const wanted = new Set(versions);
  await waitFor(`${versions.join(", ")} to answer at ${address}:${port}`, async () => {
    wanted.delete(await versionOf(address, port));
    return wanted.size === 0;
  });
}

function virtualOutbound(name: string, selected: Readonly<Record<string, string>>, host: string): object {
  const parameters = [{ name: "service", tagKey: "kuma.io/service" }, { name: "version" }];
  const conf = { host, port: "17991", parameters };
  return { type: "VirtualOutbound", mesh: "default", name, selectors: [{ match: selected }], conf };
}

it("a service is known by its name, and reached at the address that DNS tells, in every zone", async () => {
  const address = await waitFor("the name of api", () => addressOf("api.mesh"));
  expect(address.split(".").slice(0, 2)).toEqual(web.host.split(".").slice(0, 2));
  await seen(address, servicePort, "v1", "v2", "v3");
});

it("names that a HostnameGenerator makes are answered, too, with the address of the MeshService", async () => {
  const address = await waitFor("the name of api's MeshService", () => addressOf("api.svc.mesh.local"));
  expect(address).not.toBe(await addressOf("api.mesh"));
  await seen(address, inboundPort, "v1", "v2");
  const remote = await waitFor("the name of the MeshService in west", () => addressOf("api.svc.west.mesh.local"));
  await seen(remote, inboundPort, "v3");
});

it("a VirtualOutbound names instances by their tags, wherever they are; of two for one name the first counts", async () => {
  const byVersion = virtualOutbound("by-version", { "kuma.io/service": "*", version: "*" }, "{{.service}}.{{.version}}.apps");
  await mesh.applyAndConverge(byVersion);
  const second = await waitFor("the name of version 2", () => addressOf("api.v2.apps"));
  const third = await waitFor("the name of version 3", () => addressOf("api.v3.apps"));
  await seen(second, 17_991, "v2");
  await seen(third, 17_991, "v3");
  const answers = await Promise.all(Array.from({ length: 20 }, () => versionOf(second, 17_991)));
  expect(new Set(answers)).toEqual(new Set(["v2"]));
  await mesh.applyAndConverge(virtualOutbound("late", { "kuma.io/service": "api", version: "v1" }, "{{.service}}.v2.apps"));
  const again = await Promise.all(Array.from({ length: 20 }, () => versionOf(second, 17_991)));
  expect(new Set(again)).toEqual(new Set(["v2"]));
  await waitFor("the second to be told", async () => {
    const { zones } = await mesh.global.client.policyStatus({ path: "virtual-outbounds", mesh: "default", name: "late" });
    const notes = zones.flatMap((zone) => zone.notes.map(({ message }) => message));
    const message = "api.v2.apps:17991 leads to kuma.io/service=api,version=v2 as VirtualOutbound by-version says";
    expect(notes).toEqual([message]);
    return true;
  });
});

it("a sidecar knows the names and listens at the addresses of what it reaches, and of nothing else", async () => {
  expect(await isKnown("api.mesh")).toBe(true);
  expect(await isKnown("web.mesh")).toBe(false);
  const listeners = async (service: Service): Promise<string> => (await service.sidecar.admin("/listeners")).body;
  const toApi = `outbound:${await addressOf("api.mesh")}:${servicePort}`;
  expect(await listeners(shop)).toContain(toApi);
  expect(await listeners(web)).toContain(toApi);
  const dump = JSON.parse(await shop.sidecar.configDump()) as unknown;
  expect(JSON.stringify(dump)).not.toContain('"outbound:web"');
});

it("a control plane that was killed gives every name the address that it had", async () => {
  const names = ["api.mesh", "api.svc.mesh.local", "api.v2.apps"];
  const before = await Promise.all(names.map(addressOf));
  const east = mesh.zone("east");
  await east.process.kill();
  await east.start();
  const { revision } = await mesh.apply({
    ...{ type: "ExternalService", mesh: "default", name: "billing", tags: { "kuma.io/service": "billing" } },
    networking: { address: "billing.example:443", disableHostDNSEntry: true },
  });
  await mesh.converged(revision);
  expect(await Promise.all(names.map(addressOf))).toEqual(before);
});

it("names go with the VirtualOutbound that made them", async () => {
  const { revision } = await mesh.global.client.apply({
    documents: [],
    deletes: ["by-version", "late"].map((name) => ({ type: "VirtualOutbound", mesh: "default", name })),
  });
  await mesh.converged(revision);
  await waitFor("the name to be gone", async () => !(await isKnown("api.v2.apps")));
  expect(await isKnown("api.mesh")).toBe(true);
});
