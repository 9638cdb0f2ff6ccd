import { compareText } from "@meridian/model";
import type { Contribution, OfferedPort } from "./contribution.ts";
import type { ProxyCounts } from "./status.ts";

/**
 * The data planes behind one service, counted. One that comes, goes or changes costs the same however many there are. Its law: any
 * order of changes gives what counting the remaining ones afresh gives.
 */
export class Tally {
  readonly #members = new Map<string, Contribution>();
  readonly #ports = new Map<string, { readonly offered: OfferedPort; count: number }>();
  readonly #serviceTags = new Map<string, number>();
  readonly #spiffeIds = new Map<string, number>();
  #connected = 0;
  #healthy = 0;
  #certified = 0;

  get size(): number {
    return this.#members.size;
  }

  names(): Iterable<string> {
    return this.#members.keys();
  }

  get counts(): ProxyCounts {
    return { connected: this.#connected, healthy: this.#healthy, total: this.size };
  }

  /** At least one takes traffic. */
  get isAvailable(): boolean {
    return this.#healthy > 0;
  }

  /** There is one, and each has a certificate. */
  get isCertified(): boolean {
    return this.size > 0 && this.#certified === this.size;
  }

  /** @param contribution absent: the data plane is gone, or does not belong any more. */
  set(name: string, contribution: Contribution | undefined): void {
    const before = this.#members.get(name);
    if (before) this.#count(before, -1);
    if (contribution) {
      this.#members.set(name, contribution);
      this.#count(contribution, 1);
    } else this.#members.delete(name);
  }

  /**
   * By number. Where data planes disagree about one, as in the middle of a roll-out, it is what most of them say, then what sorts
   * first.
   */
  ports(): readonly OfferedPort[] {
    const best = new Map<number, { readonly offered: OfferedPort; readonly count: number }>();
    const sorted = [...this.#ports.entries()].sort(([a], [b]) => compareText(a, b));
    for (const [, candidate] of sorted) {
      const known = best.get(candidate.offered.port);
      if (!known || candidate.count > known.count) best.set(candidate.offered.port, candidate);
    }
    return [...best.values()].map(({ offered }) => offered).sort((a, b) => a.port - b.port);
  }

  /** Sorted. */
  serviceTags(): readonly string[] {
    return [...this.#serviceTags.keys()].sort(compareText);
  }

  /** Sorted. */
  spiffeIds(): readonly string[] {
    return [...this.#spiffeIds.keys()].sort(compareText);
  }

  #count(contribution: Contribution, step: 1 | -1): void {
    const { ports, serviceTags, spiffeIds = [], isConnected, isHealthy, isCertified } = contribution;
    if (isConnected) this.#connected += step;
    if (isHealthy) this.#healthy += step;
    if (isCertified) this.#certified += step;
    for (const offered of ports) {
      const text = JSON.stringify([offered.port, offered.name, offered.protocol]);
      const count = (this.#ports.get(text)?.count ?? 0) + step;
      if (count === 0) this.#ports.delete(text);
      else this.#ports.set(text, { offered, count });
    }
    for (const tag of serviceTags) countOne(this.#serviceTags, tag, step);
    for (const id of spiffeIds) countOne(this.#spiffeIds, id, step);
  }
}

function countOne(counts: Map<string, number>, value: string, step: 1 | -1): void {
  const count = (counts.get(value) ?? 0) + step;
  if (count === 0) counts.delete(value);
  else counts.set(value, count);
}
