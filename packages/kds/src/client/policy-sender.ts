import type { Latest } from "@meridian/base";
import { canonicalJson, parseKeyText, type ResourceKey, type Revision, type ZoneProgress } from "@meridian/model";
import type { PolicySource } from "../ports.ts";
import type { ZoneFrame } from "../protocol/frames.ts";
import { pieces } from "../sync/transfer.ts";

export interface PolicyLink {
  readonly send: (frame: ZoneFrame) => void;
  /** Bytes that wait in the socket. */
  readonly waitingBytes: () => number;
}

export interface PolicySenderOptions {
  readonly source: PolicySource;
  readonly progress: Latest<ZoneProgress>;
  /** The name at the global of a resource of this zone; undefined for what came from there. */
  readonly globalNameOf: (local: ResourceKey) => string | undefined;
  readonly intervalMs: number;
  /** Reports went out by themselves: the global is to hear up to which revision they are. */
  readonly onSent: () => void;
}

const chunkSizeBytes = 256 * 1024;
/** A link that does not drain gets reports later, and then the newest. */
const maxWaitingBytes = 4 * 1024 * 1024;

/**
 * Tells the global where policies stand. Once every proxy has answered at once, so that whoever hears that a change has converged
 * finds its policies converged too; while proxies still answer, once an interval.
 */
export class PolicySender {
  readonly #options: PolicySenderOptions;
  #link: PolicyLink | undefined;
  #timer: NodeJS.Timeout | undefined;
  #told: Revision = 0;

  constructor(options: PolicySenderOptions) {
    this.#options = options;
  }

  /** After a reconnect the global gets all reports: it may have missed some. */
  attach(link: PolicyLink): void {
    this.#link = link;
    this.#options.source.takeChanges();
    this.#send(this.#options.source.all(), true);
  }

  detach(): void {
    this.#link = undefined;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** Called before progress is told. Returns the revision up to which the global has heard of policies. */
  tell(): Revision {
    if (!this.#link) return 0;
    if (this.#options.progress.value.proxies.pending === 0) this.#flush();
    else this.#schedule();
    return this.#told;
  }

  #schedule(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      if (!this.#link) return;
      if (this.#flush()) this.#options.onSent();
      else this.#schedule();
    }, this.#options.intervalMs);
  }

  #flush(): boolean {
    const link = this.#link;
    if (!link || link.waitingBytes() > maxWaitingBytes) {
      this.#schedule();
      return false;
    }
    const changes = this.#options.source.takeChanges();
    if (changes.size > 0) this.#send(changes, false);
    this.#told = this.#options.progress.value.revision;
    return true;
  }

  #send(reports: ReturnType<PolicySource["takeChanges"]>, full: boolean): void {
    const puts: Uint8Array[] = [];
    const deletes: string[] = [];
    for (const [local, report] of reports) {
      const policy = this.#globalKey(local);
      if (report) puts.push(Buffer.from(canonicalJson({ policy, report })));
      else deletes.push(policy);
    }
    const bodies = [...pieces({ puts, deletes }, chunkSizeBytes)];
    for (const [index, body] of bodies.entries()) {
      this.#link?.send({ type: "policies", ...body, full, last: index === bodies.length - 1 });
    }
    this.#told = this.#options.progress.value.revision;
  }

  #globalKey(local: string): string {
    const key = parseKeyText(local);
    const name = this.#options.globalNameOf(key);
    return name === undefined ? local : `${key.kind}/${key.mesh}/${name}`;
  }
}
