import { ApiFailure, type Client, type ResourceAnswer, type ResourceKindAnswer } from "@meridian/client";
import { compareText } from "@meridian/model";
import { exitCodes } from "../failure.ts";
import { inParallel } from "../in-parallel.ts";
import type { CliIo } from "../io.ts";
import { renderJson, renderYaml } from "../output/format.ts";
import { withProgress } from "../output/spinner.ts";
import { styleOf } from "../output/style.ts";
import { renderTable } from "../output/table.ts";
import { ageOf } from "../output/time.ts";

interface GetAll {
  readonly client: Client;
  readonly io: CliIo;
  /** Undefined: every mesh, and what belongs to none. */
  readonly mesh: string | undefined;
  readonly output: string;
}

const parallelReads = 4;

/** Every resource of a mesh, or of all, but insights: nobody writes those. Kinds that the user may not see are named on stderr. */
export async function getAll({ client, io, mesh, output }: GetAll): Promise<number> {
  const { items, hidden } = await withProgress(io, () => readAll(client, mesh));
  if (output === "yaml") io.stdout.write(renderYaml(items));
  else if (output === "json") io.stdout.write(renderJson({ total: items.length, items, next: null }));
  else if (output === "name") for (const { kind, name } of named(items)) io.stdout.write(`${kind}/${name}\n`);
  else {
    const rows = items.map((item) => [item.type, item.mesh ?? "", item.name, ageOf(item.creationTime, Date.now())]);
    if (rows.length > 0) io.stdout.write(renderTable(["KIND", "MESH", "NAME", "AGE"], rows, styleOf(io)));
    else io.stderr.write(`There is nothing${mesh === undefined ? "" : ` in mesh ${mesh}`}.\n`);
  }
  if (hidden.length > 0) io.stderr.write(`Not shown, for you may not read them: ${hidden.join(", ")}\n`);
  return exitCodes.ok;

  function named(all: readonly ResourceAnswer[]): readonly { readonly kind: string; readonly name: string }[] {
    return all.map(({ type, name }) => ({ kind: type, name }));
  }
}

async function readAll(
  client: Client,
  mesh: string | undefined,
): Promise<{ readonly items: readonly ResourceAnswer[]; readonly hidden: readonly string[] }> {
  const kinds = (await client.kinds()).filter((kind) => !isInsight(kind) && (mesh === undefined || kind.scope === "Mesh"));
  const items: ResourceAnswer[] = [];
  const hidden: string[] = [];
  await inParallel(kinds, parallelReads, async ({ path, name }) => {
    try {
      for await (const item of client.listAll({ path, ...(mesh !== undefined && { mesh }) })) items.push(item);
    } catch (error) {
      if (!(error instanceof ApiFailure) || error.status !== 403) throw error;
      hidden.push(name);
    }
  });
  const key = ({ type, mesh: own = "", name }: ResourceAnswer): string => `${type}/${own}/${name}`;
  return { items: items.sort((a, b) => compareText(key(a), key(b))), hidden: hidden.sort() };
}

/** A control plane that does not say so has kinds that are called so. */
export function isInsight({ name, category }: ResourceKindAnswer): boolean {
  return category === undefined ? name.endsWith("Insight") : category === "insight";
}
