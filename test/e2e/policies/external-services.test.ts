import { generateCa, generateServerCertificate, type KeyPair } from "@meridian/pki";
import { waitFor } from "@meridian/testkit";
import { describe, expect, it } from "vitest";
import type { DataPlane } from "../harness/data-plane.ts";
import { type MeshOptions, meshWithMtls, secret, trafficPermission } from "../harness/documents.ts";
import { type HttpAnswer, http } from "../harness/http.ts";
import { startHttp2Upstream } from "../harness/http2-upstream.ts";
import { leafOf } from "../harness/identity.ts";
import { type Mesh, useMesh } from "../harness/mesh.ts";
import { inboundPort, type Service } from "../harness/service.ts";
import { readAnswer } from "../harness/traffic.ts";
import { startUpstream, type UpstreamAnswer, type UpstreamTls } from "../harness/upstream.ts";

const outsidePort = 17_443;
const hour = { validForMs: 3_600_000, now: new Date() };
const inEast = { "kuma.io/display-name": "api", "kuma.io/zone": "east" };
let web: Service;
let westEgress: DataPlane;
let eastEgress: DataPlane;
let vault: KeyPair;
let stranger: KeyPair;

/** Beyond the addresses of the zones. */
function outside(host: number): string {
  return mesh.world.network.at(9, host);
}

async function startOutside(starting: Mesh, service: string, host: number, tls?: UpstreamTls): Promise<void> {
  const place = { host: starting.world.network.at(9, host), port: outsidePort };
  starting.world.own(await startUpstream({ ...place, service, version: "v1", zone: "outside", ...(tls && { tls }) }));
}

async function startStream(starting: Mesh, identity: KeyPair): Promise<void> {
  const who = { service: "stream", version: "v1", zone: "outside" };
  starting.world.own(await startHttp2Upstream({ ...who, host: starting.world.network.at(9, 5), port: outsidePort, identity }));
}

const mesh = useMesh(async (starting) => {
  const clients = await generateCa({ commonName: "clients", spiffeId: "spiffe://clients", ...hour });
  const shown = await leafOf(clients, "spiffe://clients/egress");
  vault = await generateServerCertificate({ hosts: ["vault.example"], ...hour });
  stranger = await generateServerCertificate({ hosts: ["vault.example"], ...hour });
  await starting.startGlobal();
  await Promise.all(["east", "west"].map((zone) => starting.startZone(zone)));
  await Promise.all([
    startOutside(starting, "billing", 1),
    startOutside(starting, "vault", 2, vault),
    startOutside(starting, "ledger", 3),
    startStream(starting, vault),
    startOutside(starting, "partner", 4, { ...vault, clientCaPem: clients.certPem }),
  ]);
  await starting.applyAndConverge(
    ...[meshWith({ zoneEgress: false }), trafficPermission("*", "*"), permission("web", "billing")],
    ...[secret("vault-ca", vault.certPem), secret("client-cert", shown.certPem), secret("client-key", shown.keyPem)],
    ...[joinedService, externalService("billing", 1), vaultService({ secret: "vault-ca" })],
    ...[externalService("ledger", 3, { tags: { "kuma.io/protocol": "tcp", "kuma.io/zone": "east" } })],
    ...[partnerService({ mode: "Secured" }), streamService()],
  );
  [westEgress, eastEgress, , , web] = await Promise.all([
    starting.startEgress("west"),
    starting.startEgress("east"),
    starting.startIngress("east"),
    starting.startService({ zone: "east", service: "api" }),
    starting.startService({
      ...{ zone: "west", service: "web", calls: ["billing", "vault", "ledger", "api"] },
      backends: {
        partner: { kind: "MeshExternalService", name: "partner" },
        stream: { kind: "MeshExternalService", name: "stream" },
        eastern: { kind: "MeshService", labels: inEast, port: inboundPort },
        joined: { kind: "MeshMultiZoneService", name: "api", port: inboundPort },
      },
    }),
  ]);
  await starting.settled({ east: 3, west: 2 });
});

function meshWith(options: MeshOptions): object {
  return { ...meshWithMtls(options), meshServices: { mode: "Everywhere" } };
}

function permission(source: string, destination: string): object {
  return trafficPermission(source, destination, `to-${destination}`);
}

const joinedService = {
  ...{ type: "MeshMultiZoneService", mesh: "default", name: "api" },
  spec: {
    selector: { meshService: { matchLabels: { "kuma.io/display-name": "api" } } },
    ports: [{ port: inboundPort, appProtocol: "http" }],
  },
};

interface ExternalOptions {
  readonly tags?: object;
  readonly tls?: object;
}

function externalService(service: string, host: number, { tags = {}, tls }: ExternalOptions = {}): object {
  return {
    ...{ type: "ExternalService", mesh: "default", name: service },
    tags: { "kuma.io/service": service, "kuma.io/protocol": "http", ...tags },
    networking: { address: `${outside(host)}:${outsidePort}`, ...(tls && { tls }) },
  };
}

function vaultService(caCert: object): object {
  return externalService("vault", 2, { tls: { enabled: true, caCert, serverName: "vault.example" } });
}

function partnerService(verification: object, caCert: object = { secret: "vault-ca" }): object {
  const keys = { clientCert: { secret: "client-cert" }, clientKey: { secret: "client-key" } };
  return {
    ...{ type: "MeshExternalService", mesh: "default", name: "partner" },
    spec: {
      match: { type: "HostnameGenerator", port: 80, protocol: "http" },
      endpoints: [{ address: outside(4), port: outsidePort }],
      tls: { enabled: true, verification: { serverName: "vault.example", caCert, ...keys, ...verification } },
    },
  };
}

function streamService(): object {
  return {
    ...{ type: "MeshExternalService", mesh: "default", name: "stream" },
    spec: {
      match: { type: "HostnameGenerator", port: 80, protocol: "http2" },
      endpoints: [{ address: outside(5), port: outsidePort }],
      tls: { enabled: true, verification: { caCert: { secret: "vault-ca" }, serverName: "vault.example" } },
    },
  };
}

function ask(service: string): Promise<HttpAnswer> {
  return http({ url: `http://${web.to(service)}/`, timeoutMs: 10_000 });
}

/** The first answer of the service itself. */
function answerOf(service: string): Promise<UpstreamAnswer> {
  return waitFor(`${service} to answer`, async () => {
    const answer = await ask(service);
    if (answer.status !== 200) throw new Error(`${answer.status} ${answer.body.slice(0, 200)}`);
    return readAnswer(answer);
  });
}

function refusalOf(service: string, ...statuses: readonly number[]): Promise<true> {
  return waitFor(`${service} to be refused`, async () => {
    const { status } = await ask(service);
    if (!statuses.includes(status)) throw new Error(`answered ${status}`);
    return true as const;
  });
}

async function requestsThrough(egress: DataPlane, cluster: string): Promise<number> {
  const name = cluster.replaceAll(":", "_");
  const stats = await egress.stats(`^cluster\\.${name}\\.upstream_(rq|cx)_total$`);
  return Math.max(0, ...stats.values());
}

describe("without an egress in the way", () => {
  it("a sidecar reaches a server outside by itself, and tells it nothing of the mesh", async () => {
    const { service, headers } = await answerOf("billing");
    expect(service).toBe("billing");
    expect(headers).not.toHaveProperty("x-kuma-tags");
    expect(await requestsThrough(westEgress, "default:billing")).toBe(0);
  });

  it("permissions are checked at the client", async () => {
    await mesh.applyAndConverge(permission("other", "billing"));
    await refusalOf("billing", 503);
    await mesh.applyAndConverge(permission("web", "billing"));
    await answerOf("billing");
  });

  it("a server's certificate is checked against the CA that the user names", async () => {
    expect((await answerOf("vault")).service).toBe("vault");
    await mesh.applyAndConverge(vaultService({ inlineString: stranger.certPem }));
    await refusalOf("vault", 503);
    await mesh.applyAndConverge(vaultService({ secret: "vault-ca" }));
    await answerOf("vault");
  });
});

describe("a MeshExternalService", () => {
  it("is reached through the egress, which shows a certificate and checks the server's", async () => {
    expect((await answerOf("partner")).service).toBe("partner");
    expect(await requestsThrough(westEgress, "default_partner___extsvc_80")).toBeGreaterThan(0);
    await mesh.applyAndConverge(partnerService({}, { inlineString: stranger.certPem }));
    await refusalOf("partner", 503);
    await mesh.applyAndConverge(partnerService({ mode: "SkipCA" }, { inlineString: stranger.certPem }));
    await answerOf("partner");
    await mesh.applyAndConverge(partnerService({ serverName: "elsewhere.example" }));
    await refusalOf("partner", 503);
    await mesh.applyAndConverge(partnerService({ serverName: "elsewhere.example", mode: "SkipSAN" }));
    await answerOf("partner");
  });

  it("may speak HTTP/2", async () => {
    expect(await answerOf("stream")).toMatchObject({ service: "stream", headers: { ":method": "GET" } });
  });

  it("is nobody's where the mesh forbids it", async () => {
    await mesh.applyAndConverge(meshWith({ zoneEgress: false, defaultForbidMeshExternalServiceAccess: true }));
    await refusalOf("partner", 403);
    await mesh.applyAndConverge(meshWith({ zoneEgress: false }));
    await answerOf("partner");
  });

  it("takes routes of others and its own", async () => {
    const route = {
      ...{ type: "MeshHTTPRoute", mesh: "default", name: "away" },
      spec: {
        to: [
          {
            targetRef: { kind: "MeshService", name: "api" },
            rules: [
              {
                matches: [{ path: { type: "PathPrefix", value: "/partner" } }],
                default: { backendRefs: [{ kind: "MeshExternalService", name: "partner" }] },
              },
            ],
          },
        ],
      },
    };
    await mesh.applyAndConverge(route);
    await waitFor("the route", async () => {
      const answer = await http({ url: `http://${web.to("api")}/partner` });
      expect(readAnswer(answer).service).toBe("partner");
      return true;
    });
    expect((await answerOf("api")).service).toBe("api");
  });
});

describe("with Mesh.routing.zoneEgress", () => {
  it("everything that leaves the zone or the mesh passes the egress", async () => {
    await mesh.applyAndConverge(meshWith({ zoneEgress: true }));
    await waitFor("requests through the egress", async () => {
      await Promise.all(["billing", "vault", "api"].map(answerOf));
      for (const cluster of ["default:billing", "default:vault", "default:api"]) {
        expect(await requestsThrough(westEgress, cluster), cluster).toBeGreaterThan(0);
      }
      return true;
    });
    const { zone, caller } = await answerOf("api");
    expect({ zone, caller }).toEqual({ zone: "east", caller: "spiffe://default/web" });
    expect((await answerOf("billing")).headers).not.toHaveProperty("x-kuma-tags");
  });

  it("so does what leads to real services of other zones", async () => {
    for (const backend of ["eastern", "joined"]) {
      const { service, zone, caller } = await answerOf(backend);
      expect({ service, zone, caller }).toEqual({ service: "api", zone: "east", caller: "spiffe://default/web" });
    }
    for (const cluster of [`default_api__east_msvc_${inboundPort}`, `default_api___mzsvc_${inboundPort}`]) {
      expect(await requestsThrough(westEgress, cluster), cluster).toBeGreaterThan(0);
    }
  });

  it("permissions are checked at the egress", async () => {
    await mesh.applyAndConverge(permission("other", "billing"));
    await refusalOf("billing", 503, 403);
    await mesh.applyAndConverge(permission("web", "billing"));
    await answerOf("billing");
  });

  it("a limit counts at the egress", async () => {
    await mesh.applyAndConverge({
      ...{ type: "RateLimit", mesh: "default", name: "billing", conf: { http: { requests: 1, interval: "10m" } } },
      sources: [{ match: { "kuma.io/service": "web" } }],
      destinations: [{ match: { "kuma.io/service": "billing" } }],
    });
    await refusalOf("billing", 429);
    const { revision } = await mesh.global.client.delete({ path: "rate-limits", mesh: "default", name: "billing" });
    await mesh.converged(revision);
    expect((await answerOf("billing")).headers).not.toHaveProperty("x-kuma-tags");
  });

  it("the egress checks a server's certificate", async () => {
    await mesh.applyAndConverge(vaultService({ inlineString: stranger.certPem }));
    await refusalOf("vault", 503);
    await mesh.applyAndConverge(vaultService({ secret: "vault-ca" }));
    await answerOf("vault");
  });

  it("what is bound to another zone leaves by the egress there, as bytes alone, too", async () => {
    expect((await answerOf("ledger")).service).toBe("ledger");
    expect(await requestsThrough(westEgress, "default:ledger")).toBeGreaterThan(0);
    expect(await requestsThrough(eastEgress, "default:ledger")).toBeGreaterThan(0);
  });

  it("the egress is shown as online", async () => {
    await waitFor("its insight", async () => {
      const { items } = await mesh.global.json<Overviews>("/zoneegresses/_overview");
      const online = items.filter(({ zoneEgressInsight: { subscriptions = [] } }) => {
        const last = subscriptions.at(-1);
        return last !== undefined && last.disconnectTime === undefined;
      });
      expect(online).toHaveLength(2);
      return true;
    });
  });

  it("nothing leaves while there is no egress", async () => {
    await westEgress.process.stop();
    await refusalOf("billing", 503);
    await westEgress.start();
    await answerOf("billing");
  });
});

interface Overviews {
  readonly items: readonly {
    readonly zoneEgressInsight: { readonly subscriptions?: readonly { readonly disconnectTime?: string }[] };
  }[];
}
