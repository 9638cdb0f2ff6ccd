import { compareText, type Tags } from "@meridian/model";
import { claimText, type NameClaim } from "./claim.ts";

/** Where one port of a name leads. */
export interface NamedPort {
  readonly port: number;
  readonly tags: Tags;
  /** `keyText` of the VirtualOutbound behind it; absent: each service has it. */
  readonly by?: string;
}

/** What a VirtualOutbound asks for in vain. */
export interface NameConflict {
  /** `keyText` */
  readonly by: string;
  readonly message: string;
}

/** What a host name means in a mesh. */
export interface NameEntry {
  readonly host: string;
  /** Other spellings, for those who cannot use `_` in a name; each only as long as nobody is called so himself. */
  readonly aliases: readonly string[];
  /** Sorted by port, each once. */
  readonly ports: readonly NamedPort[];
  readonly conflicts: readonly NameConflict[];
}

/**
 * What the claims to one host name come to; undefined without any. Of several destinations for one port the first counts: what a user
 * wrote before what every service has, then by name, then by tags, so that whoever came first makes no difference.
 */
export function nameEntry(host: string, claims: Iterable<NameClaim>): NameEntry | undefined {
  const ports = new Map<number, NameClaim>();
  const conflicts = new Map<string, NameConflict>();
  for (const claim of [...claims].sort(compareClaims)) {
    const { port, tags, by } = claim;
    const winner = ports.get(port);
    if (!winner) ports.set(port, claim);
    else if (by !== undefined && tagsText(winner.tags) !== tagsText(tags)) {
      // One line per name and port, however many destinations lose.
      conflicts.set(`${by} ${port}`, { by, message: conflictText(winner) });
    }
  }
  if (ports.size === 0) return undefined;
  return {
    host,
    aliases: host.includes("_") ? [host.replaceAll("_", ".")] : [],
    ports: [...ports.values()].sort((a, b) => a.port - b.port).map(namedPort),
    conflicts: [...conflicts.values()],
  };
}

function compareClaims(a: NameClaim, b: NameClaim): number {
  if ((a.by === undefined) !== (b.by === undefined)) return a.by === undefined ? 1 : -1;
  return (
    compareText(a.byName ?? "", b.byName ?? "") || compareText(a.by ?? "", b.by ?? "") || compareText(claimText(a), claimText(b))
  );
}

function namedPort({ port, tags, by }: NameClaim): NamedPort {
  return { port, tags, ...(by !== undefined && { by }) };
}

function conflictText({ host, port, tags, byName }: NameClaim): string {
  const owner = byName === undefined ? "" : ` as VirtualOutbound ${byName} says`;
  return `${host}:${port} leads to ${tagsText(tags)}${owner}`;
}

function tagsText(tags: Tags): string {
  return Object.entries(tags)
    .map(([tag, value]) => `${tag}=${value}`)
    .join(",");
}
