import { ApiFailure, type Client, type ResourceAddress } from "@meridian/client";
import type { PolicyStatus } from "@meridian/model";
import { exitCodes } from "../failure.ts";
import { inParallel } from "../in-parallel.ts";
import type { CliIo } from "../io.ts";
import { isPolicy } from "../is-policy.ts";
import { describeResource } from "../output/format.ts";
import { appliedText } from "../output/policy-status.ts";
import { styleOf } from "../output/style.ts";

export interface Written {
  readonly kind: string;
  readonly mesh?: string;
  readonly name: string;
  readonly outcome: string;
}

export interface PolicyWaitOptions {
  readonly client: Client;
  readonly io: CliIo;
  /** What was written; only policies count. */
  readonly written: readonly Written[];
  readonly timeoutMs: number;
}

/** More policies than this are not told one by one, unless there is something to tell. */
const mostLines = 10;
const atOnce = 8;

/**
 * Waits until no proxy has yet to answer to the policies that were written, and tells where each stands: a line each of a few, of
 * many those that apply to no proxy, are refused or cannot do what they say. Returns the exit code.
 */
export async function tellPolicies({ client, io, written, timeoutMs }: PolicyWaitOptions): Promise<number> {
  const policies = new Map((await client.kinds()).filter(isPolicy).map((kind) => [kind.name, kind.path]));
  const addresses = written.flatMap(({ kind, mesh, name, outcome }): readonly ResourceAddress[] => {
    const path = policies.get(kind);
    if (path === undefined || outcome === "deleted" || outcome === "absent") return [];
    return [{ path, ...(mesh !== undefined && mesh !== "" && { mesh }), name }];
  });
  const timeout = AbortSignal.timeout(timeoutMs);
  const statuses = new Map<ResourceAddress, PolicyStatus>();
  await inParallel(addresses, atOnce, async (address) => {
    const status = await settled(client, address, timeout);
    if (status) statuses.set(address, status);
  });
  const style = styleOf(io);
  for (const address of addresses) {
    const status = statuses.get(address);
    if (!status || (addresses.length > mostLines && !isRemarkable(status))) continue;
    const { type: kind, mesh, name } = status;
    const policy = describeResource({ kind, ...(mesh !== undefined && { mesh }), name });
    io.stdout.write(`${policy} ${appliedText(status, style)}\n`);
    for (const { zone, notes } of status.zones) {
      for (const { message } of notes) io.stderr.write(`${style.warn("Warning:")} ${policy} in ${zone}: ${message}\n`);
    }
  }
  return [...statuses.values()].some(({ state }) => state === "pending") ? exitCodes.notConverged : exitCodes.ok;
}

function isRemarkable({ state, zones }: PolicyStatus): boolean {
  return state !== "converged" || zones.some(({ notes }) => notes.length > 0);
}

/** The first status that no longer waits for a proxy, or the last within the time; undefined where nobody knows. */
async function settled(client: Client, address: ResourceAddress, timeout: AbortSignal): Promise<PolicyStatus | undefined> {
  const done = new AbortController();
  let last: PolicyStatus | undefined;
  try {
    for await (const status of client.watchPolicyStatus(address, AbortSignal.any([timeout, done.signal]))) {
      last = status;
      if (status.state !== "pending") break;
    }
  } catch (error) {
    // The time is up, or it was deleted meanwhile.
    if (!timeout.aborted && !(error instanceof ApiFailure && error.status === 404)) throw error;
  } finally {
    done.abort();
  }
  return last ?? (timeout.aborted ? client.policyStatus(address) : undefined);
}
