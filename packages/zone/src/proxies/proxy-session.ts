import type { Logger } from "@meridian/base";
import type { EncodedResource, ProxyPatch, ProxyResources, TypeUrl } from "@meridian/envoy";
import type { IdentityNeed, ProxyConfig, ProxyUpdate } from "@meridian/generator";
import type { Revision } from "@meridian/model";
import type { Nack, ProxyBinding, ProxyStream, StreamStatus } from "@meridian/xds";
import type { ExternalSecrets } from "../identity/external-secrets.ts";
import type { Identity, IdentityIssuer } from "../identity/identity-issuer.ts";
import { MeshCertificates } from "./mesh-certificates.ts";
import { ProxyCertificate } from "./proxy-certificate.ts";
import type { ConnectingProxy } from "./proxy-description.ts";
import { ProxySecrets } from "./proxy-secrets.ts";
import { StepQueue } from "./step-queue.ts";

export interface ProxySessionOptions {
  readonly proxy: ConnectingProxy;
  /** Streams are numbered in the order in which they were opened. */
  readonly order: number;
  /** Its resource came with the proxy, and goes with it. */
  readonly isRegistered: boolean;
  readonly stream: ProxyStream;
  readonly config: ProxyConfig;
  /** Of `config`. */
  readonly generation: Revision;
  readonly issuer: Pick<IdentityIssuer, "issue" | "authorityOf">;
  /** Those of external services, and whom the mesh believes. */
  readonly sharedSecrets: Pick<ExternalSecrets, "get">;
  readonly events: ProxySessionEvents;
  readonly logger: Logger;
}

export interface ProxySessionEvents {
  acknowledged(session: ProxySession, generation: Revision): void;
  rejected(session: ProxySession, nack: Nack): void;
  counted(session: ProxySession, event: "sent" | "acknowledged" | "rejected", typeUrl: TypeUrl): void;
  identityIssued(session: ProxySession): void;
  closed(session: ProxySession): void;
}

const nothing: ProxyPatch = { changed: [], removed: [] };

/**
 * One connected proxy: its stream, its certificate, and the order between them. A config that needs a new certificate waits for
 * it; everything else goes out at once. All steps of one proxy pass through one queue, so none overtakes another.
 */
export class ProxySession implements ProxyBinding {
  readonly proxy: ConnectingProxy;
  readonly order: number;
  readonly isRegistered: boolean;
  /** Of the first config. */
  readonly generation: Revision;
  readonly #options: ProxySessionOptions;
  readonly #certificate: ProxyCertificate;
  /** Of a zone egress. */
  readonly #meshes: MeshCertificates;
  readonly #secrets: ProxySecrets;
  /** Busy while a certificate is being issued: later steps queue behind it. */
  readonly #steps: StepQueue;
  #resources: ProxyResources;
  #need: IdentityNeed | undefined;
  /** Of the newest step that was handed to the stream. */
  #handedOver: Revision;

  constructor(options: ProxySessionOptions) {
    const { proxy, order, isRegistered, generation, config, issuer, events, logger } = options;
    this.#options = options;
    this.proxy = proxy;
    this.order = order;
    this.isRegistered = isRegistered;
    this.generation = generation;
    this.#handedOver = generation;
    this.#resources = config.resources;
    this.#need = config.identity;
    this.#secrets = new ProxySecrets(options.sharedSecrets);
    this.#secrets.start(config.resources);
    this.#certificate = new ProxyCertificate({
      ...{ issuer, logger },
      proxyId: this.id,
      onDue: () => this.#renew(),
      onIssued: () => events.identityIssued(this),
    });
    this.#meshes = new MeshCertificates({ issuer, logger, proxyId: this.id, onDue: (mesh) => this.#renewIn(mesh) });
    this.#steps = new StepQueue((error) => {
      logger.error({ proxy: this.id, err: error }, "updating a proxy failed; it has to connect anew");
      this.close({ code: "INTERNAL", message: "internal error; see the log of the control plane" });
    });
  }

  get id(): string {
    return this.proxy.description.id;
  }

  get resources(): ProxyResources {
    return this.#resources;
  }

  get identity(): Identity | undefined {
    return this.#certificate.identity;
  }

  /** Shows a certificate of one of these meshes. */
  needsIdentityIn(meshes: ReadonlySet<string>): boolean {
    return (this.#need !== undefined && meshes.has(this.#need.mesh)) || this.#meshes.needsAny(meshes);
  }

  /** Needs the secret of this name. */
  needsSecret(name: string): boolean {
    return this.#secrets.needs(name);
  }

  /** Puts the first certificate beside the first config. Without a CA the proxy starts without: Envoy holds back what needs it. */
  async prepare(): Promise<void> {
    const need = this.#need;
    await this.#steps.add(async () => {
      const issued = need && (await this.#certificate.issue(need));
      const ofMeshes = await this.#meshes.follow(this.#options.config.identities ?? []);
      const { changed } = await this.#secrets.patch();
      this.#resources = withResources(this.#resources, [...(issued?.changed ?? []), ...ofMeshes.changed, ...changed]);
    });
  }

  /** Takes an engine's update of `generation`. */
  take(update: ProxyUpdate, generation: Revision): void {
    const isReady = update.identity === undefined && !update.identities && !this.#secrets.concerns(update.patch);
    if (isReady && !this.#steps.isBusy) this.#push(update.patch, generation);
    else void this.#steps.add(() => this.#update(update, generation));
  }

  /**
   * What a CA of the mesh, or a secret that proxies share, is made of changed in `generation`: a certificate that is not of the
   * present CA is replaced, and secrets are what they are now.
   */
  refresh(generation: Revision): void {
    void this.#steps.add(async () => {
      const need = this.#need;
      const isDue = need !== undefined && (await this.#certificate.isOutdated(need));
      const issued = isDue ? await this.#certificate.issue(need) : undefined;
      // Even without news: the acknowledgement of this generation is waited for.
      const certificates = joined(issued ?? nothing, await this.#meshes.refresh());
      this.#push(joined(certificates, await this.#secrets.patch()), generation);
    });
  }

  close(status: StreamStatus): void {
    this.#options.stream.close(status);
  }

  acknowledged(generation: number): void {
    this.#options.events.acknowledged(this, generation);
  }

  rejected(nack: Nack): void {
    this.#options.events.rejected(this, nack);
  }

  counted(event: "sent" | "acknowledged" | "rejected", typeUrl: TypeUrl): void {
    this.#options.events.counted(this, event, typeUrl);
  }

  closed(): void {
    this.#steps.stop();
    this.#certificate.stop();
    this.#meshes.stop();
    this.#options.events.closed(this);
  }

  async #update(update: ProxyUpdate, generation: Revision): Promise<void> {
    this.#secrets.follow(update.patch);
    const ofMeshes = update.identities ? await this.#meshes.follow(update.identities) : nothing;
    const secrets = joined(joined(await this.#certify(update.identity), ofMeshes), await this.#secrets.patch());
    this.#push(joined(update.patch, secrets), generation);
  }

  /** @param need undefined: as before. */
  async #certify(need: IdentityNeed | null | undefined): Promise<ProxyPatch> {
    if (need === undefined) return nothing;
    this.#need = need ?? undefined;
    return (need ? await this.#certificate.issue(need) : this.#certificate.drop()) ?? nothing;
  }

  /**
   * Goes out with the generation that was handed over last: steps of later ones may wait behind it in the queue, and must not
   * count as acknowledged before they are sent.
   */
  #renew(): void {
    void this.#steps.add(async () => {
      const secrets = this.#need && (await this.#certificate.issue(this.#need));
      if (secrets) this.#push(secrets, this.#handedOver);
    });
  }

  #renewIn(mesh: string): void {
    void this.#steps.add(async () => {
      const secrets = await this.#meshes.renew(mesh);
      if (secrets) this.#push(secrets, this.#handedOver);
    });
  }

  #push(patch: ProxyPatch, generation: Revision): void {
    this.#handedOver = generation;
    this.#options.stream.push(patch, generation);
  }
}

function joined(first: ProxyPatch, second: ProxyPatch): ProxyPatch {
  return { changed: [...second.changed, ...first.changed], removed: [...first.removed, ...second.removed] };
}

function withResources(resources: ProxyResources, added: readonly EncodedResource[]): ProxyResources {
  const result = new Map(resources);
  for (const resource of added) {
    result.set(resource.typeUrl, new Map([...(result.get(resource.typeUrl) ?? []), [resource.name, resource]]));
  }
  return result;
}
