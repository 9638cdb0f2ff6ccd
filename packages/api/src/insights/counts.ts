import { compareText } from "@meridian/model";

/** Whether a zone is heard from: what is behind one that is not counts as offline, as the peer counts. */
export type IsHeard = (zone: string) => boolean;

export interface ProxyCounts {
  readonly total: number;
  readonly online: number;
  readonly offline: number;
  readonly partiallyDegraded: number;
}

export interface Counted {
  readonly zone: string;
  readonly isConnected: boolean;
  readonly isDegraded: boolean;
}

/** Proxies by zone, so that a zone that goes silent costs nothing but a look at each zone when somebody asks. */
export class ZonedCounts {
  readonly #zones = new Map<string, { total: number; ready: number; degraded: number }>();

  /** @param step 1 when the proxy comes, -1 when it goes. */
  count({ zone, isConnected, isDegraded }: Counted, step: 1 | -1): void {
    const counts = this.#zones.get(zone) ?? { total: 0, ready: 0, degraded: 0 };
    counts.total += step;
    if (isConnected) counts[isDegraded ? "degraded" : "ready"] += step;
    if (counts.total > 0) this.#zones.set(zone, counts);
    else this.#zones.delete(zone);
  }

  get isEmpty(): boolean {
    return this.#zones.size === 0;
  }

  /** Sorted; the zone that a proxy does not name is left out. */
  get zones(): readonly string[] {
    return [...this.#zones.keys()].filter((zone) => zone !== "").sort(compareText);
  }

  read(isHeard: IsHeard): ProxyCounts {
    let [total, online, partiallyDegraded] = [0, 0, 0];
    for (const [zone, counts] of this.#zones) {
      total += counts.total;
      if (!isHeard(zone)) continue;
      online += counts.ready;
      partiallyDegraded += counts.degraded;
    }
    return { total, online, offline: total - online - partiallyDegraded, partiallyDegraded };
  }
}

/** The same by some name: a version, a CA backend. A name that nobody has any more is gone. */
export class NamedCounts {
  readonly #names = new Map<string, ZonedCounts>();

  count(name: string, proxy: Counted, step: 1 | -1): void {
    const counts = this.#names.get(name) ?? new ZonedCounts();
    counts.count(proxy, step);
    if (counts.isEmpty) this.#names.delete(name);
    else this.#names.set(name, counts);
  }

  /** Sorted by name. */
  read(isHeard: IsHeard): readonly (readonly [string, ProxyCounts])[] {
    const sorted = [...this.#names].sort(([a], [b]) => compareText(a, b));
    return sorted.map(([name, counts]) => [name, counts.read(isHeard)] as const);
  }
}

/** How often each name was counted; those at zero are gone. */
export class NameCounts {
  readonly #names = new Map<string, number>();

  count(name: string, step: 1 | -1): void {
    const count = this.get(name) + step;
    if (count > 0) this.#names.set(name, count);
    else this.#names.delete(name);
  }

  get(name: string): number {
    return this.#names.get(name) ?? 0;
  }

  /** Sorted by name. */
  entries(): readonly (readonly [string, number])[] {
    return [...this.#names].sort(([a], [b]) => compareText(a, b));
  }
}

export function sumOf(counts: readonly ProxyCounts[]): ProxyCounts {
  const sum = { total: 0, online: 0, offline: 0, partiallyDegraded: 0 };
  for (const one of counts) {
    sum.total += one.total;
    sum.online += one.online;
    sum.offline += one.offline;
    sum.partiallyDegraded += one.partiallyDegraded;
  }
  return sum;
}
