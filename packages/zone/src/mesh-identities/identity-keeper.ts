import { Backoff, delay, errorMessage, type Logger } from "@meridian/base";
import { canonicalJson, type MeshIdentitySpec, type MeshTrustSpec, type Resource, type ZoneIngressSpec } from "@meridian/model";
import { isLocal, type MeshIdentityStatus } from "@meridian/services";
import { ConflictError, type ResourceStore } from "@meridian/store";
import type { ProgressTracker } from "../proxies/progress.ts";
import type { ResourceWriter } from "../registration/resource-writer.ts";
import type { ViewStep } from "../view/view-feed.ts";
import { sameStatus } from "./conditions.ts";
import type { IdentityCaDeps } from "./identity-ca.ts";
import { type IdentityWorld, judgeIdentity } from "./judge-identity.ts";
import { ReturningProxies } from "./returning-proxies.ts";
import { believedCas, casOf, receiptLabels } from "./zone-trust.ts";

export interface IdentityKeeperOptions extends Pick<IdentityCaDeps, "environment" | "now"> {
  readonly store: Pick<ResourceStore, "get" | "list" | "commit">;
  readonly writer: ResourceWriter;
  readonly progress: Pick<ProgressTracker, "convergedGeneration" | "progress">;
  readonly zone: string;
  readonly isConnected: (proxyId: string) => boolean;
  /** How long after the start proxies may take to come back. Milliseconds. */
  readonly registrationTimeoutMs: number;
  readonly logger: Logger;
}

const author = { author: "mesh identities" };
/** What a MeshIdentity depends on beside proxies. */
const awaited: ReadonlySet<string> = new Set(["MeshIdentity", "MeshTrust", "Mesh", "Secret", "ZoneIngress"]);

/**
 * Brings MeshIdentities into use in the order in which no request fails: first clients everywhere know the ids of their servers, then
 * all proxies of all zones believe the CA, and only then is a certificate of it shown. Level-triggered: whatever happens says only that
 * it is time to look. It makes CAs, MeshTrusts and receipts (`zone-trust.ts`), and writes the statuses; who shows what follows from
 * these (`isReady`).
 */
export class IdentityKeeper {
  readonly #options: IdentityKeeperOptions;
  readonly #abort = new AbortController();
  readonly #unsubscribe: () => void;
  readonly #returning: ReturningProxies;
  /** There is a MeshIdentity or a MeshTrust; true until it is known. */
  #isUsed = true;
  /** Something waits for proxies, or for MeshServices. */
  #isWaiting = true;
  #running: Promise<void> | undefined;
  #again = false;

  constructor(options: IdentityKeeperOptions) {
    const { store, isConnected, registrationTimeoutMs: timeoutMs } = options;
    this.#options = options;
    this.#returning = new ReturningProxies({ store, isConnected, timeoutMs }, () => this.#look());
    this.#unsubscribe = options.progress.progress.subscribe(() => {
      if (this.#isWaiting) this.#look();
    });
  }

  /** Call it after each step of the view. */
  stepped({ changes }: Pick<ViewStep, "changes">): void {
    const kinds = changes.map((change) => (change.op === "put" ? change.resource : change.key).kind);
    const begins = kinds.includes("MeshIdentity") || kinds.includes("MeshTrust");
    // While something waits: MeshServices may list what they did not, and a step that gave nobody anything is acknowledged at once.
    const matters = this.#isWaiting || kinds.some((kind) => awaited.has(kind));
    if (begins || (this.#isUsed && matters)) this.#look();
  }

  async stop(): Promise<void> {
    this.#unsubscribe();
    this.#returning.stop();
    this.#abort.abort();
    await this.#running;
  }

  #look(): void {
    if (this.#abort.signal.aborted) return;
    this.#again = true;
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
    });
  }

  /** Never rejects. */
  async #run(): Promise<void> {
    const backoff = new Backoff({ initialMs: 100, maxMs: 30_000 });
    while (this.#again && !this.#abort.signal.aborted) {
      this.#again = false;
      try {
        await this.#settle();
      } catch (error) {
        this.#again = true;
        // Somebody wrote in this moment: it is read again.
        if (!(error instanceof ConflictError)) {
          this.#options.logger.warn(
            { reason: errorMessage(error) },
            "MeshIdentities could not be brought up to date; trying again",
          );
        }
        await delay(backoff.nextDelayMs(), this.#abort.signal);
      }
    }
  }

  async #settle(): Promise<void> {
    const { store, progress } = this.#options;
    const converged = (await this.#returning.areBack()) ? progress.convergedGeneration : 0;
    const identities = await store.list<MeshIdentitySpec>("MeshIdentity");
    const trusts = await store.list<MeshTrustSpec>("MeshTrust");
    this.#isUsed = identities.length + trusts.length > 0;
    const ingresses = await store.list<ZoneIngressSpec>("ZoneIngress");
    const known = new Set(trusts.flatMap(casOf));
    const believed = believedCas(trusts, converged);
    await this.#giveReceipts(ingresses, believed, known);
    const world: IdentityWorld = { ...this.#options, trusts, ingresses, believed };
    let isWaiting = known.size > believed.size;
    for (const identity of identities) {
      const verdict = await judgeIdentity(identity, world);
      isWaiting ||= verdict.isWaiting;
      if (verdict.trust) await this.#putTrust(verdict.trust, trusts);
      await this.#putStatus(identity, verdict.status);
    }
    this.#isWaiting = isWaiting;
  }

  async #giveReceipts(
    ingresses: readonly Resource<ZoneIngressSpec>[],
    believed: ReadonlySet<string>,
    known: ReadonlySet<string>,
  ): Promise<void> {
    for (const ingress of ingresses.filter(isLocal)) {
      const labels = receiptLabels(ingress, believed, known);
      if (canonicalJson(labels) === canonicalJson(ingress.labels)) continue;
      const { kind, mesh, name, spec, version } = ingress;
      await this.#options.writer.put({ kind, mesh, name, labels, spec }, author, { expect: version });
    }
  }

  async #putTrust(trust: Parameters<ResourceWriter["put"]>[0], trusts: readonly Resource<MeshTrustSpec>[]): Promise<void> {
    const stored = trusts.find(({ mesh, name }) => mesh === trust.mesh && name === trust.name);
    await this.#options.writer.put(trust, author, { expect: stored?.version ?? "absent" });
  }

  /** A status is nobody's write: it does not pass admission, and an equal one is not written. */
  async #putStatus(identity: Resource<MeshIdentitySpec>, status: MeshIdentityStatus): Promise<void> {
    if (sameStatus(identity.status as MeshIdentityStatus | undefined, status)) return;
    const { kind, mesh, name, labels, spec, version } = identity;
    await this.#options.store.commit(
      [{ op: "put", resource: { kind, mesh, name, labels, spec, status }, expect: version }],
      author,
    );
    const conditions = status.conditions.map((condition) => `${condition.type}: ${condition.status}`);
    this.#options.logger.info({ mesh, name, conditions }, "a MeshIdentity has another status");
  }
}
