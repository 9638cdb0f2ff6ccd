import { createLeafIssuer, generateCa, generateServerCertificate, type KeyPair } from "@meridian/pki";
import type { BootstrapHandler, BootstrapHttpResponse } from "@meridian/xds";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { dataplaneDocument, ingressDocument, meshDocument, outboundTo } from "../testing/documents.ts";
import { dataplaneToken } from "../testing/tokens.ts";
import { TestZone } from "../testing/zone.ts";
import { createBootstrapHandler } from "./bootstrap.ts";

const web = dataplaneDocument("web");

let zone: TestZone;
let server: KeyPair;
let bootstrap: BootstrapHandler;
beforeAll(async () => {
  zone = await new TestZone({ auth: "token" }).start();
  const hosts = ["cp.example", "127.0.0.1", "fd00::1", "::1"];
  server = await generateServerCertificate({ hosts, validForMs: 3_600_000, now: new Date() });
  bootstrap = handlerOf("token");
});
afterAll(() => zone.stop());

function handlerOf(mode: "token" | "none", serverCertPem = server.certPem): BootstrapHandler {
  const authenticator = mode === "token" ? zone.authenticator : new TestZone({ store: zone.store }).authenticator;
  return createBootstrapHandler({
    ...{ store: zone.store, reader: zone.reader, authenticator, serverCertPem },
    defaultPort: 5678,
    version: "0.1.0",
  });
}

function requestOf(document: object, fields: object = {}): Record<string, unknown> {
  const { type, mesh, name } = document as { readonly type: string; readonly mesh?: string; readonly name: string };
  const proxyType = type === "ZoneIngress" ? "ingress" : "dataplane";
  return { mesh, name, proxyType, dataplaneResource: JSON.stringify(document), ...fields };
}

interface Call {
  readonly handler?: BootstrapHandler;
  readonly host?: string;
  readonly accept?: string;
}

function ask(
  body: unknown,
  { handler = bootstrap, host = "cp.example:5678", accept }: Call = {},
): Promise<BootstrapHttpResponse> {
  return handler({ headers: accept ? { accept } : {}, host, body: typeof body === "string" ? body : JSON.stringify(body) });
}

async function withToken(fields: object = {}): Promise<Record<string, unknown>> {
  return requestOf(web, { dataplaneToken: `${await dataplaneToken(zone, { mesh: "default" })}\n`, ...fields });
}

interface Bootstrap {
  readonly node: { readonly id: string; readonly cluster: string; readonly metadata: Readonly<Record<string, unknown>> };
  readonly admin: unknown;
  readonly dynamicResources: { readonly adsConfig: { readonly apiType: string; readonly grpcServices: unknown } };
  readonly staticResources: { readonly clusters: readonly Record<string, unknown>[]; readonly secrets: unknown };
}

/** JSON is YAML. */
function read(response: BootstrapHttpResponse): Bootstrap {
  expect(response).toMatchObject({ status: 200, contentType: "text/x-yaml" });
  return JSON.parse(String(response.body));
}

describe("a bootstrap", () => {
  it("is answered as kuma-dp asks for it: JSON around base64", async () => {
    const response = await ask(await withToken(), { accept: "application/json" });
    expect(response).toMatchObject({ status: 200, contentType: "application/json" });
    const answer = JSON.parse(String(response.body));
    expect(answer.kumaSidecarConfiguration).toEqual({
      networking: { corefileTemplate: null, address: "10.0.0.1" },
      metrics: { aggregate: [] },
    });
    expect(JSON.parse(Buffer.from(answer.bootstrap, "base64").toString("utf8")).node.id).toBe("default.web");
  });

  it("is answered as YAML to everyone else", async () => {
    expect(read(await ask(await withToken())).node).toMatchObject({ id: "default.web", cluster: "web" });
  });

  it("tells the node what it said of itself, in the words that it will send back", async () => {
    const version = { kumaDp: { version: "2.14.3" }, envoy: { version: "1.40.0" } };
    const fields = {
      ...{ version, workdir: "/run/web", features: ["feature-delta-grpc", 7], dnsPort: 15054, readinessPort: 9902 },
      ...{ appProbeProxyDisabled: true, ipv6Enabled: false, metricsResources: { certPath: "/c", keyPath: "/k" } },
      ...{ dynamicMetadata: { HOST_IP: "10.9.9.9" }, systemCaPath: "/ca", operatingSystem: "linux" },
    };
    expect(read(await ask(await withToken(fields))).node.metadata).toEqual({
      "dataplane.admin.port": "9901",
      "dataplane.address": "10.0.0.1",
      "dataplane.admin.address": "127.0.0.1",
      "dataplane.admin.socketPath": "/run/web/kuma-envoy-admin.sock",
      "dataplane.dns.port": "15054",
      "dataplane.readinessReporter.port": "9902",
      "dataplane.appProbeProxy.enabled": "true",
      "dataplane.proxyType": "dataplane",
      "dataplane.resource": JSON.stringify(web),
      dynamicMetadata: { HOST_IP: "10.9.9.9" },
      version: { kumaDp: { version: "2.14.3", kumaCpCompatible: true }, envoy: { version: "1.40.0" } },
      features: ["feature-delta-grpc"],
      workdir: "/run/web",
      metricsCertPath: "/c",
      metricsKeyPath: "/k",
      systemCaPath: "/ca",
      ipv6Enabled: false,
    });
  });

  it("asks for incremental discovery only where the proxy knows it, with the token as it is", async () => {
    const body = await withToken({ features: ["feature-delta-grpc"] });
    const { adsConfig } = read(await ask(body)).dynamicResources;
    expect(adsConfig.apiType).toBe("DELTA_GRPC");
    expect(adsConfig.grpcServices).toMatchObject([
      { initialMetadata: [{ key: "authorization", value: String(body["dataplaneToken"]).trim() }] },
    ]);
    expect(read(await ask(await withToken())).dynamicResources.adsConfig.apiType).toBe("GRPC");
  });

  it("leaves the token out where the data plane says in which file Envoy finds it, and those that come after it", async () => {
    const body = await withToken({ tokenSecretPath: "/w/token.json" });
    const text = JSON.stringify(read(await ask(body)));
    expect(text).toContain('"path":"/w/token.json"');
    expect(text).not.toContain(String(body["dataplaneToken"]).trim());
  });

  it("is for a zone ingress too, whose mesh does not count", async () => {
    const body = requestOf(ingressDocument("ingress"), { mesh: "default" });
    expect(read(await ask(body, { handler: handlerOf("none") })).node).toMatchObject({ id: ".ingress", cluster: "ingress" });
  });

  it("has a builtin gateway take no more connections than it can bear, and nobody else", async () => {
    const gateway = { type: "BUILTIN", tags: { "kuma.io/service": "edge" } };
    const edge = { type: "Dataplane", mesh: "default", name: "edge", networking: { address: "10.0.0.1", gateway } };
    const monitorOf = async (document: object) => {
      const answer = read(await ask(requestOf(document), { handler: handlerOf("none") })) as { overloadManager?: object };
      return JSON.stringify(answer.overloadManager);
    };
    expect(await monitorOf(edge)).toContain("downstream_connections");
    expect(await monitorOf(dataplaneDocument("web"))).toBeUndefined();
  });

  it("tells kuma-dp which applications' metrics it adds to Envoy's", async () => {
    const conf = { aggregate: [{ name: "app", port: 8000 }] };
    const backends = [{ name: "main", type: "prometheus", conf }];
    await zone.put({ ...meshDocument("observed"), metrics: { enabledBackend: "main", backends } });
    const metrics = {
      type: "prometheus",
      conf: { aggregate: [{ name: "own", port: 9000, path: "/stats", address: "127.0.0.1" }] },
    };
    const document = { ...dataplaneDocument("shown", { mesh: "observed" }), metrics };
    const response = await ask(requestOf(document), { accept: "application/json", handler: handlerOf("none") });
    expect(JSON.parse(String(response.body)).kumaSidecarConfiguration.metrics.aggregate).toEqual([
      { name: "app", address: "", port: 8000, path: "/metrics" },
      { name: "own", address: "127.0.0.1", port: 9000, path: "/stats" },
    ]);
  });

  it("needs no resource that is stored already", async () => {
    await zone.put(dataplaneDocument("stored", { service: "backend" }));
    const body = requestOf({ type: "Dataplane", mesh: "default", name: "stored" }, { dataplaneResource: "" });
    expect(read(await ask(body, { handler: handlerOf("none") })).node).toMatchObject({
      id: "default.stored",
      cluster: "backend",
    });
  });

  it.each([
    ["cp.example:15678", "cp.example", 15678],
    ["cp.example", "cp.example", 5678],
    ["127.0.0.1:5678", "127.0.0.1", 5678],
    ["[fd00::1]:5678", "fd00::1", 5678],
    ["[::1]", "::1", 5678],
  ])("leads to the control plane under the name by which it was asked: %s", async (host, address, portValue) => {
    const { clusters } = read(await ask(await withToken(), { host })).staticResources;
    const ads = clusters.find((cluster) => cluster["name"] === "ads_cluster");
    expect(JSON.stringify(ads)).toContain(JSON.stringify({ address, portValue }));
  });
});

describe("a bootstrap that cannot be given", () => {
  it.each([
    ["nothing", ""],
    ["broken JSON", "{"],
    ["a list", "[]"],
    ["null", "null"],
    ["no name", { proxyType: "dataplane" }],
    ["an unknown proxy type", { name: "web", proxyType: "toString" }],
  ])("because the request is %s: 400 without a text", async (_what, body) => {
    expect(await ask(body)).toMatchObject({ status: 400, body: "" });
  });

  it("because the resource is nowhere: 404 without a text, which makes kuma-dp ask again", async () => {
    const body = requestOf({ type: "Dataplane", mesh: "default", name: "later" }, { dataplaneResource: "" });
    expect(await ask(body)).toMatchObject({ status: 404, body: "" });
  });

  async function refusal(body: unknown, status = 422, call: Call = {}): Promise<string> {
    const response = await ask(body, call);
    expect(response).toMatchObject({ status, contentType: "text/plain; charset=utf-8" });
    return String(response.body);
  }

  it("because there is no token, or not the right one", async () => {
    expect(await refusal(requestOf(web))).toContain("no token was sent");
    const token = await dataplaneToken(zone, { mesh: "default", name: "api" });
    const reason = await refusal(requestOf(web, { dataplaneToken: token }));
    expect(reason).toContain("for the data plane api");
    expect(reason).not.toContain(token);
  });

  it("because the resource is wrong: everything is named", async () => {
    const broken = {
      type: "Dataplane",
      mesh: "default",
      name: "web",
      networking: { address: "", inbound: [{ port: 0, tags: {} }] },
    };
    const reason = await refusal(requestOf(broken));
    expect(reason).toContain("networking.address");
    expect(reason).toContain("networking.inbound[0].port");
    expect(await refusal(requestOf(web, { dataplaneResource: "{" }))).toContain("not JSON");
    expect(await refusal(requestOf(web, { name: "other" }))).toContain("name");
  });

  it("because its mesh is missing", async () => {
    expect(await refusal(requestOf(dataplaneDocument("web", { mesh: "nowhere" })))).toBe(
      'mesh: mesh of name "nowhere" is not found',
    );
  });

  it("because outbounds do not go with a transparent proxy", async () => {
    const dataplane = dataplaneDocument("web", { outbound: [outboundTo("api")] });
    const body = requestOf(dataplane, { dataplaneConfig: { redirect: { inbound: { enabled: true, port: 15006 } } } });
    expect(await refusal(body)).toContain("networking.outbound: should be empty");
  });

  it("because Envoy would not trust the name by which the control plane was reached", async () => {
    const reason = await refusal(await withToken(), 400, { host: "other.example:5678" });
    expect(reason).toContain("other.example");
    expect(reason).toContain("--dp-tls-hosts");
    expect(await refusal(await withToken(), 400, { host: "10.0.0.1:5678" })).toContain("10.0.0.1");
  });

  it("because what it should trust is no CA", async () => {
    const ca = await generateCa({ commonName: "ca", spiffeId: "spiffe://ca", validForMs: 3_600_000, now: new Date() });
    const leaf = await createLeafIssuer(ca).issue({ uris: ["spiffe://ca/web"], validForMs: 60_000, now: new Date() });
    expect(await refusal(await withToken({ caCert: leaf.certPem }), 400)).toContain("CA:FALSE");
    expect(await refusal(await withToken({ caCert: "no PEM" }), 400)).toContain("not a PEM certificate");
    const { secrets } = read(await ask(await withToken({ caCert: ca.certPem }))).staticResources;
    expect(JSON.stringify(secrets)).toContain(Buffer.from(ca.certPem).toString("base64"));
  });
});
