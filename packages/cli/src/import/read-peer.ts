import { ApiFailure, type Client, type ResourceKindAnswer } from "@meridian/client";
import { CommandFailure } from "../failure.ts";
import { inParallel } from "../in-parallel.ts";
import { type Candidate, readCandidate } from "./candidate.ts";
import { type LeftBehind, type PeerRole, whyNotKind } from "./select.ts";
import type { ImportSource } from "./source.ts";

/** Lists that are read at once: a control plane with users must not notice. */
const parallelReads = 4;

export interface PeerOptions {
  readonly peer: Client;
  /** Of the control plane that takes the resources. */
  readonly kinds: readonly ResourceKindAnswer[];
  readonly onProgress: (text: string) => void;
}

/**
 * Reads everything that a control plane holds, kind by kind, over all meshes. A list that it does not give (403, 404) is left behind
 * with its reason; every other failure ends the import. @throws CommandFailure when it is a zone's, which holds copies
 */
export async function readPeer({ peer, kinds, onProgress }: PeerOptions): Promise<ImportSource> {
  const role = await roleOf(peer);
  const known = new Map(kinds.map((kind) => [kind.name, kind]));
  const candidates: Candidate[] = [];
  const leftBehind: LeftBehind[] = [];
  const theirs = await kindsOf(peer, kinds);
  let done = 0;
  await inParallel(theirs, parallelReads, async (kind) => {
    const reason = whyNotKind(known.get(kind.name));
    try {
      if (reason === undefined) candidates.push(...(await readKind(peer, kind)));
      else leftBehind.push({ kind: kind.name, count: await countOf(peer, kind), reason });
    } catch (error) {
      leftBehind.push({ kind: kind.name, reason: whyUnreadable(error) });
    }
    done += 1;
    onProgress(`reading ${peer.address}: ${done} of ${theirs.length} kinds, ${candidates.length} resources`);
  });
  return { name: peer.address, role, candidates, leftBehind: leftBehind.filter(({ count }) => count !== 0), isComplete: true };
}

/** Meridian says in `/` what it is; Kuma only in its config, which not everybody may read. */
async function roleOf(peer: Client): Promise<PeerRole> {
  const { product, mode, zone } = await peer.index();
  if (!product) throw new CommandFailure(`${peer.address} is no control plane: its answer names no product`);
  if (mode === "zone") throw federated(peer.address, zone);
  if (mode !== undefined) return mode;
  const config = await peer.config().catch((error: unknown) => {
    if (error instanceof ApiFailure) return {};
    throw error;
  });
  const { mode: configured, multizone } = config as { readonly mode?: unknown; readonly multizone?: unknown };
  if (configured === "global") return "global";
  if (configured !== "zone" && configured !== "standalone") return "unknown";
  const link = Object(Object(multizone).zone) as { readonly globalAddress?: unknown; readonly name?: unknown };
  if (link.globalAddress) throw federated(peer.address, String(link.name ?? ""), String(link.globalAddress));
  return "standalone";
}

function federated(address: string, zone = "", global = ""): CommandFailure {
  return new CommandFailure(`${address} is the control plane of ${zone ? `zone ${zone}` : "a zone"}: it holds copies only`, {
    hint: `Import from its global control plane${global ? ` (${global} is where it connects to)` : ""}.`,
  });
}

/** An old control plane does not list its kinds: then ours are tried. */
async function kindsOf(peer: Client, kinds: readonly ResourceKindAnswer[]): Promise<readonly ResourceKindAnswer[]> {
  try {
    return await peer.kinds();
  } catch (error) {
    if (error instanceof ApiFailure && error.status === 404) return kinds;
    throw error;
  }
}

async function readKind(peer: Client, kind: ResourceKindAnswer): Promise<readonly Candidate[]> {
  const found: Candidate[] = [];
  for await (const item of peer.listAll({ path: kind.path })) found.push(readCandidate(item, `${peer.address}/${kind.path}`));
  return found;
}

async function countOf(peer: Client, kind: ResourceKindAnswer): Promise<number> {
  return (await peer.list({ path: kind.path }, { size: 1 })).total;
}

function whyUnreadable(error: unknown): string {
  if (!(error instanceof ApiFailure)) throw error;
  if (error.status === 403 || error.status === 401)
    return `may not be read (${error.detail || error.title}): pass --token of an administrator`;
  if (error.status === 404) return "that control plane has no such list";
  throw error;
}
