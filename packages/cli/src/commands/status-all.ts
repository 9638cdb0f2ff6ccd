import { ApiFailure, type Client, type ResourceKindAnswer } from "@meridian/client";
import { compareText, type PolicyStatus, type Rejection, type ZoneConvergence } from "@meridian/model";
import { CommandFailure, exitCodes } from "../failure.ts";
import { inParallel } from "../in-parallel.ts";
import type { CliIo } from "../io.ts";
import { isPolicy } from "../is-policy.ts";
import { renderJson, renderYaml } from "../output/format.ts";
import { withProgress } from "../output/spinner.ts";
import { renderStatusAll } from "../output/status-all.ts";
import { styleOf } from "../output/style.ts";
import { absence } from "./get.ts";

export interface StatusAll {
  readonly client: Client;
  readonly io: CliIo;
  /** Undefined: of every mesh. */
  readonly mesh: string | undefined;
  readonly output: string;
  /** Problems that are told one by one; the others are only counted. */
  readonly size: number;
}

/** What `meridian status` tells, and prints with `-o json`. */
export interface StatusAllAnswer {
  readonly policies: {
    readonly total: number;
    readonly converged: number;
    readonly pending: number;
    readonly rejected: number;
    /** Only zones that are not heard can tell. */
    readonly unknown: number;
    /** They apply to no connected proxy. */
    readonly unapplied: number;
    /** Counted above as well: they cannot do for some proxies what they say. */
    readonly withNotes: number;
  };
  /** Of the control plane: those that are not heard are told, too. */
  readonly zones: readonly ZoneConvergence[];
  /** Configs that proxies rejected and that no policy has a part in. */
  readonly rejections: readonly (Rejection & { readonly zone: string })[];
  /** The policies that are rejected, waiting or cannot do what they say; the worst first, at most `size`. */
  readonly items: readonly PolicyStatus[];
  /** So many more are not among the items. */
  readonly more: number;
}

const parallelReads = 4;

/** Every policy that has a problem, over all kinds. Memory holds a page of each list that is read and the problems that are told. */
export async function statusOfAll({ client, io, mesh, output, size }: StatusAll): Promise<number> {
  const answer = await withProgress(io, (say) => readAll({ client, mesh, size }, say));
  if (output === "json") io.stdout.write(renderJson(answer));
  else if (output === "yaml") io.stdout.write(renderYaml([answer]));
  else io.stdout.write(renderStatusAll(answer, styleOf(io)));
  return exitCodes.ok;
}

async function readAll(
  { client, mesh, size }: Pick<StatusAll, "client" | "mesh" | "size">,
  say: (text: string) => void,
): Promise<StatusAllAnswer> {
  const kinds = (await client.kinds()).filter((kind) => isPolicy(kind) && (mesh === undefined || kind.scope === "Mesh"));
  const tally = new Tally(size);
  await inParallel(kinds, parallelReads, async (kind) => {
    say(`reading ${kind.pluralDisplayName}`);
    for await (const status of statusesOf(client, kind, mesh)) tally.add(status);
  });
  const { zones } = await client.convergence();
  const rejections = zones.flatMap(({ zone, rejections: ofZone }) =>
    ofZone.filter(({ policies }) => policies.length === 0).map((rejection) => ({ zone, ...rejection })),
  );
  return { ...tally.answer(), zones, rejections };
}

async function* statusesOf(
  client: Client,
  kind: ResourceKindAnswer,
  mesh: string | undefined,
): AsyncGenerator<PolicyStatus, void, void> {
  try {
    yield* client.allPolicyStatuses({ path: kind.path, ...(mesh !== undefined && { mesh }) });
  } catch (error) {
    if (!(error instanceof ApiFailure) || error.status !== 404) throw error;
    if (mesh === undefined) throw new CommandFailure(`${client.address} does not tell where policies stand`, { cause: error });
    throw await absence(client, { kind: { name: "Mesh", path: "meshes" }, name: mesh }, error);
  }
}

/** What an operator must know first. */
const weight: Readonly<Record<PolicyStatus["state"], number>> = {
  rejected: 0,
  pending: 1,
  unknown: 2,
  converged: 2,
  unapplied: 2,
};

/** Counts all statuses and keeps the worst of those that have a problem. */
class Tally {
  readonly #size: number;
  readonly #counts = { converged: 0, pending: 0, rejected: 0, unknown: 0, unapplied: 0 };
  #withNotes = 0;
  #problems = 0;
  #items: PolicyStatus[] = [];

  constructor(size: number) {
    this.#size = size;
  }

  add(status: PolicyStatus): void {
    this.#counts[status.state] += 1;
    const hasNotes = status.zones.some(({ notes }) => notes.length > 0);
    if (hasNotes) this.#withNotes += 1;
    // One that is unknown is so for its zone, which is told once.
    if (!hasNotes && status.state !== "rejected" && status.state !== "pending") return;
    this.#problems += 1;
    this.#items.push(status);
    if (this.#items.length >= this.#size * 2) this.#keepWorst();
  }

  answer(): Omit<StatusAllAnswer, "zones" | "rejections"> {
    this.#keepWorst();
    const total = Object.values(this.#counts).reduce((sum, count) => sum + count, 0);
    return {
      policies: { total, ...this.#counts, withNotes: this.#withNotes },
      items: this.#items,
      more: this.#problems - this.#items.length,
    };
  }

  #keepWorst(): void {
    const key = ({ type, mesh = "", name }: PolicyStatus): string => `${type}/${mesh}/${name}`;
    this.#items.sort((a, b) => weight[a.state] - weight[b.state] || compareText(key(a), key(b)));
    this.#items = this.#items.slice(0, this.#size);
  }
}
