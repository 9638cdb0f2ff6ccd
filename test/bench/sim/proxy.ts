import { type ClientHttp2Session, type ClientHttp2Stream, connect } from "node:http2";
import { request } from "node:https";
import { type DeltaResponse, decodeDeltaResponse, encodeDeltaRequest, encodeNode } from "./wire.ts";

export const types = {
  cluster: "type.googleapis.com/envoy.config.cluster.v3.Cluster",
  endpoint: "type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment",
  listener: "type.googleapis.com/envoy.config.listener.v3.Listener",
  route: "type.googleapis.com/envoy.config.route.v3.RouteConfiguration",
  secret: "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret",
} as const;

export interface SimulatedProxyPlan {
  readonly mesh: string;
  readonly name: string;
  readonly service: string;
  /** JSON text of its Dataplane. */
  readonly resource: string;
  readonly token: string;
  /** Services of its outbounds. */
  readonly outbounds: readonly string[];
}

export interface ControlPlaneAddress {
  readonly host: string;
  readonly port: number;
}

/** Milliseconds on a clock that all processes of one machine share. */
export function sharedNowMs(): number {
  return performance.timeOrigin + performance.now();
}

/**
 * One data plane as the control plane sees it: bootstrap over TLS, then incremental ADS as Envoy does it: clusters and listeners as
 * wildcards, then endpoints, routes and secrets by the names that those bring, each response acknowledged as it comes.
 */
export class SimulatedProxy {
  readonly plan: SimulatedProxyPlan;
  readonly #onResponse: (proxy: SimulatedProxy, response: DeltaResponse, sizeBytes: number) => void;
  readonly #held = new Map<string, Set<string>>();
  #session: ClientHttp2Session | undefined;
  #stream: ClientHttp2Stream | undefined;
  #pending: Buffer = Buffer.alloc(0);
  readonly #subscribed = new Map<string, Set<string>>();

  constructor(plan: SimulatedProxyPlan, onResponse: (proxy: SimulatedProxy, response: DeltaResponse, sizeBytes: number) => void) {
    this.plan = plan;
    this.#onResponse = onResponse;
  }

  /** Everything that its outbounds and its own inbound need is here. */
  get complete(): boolean {
    const routes = this.#held.get(types.route)?.size ?? 0;
    const endpoints = this.#held.get(types.endpoint)?.size ?? 0;
    const listeners = this.#held.get(types.listener)?.size ?? 0;
    const secrets = this.#held.get(types.secret)?.size ?? 0;
    const wanted = this.plan.outbounds.length;
    return listeners >= wanted + 1 && routes >= wanted && endpoints >= wanted && secrets >= 2;
  }

  async join(controlPlane: ControlPlaneAddress): Promise<void> {
    await this.#bootstrap(controlPlane);
    await this.open(controlPlane);
  }

  /** Opens the ADS stream alone; resolves once TLS is up. */
  open(controlPlane: ControlPlaneAddress): Promise<void> {
    const session = connect(`https://${controlPlane.host}:${controlPlane.port}`, {
      rejectUnauthorized: false,
      settings: { initialWindowSize: 1 << 20 },
    });
    session.on("error", () => {});
    this.#session = session;
    const stream = session.request({
      ":method": "POST",
      ":path": "/envoy.service.discovery.v3.AggregatedDiscoveryService/DeltaAggregatedResources",
      "content-type": "application/grpc",
      te: "trailers",
      authorization: this.plan.token,
    });
    this.#stream = stream;
    stream.on("error", () => {});
    stream.on("response", (headers) => {
      if (headers["grpc-status"] !== undefined)
        process.stderr.write(`${this.plan.name} refused: ${headers["grpc-status"]} ${headers["grpc-message"]}\n`);
    });
    stream.on("trailers", (trailers) =>
      process.stderr.write(`${this.plan.name} ended: ${trailers["grpc-status"]} ${trailers["grpc-message"]}\n`),
    );
    stream.on("data", (chunk: Buffer) => this.#read(chunk));
    const node = encodeNode(`${this.plan.mesh}.${this.plan.name}`, this.plan.service, {
      "dataplane.proxyType": "dataplane",
      "dataplane.admin.port": "9901",
      "dataplane.admin.address": "127.0.0.1",
      "dataplane.resource": this.plan.resource,
      features: ["feature-delta-grpc", "feature-reuse-port"],
      version: { envoy: { version: "1.40.0" }, kumaDp: { version: "2.14.3" } },
    });
    this.#send(encodeDeltaRequest({ node, typeUrl: types.cluster }));
    this.#send(encodeDeltaRequest({ typeUrl: types.listener }));
    return new Promise((resolve) => session.once("connect", () => resolve()));
  }

  /** Drops the connection as a crash would. */
  drop(): void {
    this.#session?.destroy();
  }

  #bootstrap(controlPlane: ControlPlaneAddress): Promise<void> {
    const body = JSON.stringify({
      mesh: this.plan.mesh,
      name: this.plan.name,
      proxyType: "dataplane",
      dataplaneToken: this.plan.token,
      dataplaneResource: this.plan.resource,
      version: { kumaDp: { version: "2.14.3" }, envoy: { version: "1.40.0" } },
      features: ["feature-delta-grpc", "feature-reuse-port"],
      operatingSystem: "linux",
      workdir: "/tmp/sim",
    });
    return new Promise((resolve, reject) => {
      const call = request(
        {
          ...controlPlane,
          path: "/bootstrap",
          method: "POST",
          rejectUnauthorized: false,
          agent: false,
          headers: { "content-type": "application/json", accept: "application/json", "content-length": Buffer.byteLength(body) },
        },
        (response) => {
          let text = "";
          response.on("data", (chunk) => {
            text += String(chunk);
          });
          response.on("end", () =>
            response.statusCode === 200
              ? resolve()
              : reject(new Error(`bootstrap answered ${response.statusCode}: ${text.slice(0, 200)}`)),
          );
        },
      );
      call.on("error", reject);
      call.end(body);
    });
  }

  #read(chunk: Buffer): void {
    this.#pending = this.#pending.length > 0 ? Buffer.concat([this.#pending, chunk]) : chunk;
    while (this.#pending.length >= 5) {
      const length = this.#pending.readUInt32BE(1);
      if (this.#pending.length < 5 + length) return;
      const message = this.#pending.subarray(5, 5 + length);
      this.#pending = this.#pending.subarray(5 + length);
      this.#take(decodeDeltaResponse(message), length);
    }
  }

  #take(response: DeltaResponse, sizeBytes: number): void {
    const held = this.#held.get(response.typeUrl) ?? new Set();
    this.#held.set(response.typeUrl, held);
    for (const name of response.resourceNames) held.add(name);
    for (const name of response.removed) held.delete(name);
    this.#send(encodeDeltaRequest({ typeUrl: response.typeUrl, nonce: response.nonce }));
    if (response.typeUrl === types.cluster) {
      this.#subscribe(
        types.endpoint,
        response.resourceNames.filter((name) => !name.startsWith("localhost:") && !name.startsWith("kuma:")),
      );
      this.#subscribe(types.secret, ["identity_cert:secret:default", "mesh_ca:secret:default"]);
    }
    if (response.typeUrl === types.listener) {
      this.#subscribe(
        types.route,
        response.resourceNames.length > 0 ? this.plan.outbounds.map((service) => `outbound:${service}`) : [],
      );
    }
    this.#onResponse(this, response, sizeBytes);
  }

  #subscribe(typeUrl: string, names: readonly string[]): void {
    const known = this.#subscribed.get(typeUrl) ?? new Set();
    this.#subscribed.set(typeUrl, known);
    const added = names.filter((name) => !known.has(name));
    for (const name of added) known.add(name);
    if (added.length > 0) this.#send(encodeDeltaRequest({ typeUrl, subscribe: added }));
  }

  #send(message: Buffer): void {
    const frame = Buffer.allocUnsafe(5 + message.length);
    frame[0] = 0;
    frame.writeUInt32BE(message.length, 1);
    message.copy(frame, 5);
    this.#stream?.write(frame);
  }
}
