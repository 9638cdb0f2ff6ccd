import { Server } from "@grpc/grpc-js";
import { silentLogger } from "@meridian/base";
import {
  buildBootstrap,
  type EncodedResource,
  encodeResource,
  type ProxyResources,
  renderBootstrap,
  type TypeUrl,
  typeUrls,
} from "@meridian/envoy";
import { generateServerCertificate } from "@meridian/pki";
import { type DataPlaneServer, dataPlaneGrpcOptions, serveDataPlane } from "../data-plane-server.ts";
import { type Nack, type ProxyRegistry, type ProxyStream, type StreamHello, StreamRefused, type StreamStatus } from "../ports.ts";
import { type AdsService, createAdsService } from "../service.ts";
import { patchBetween } from "./configs.ts";

/** Envoy resources as proto3 JSON, by type. */
export type TestConfig = Readonly<Partial<Record<keyof typeof typeUrls, readonly object[]>>>;

export function encodeConfig(config: TestConfig): ProxyResources {
  const resources = new Map<TypeUrl, ReadonlyMap<string, EncodedResource>>();
  for (const [kind, values] of Object.entries(config) as [keyof typeof typeUrls, readonly object[]][]) {
    const encoded = values.map((value) => encodeResource(typeUrls[kind], value as never, [`Test/default/${kind}`]));
    resources.set(typeUrls[kind], new Map(encoded.map((resource) => [resource.name, resource])));
  }
  return resources;
}

/** A control plane with one config for every proxy, on a real TLS port. */
export class TestControlPlane implements ProxyRegistry {
  readonly hellos: StreamHello[] = [];
  readonly nacks: Nack[] = [];
  /** Responses sent, by type, over all streams. */
  readonly sent: TypeUrl[] = [];
  acknowledged = 0;
  closedStreams = 0;
  refuseWith: StreamStatus | undefined;
  #resources: ProxyResources = new Map();
  #generation = 1;
  #server: DataPlaneServer | undefined;
  #ads: AdsService | undefined;
  #certificate: { readonly cert: string; readonly key: string } | undefined;
  readonly #streams = new Set<ProxyStream>();

  async start(port = 0): Promise<void> {
    if (!this.#certificate) {
      const { certPem, keyPem } = await generateServerCertificate({
        hosts: ["127.0.0.1"],
        validForMs: 3_600_000,
        now: new Date(),
      });
      this.#certificate = { cert: certPem, key: keyPem };
    }
    const grpcServer = new Server(dataPlaneGrpcOptions);
    this.#ads = createAdsService(this, { controlPlaneId: "test", logger: silentLogger });
    this.#ads.addTo(grpcServer);
    this.#server = await serveDataPlane({
      tls: this.#certificate,
      host: "127.0.0.1",
      port,
      grpcServer,
      logger: silentLogger,
      bootstrap: async ({ host, body }) => ({ status: 200, contentType: "text/plain", body: `${host} ${body}` }),
    });
  }

  get port(): number {
    return this.#server?.port ?? 0;
  }

  get caPem(): string {
    return this.#certificate?.cert ?? "";
  }

  get generation(): number {
    return this.#generation;
  }

  bootstrapYaml(mode: "delta" | "sotw"): string {
    const controlPlane = { host: "127.0.0.1", port: this.port, caPem: this.caPem, delta: mode === "delta" };
    const node = { id: "default.test", cluster: "test", metadata: { "dataplane.proxyType": "dataplane" } };
    const admin = { address: "127.0.0.1", port: 0 };
    return renderBootstrap(buildBootstrap({ node, admin, controlPlane, token: { value: "a-token" } }));
  }

  push(config: TestConfig): number {
    const next = encodeConfig(config);
    const patch = patchBetween(this.#resources, next);
    this.#resources = next;
    this.#generation += 1;
    for (const stream of this.#streams) stream.push(patch, this.#generation);
    return this.#generation;
  }

  connect(hello: StreamHello, stream: ProxyStream): ReturnType<ProxyRegistry["connect"]> {
    this.hellos.push(hello);
    if (this.refuseWith) return Promise.reject(new StreamRefused(this.refuseWith));
    this.#streams.add(stream);
    return Promise.resolve({
      resources: this.#resources,
      generation: this.#generation,
      acknowledged: (generation) => {
        this.acknowledged = generation;
      },
      rejected: (nack) => {
        this.nacks.push(nack);
      },
      counted: (event, typeUrl) => {
        if (event === "sent") this.sent.push(typeUrl);
      },
      closed: () => {
        this.closedStreams += 1;
        this.#streams.delete(stream);
      },
    });
  }

  async stop(): Promise<void> {
    this.#ads?.stop();
    await this.#server?.stop(500);
  }
}
