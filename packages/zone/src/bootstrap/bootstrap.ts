import { buildBootstrap, dataPlaneSocket } from "@meridian/envoy";
import type { DataplaneSpec, MeshSpec, PrometheusConf, Resource, ResourceInput } from "@meridian/model";
import { effectivePrometheus, tagNames } from "@meridian/model";
import type { ResourceReader as StoreReader } from "@meridian/store";
import type { BootstrapHandler, BootstrapHttpResponse } from "@meridian/xds";
import type { ProxyAuthenticator } from "../identity/proxy-authenticator.ts";
import { proxyKinds } from "../proxies/proxy-description.ts";
import { type ResourceReader, violationText } from "../registration/resource-reader.ts";
import { type BootstrapRequest, parseBootstrapRequest } from "./bootstrap-request.ts";
import { nodeMetadata } from "./node-metadata.ts";
import { distrustReason, hostAndPort } from "./server-identity.ts";

export interface BootstrapOptions {
  readonly store: StoreReader;
  readonly reader: ResourceReader;
  readonly authenticator: ProxyAuthenticator;
  /** PEM of the data plane server's certificate: what proxies trust when they bring no CA of their own. */
  readonly serverCertPem: string;
  /** Where proxies find ADS, when it is not the port that this request came to. */
  readonly defaultPort: number;
  readonly version: string;
}

/**
 * `POST /bootstrap` (reference: dataplane-protocol.md section 2): checks the token and the resource before Envoy starts, so that
 * a mistake is told in words to the one who made it, and answers with the Envoy bootstrap.
 */
export function createBootstrapHandler(options: BootstrapOptions): BootstrapHandler {
  return async ({ headers, host, body }) => {
    const request = parseBootstrapRequest(body);
    if (!request) return answer(400, "");
    const [hostName, port] = hostAndPort(host, options.defaultPort);
    const distrust = distrustReason(hostName, options.serverCertPem, request.caCert);
    if (distrust !== undefined) return answer(400, distrust);
    const key = { kind: proxyKinds[request.proxyType], mesh: request.mesh, name: request.name };
    const read = request.dataplaneResource ? options.reader.read(request.dataplaneResource, key) : undefined;
    if (read && "violations" in read) return answer(422, violationText(read.violations));
    const brought = read?.resource;
    const stored = await options.store.get(key);
    const resource = brought ?? stored;
    // An empty 404 makes kuma-dp ask again: the resource may still be on its way.
    if (!resource) return answer(404, "");
    const mesh = request.mesh ? await options.store.get<MeshSpec>({ kind: "Mesh", mesh: "", name: request.mesh }) : undefined;
    const mistake = clashWithTransparentProxy(request, resource) ?? missingMesh(request, mesh);
    if (mistake !== undefined) return answer(422, mistake);
    const refusal = await options.authenticator.refusal({ ...key, brought, stored, token: request.token });
    if (refusal !== undefined) return answer(422, refusal);
    // JSON is YAML, and ten times as fast to write.
    const bootstrap = JSON.stringify(buildBootstrap(envoyBootstrap(request, resource, { host: hostName, port }, options)));
    return headers.accept?.includes("application/json")
      ? jsonAnswer(bootstrap, resource, mesh)
      : { status: 200, contentType: "text/x-yaml", body: bootstrap };
  };
}

function clashWithTransparentProxy({ raw }: BootstrapRequest, { spec }: ResourceInput): string | undefined {
  const outbounds = (spec as DataplaneSpec).networking?.outbound ?? [];
  if (!raw["dataplaneConfig"] || outbounds.length === 0) return undefined;
  return "networking.outbound: should be empty since dataplane is in Transparent Proxying mode";
}

function missingMesh({ mesh: name }: BootstrapRequest, mesh: Resource<MeshSpec> | undefined): string | undefined {
  return !name || mesh ? undefined : `mesh: mesh of name "${name}" is not found`;
}

function envoyBootstrap(
  request: BootstrapRequest,
  resource: ResourceInput,
  server: { readonly host: string; readonly port: number },
  options: BootstrapOptions,
): Parameters<typeof buildBootstrap>[0] {
  const adminPort = (resource.spec as DataplaneSpec).networking?.admin?.port ?? 9901;
  const socketPath = request.workdir && `${request.workdir}/kuma-envoy-admin.sock`;
  return {
    node: {
      id: `${request.mesh}.${request.name}`,
      cluster: nodeCluster(request, resource),
      metadata: nodeMetadata(request, {
        adminPort,
        socketPath,
        address: addressOf(resource),
        controlPlaneVersion: options.version,
      }),
    },
    admin: socketPath ? { socketPath } : { address: "127.0.0.1", port: adminPort },
    controlPlane: {
      ...server,
      caPem: request.caCert ?? options.serverCertPem,
      delta: request.features.includes("feature-delta-grpc"),
    },
    ...(request.token && {
      token: request.tokenSecretPath ? { secretFile: request.tokenSecretPath } : { value: request.token },
    }),
    ...(isBuiltinGateway(resource) && { gateway: {} }),
    ...(request.workdir && { accessLogSocketPath: dataPlaneSocket(request.workdir, `kuma-al-${request.name}-${request.mesh}`) }),
  };
}

/** Strangers connect to it: Envoy gives up some connections before it gives up all. */
function isBuiltinGateway({ spec }: ResourceInput): boolean {
  return (spec as DataplaneSpec).networking?.gateway?.type === "BUILTIN";
}

/** "" for a zone proxy without one. */
function addressOf({ spec }: ResourceInput): string {
  return (spec as DataplaneSpec).networking?.address ?? "";
}

function nodeCluster(request: BootstrapRequest, resource: ResourceInput): string {
  if (request.proxyType !== "dataplane") return request.proxyType;
  const { inbound, gateway } = (resource.spec as DataplaneSpec).networking ?? {};
  return gateway?.tags?.[tagNames.service] ?? inbound?.[0]?.tags?.[tagNames.service] ?? request.name;
}

/** Every 4xx but an empty 404 is final for a data plane: it shows the text and gives up. */
function answer(status: number, text: string): BootstrapHttpResponse {
  return { status, contentType: "text/plain; charset=utf-8", body: text };
}

function jsonAnswer(bootstrap: string, resource: ResourceInput, mesh: Resource<MeshSpec> | undefined): BootstrapHttpResponse {
  const address = addressOf(resource);
  const aggregate = mesh && effectivePrometheus(mesh.spec, (resource.spec as DataplaneSpec).metrics)?.aggregate;
  const answer = {
    bootstrap: Buffer.from(bootstrap).toString("base64"),
    kumaSidecarConfiguration: {
      networking: { corefileTemplate: null, address },
      metrics: { aggregate: (aggregate ?? []).map(applicationMetrics) },
    },
  };
  return { status: 200, contentType: "application/json", body: JSON.stringify(answer) };
}

/** An application whose metrics the peer's data plane adds to Envoy's. "": at the Dataplane's own address. */
function applicationMetrics({ name = "", address = "", port = 0, path = "/metrics" }: Application): object {
  return { name, address, port, path };
}

type Application = NonNullable<PrometheusConf["aggregate"]>[number];
