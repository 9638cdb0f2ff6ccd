import { Backoff, errorMessage, type Logger } from "@meridian/base";
import { type ProxyPatch, typeUrls } from "@meridian/envoy";
import type { IdentityNeed } from "@meridian/generator";
import type { Identity, IdentityIssuer } from "../identity/identity-issuer.ts";

export interface ProxyCertificateOptions {
  readonly proxyId: string;
  readonly issuer: Pick<IdentityIssuer, "issue" | "authorityOf">;
  /** It is time to issue again: the certificate nears its end, or the last attempt failed. */
  readonly onDue: () => void;
  readonly onIssued: () => void;
  readonly logger: Logger;
}

/** setTimeout holds at most 2^31-1 ms; a certificate that lives longer is renewed then. */
const longestTimerMs = 2_147_483_647;

/** The certificate of one proxy: renewed well before its end, and tried again while it cannot be issued. */
export class ProxyCertificate {
  readonly #options: ProxyCertificateOptions;
  readonly #backoff = new Backoff({ initialMs: 1_000, maxMs: 60_000 });
  #identity: Identity | undefined;
  #timer: NodeJS.Timeout | undefined;
  #toldReason: string | undefined;
  #isStopped = false;

  constructor(options: ProxyCertificateOptions) {
    this.#options = options;
  }

  /** What the proxy holds; undefined without mTLS, or while its CA cannot be had. */
  get identity(): Identity | undefined {
    return this.#identity;
  }

  /** The secrets of a new certificate. Undefined when none can be issued now: `onDue` is called to try again. */
  async issue(need: IdentityNeed): Promise<ProxyPatch | undefined> {
    try {
      const identity = await this.#options.issuer.issue(need);
      if (this.#isStopped) return undefined;
      const removed = goneSecrets(this.#identity, identity);
      this.#identity = identity;
      this.#toldReason = undefined;
      this.#backoff.reset();
      this.#dueIn(identity.renewInMs);
      this.#options.onIssued();
      return { changed: identity.secrets, removed };
    } catch (error) {
      if (this.#isStopped) return undefined;
      this.#tell(need, errorMessage(error));
      this.#dueIn(this.#backoff.nextDelayMs());
      return undefined;
    }
  }

  /** Whether the mesh's CA, or the lifetime that it gives, is another one than that of the certificate held. */
  async isOutdated(need: IdentityNeed): Promise<boolean> {
    const held = this.#identity?.authority;
    if (held === undefined) return true;
    // What is wrong is told by the attempt to issue.
    const current = await this.#options.issuer.authorityOf(need).catch(() => undefined);
    return held !== current;
  }

  /** The mesh has no mTLS any more. */
  drop(): ProxyPatch | undefined {
    clearTimeout(this.#timer);
    const held = this.#identity;
    this.#identity = undefined;
    return held && { changed: [], removed: goneSecrets(held, undefined) };
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
  }

  #dueIn(waitMs: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#options.onDue, Math.min(waitMs, longestTimerMs)).unref();
  }

  /** Once for each reason: attempts go on until the CA is there. */
  #tell({ mesh, backend }: IdentityNeed, reason: string): void {
    if (reason === this.#toldReason) return;
    this.#toldReason = reason;
    this.#options.logger.warn(
      { proxy: this.#options.proxyId, mesh, backend, reason },
      "no certificate could be issued; it is tried again until the mesh's CA can be used",
    );
  }
}

/** Names of secrets that a certificate of another issuer does not come with. */
function goneSecrets(before: Identity | undefined, after: Identity | undefined): ProxyPatch["removed"] {
  const kept = new Set(after?.secrets.map(({ name }) => name));
  const gone = (before?.secrets ?? []).filter(({ name }) => !kept.has(name));
  return gone.map(({ name }) => ({ typeUrl: typeUrls.secret, name }));
}
