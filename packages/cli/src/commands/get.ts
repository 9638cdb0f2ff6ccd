import { didYouMean } from "@meridian/base";
import { ApiFailure, type Client, type ResourceAnswer, type ResourceKindAnswer } from "@meridian/client";
import type { Revision } from "@meridian/model";
import type { CommandContext, CommandSpec, OptionValues } from "../command.ts";
import { textOption } from "../command.ts";
import { CommandFailure, exitCodes, usageFailure } from "../failure.ts";
import { resolveKind } from "../kind-names.ts";
import { type Column, columnsOf } from "../output/columns.ts";
import { describeResource, outputOption, renderJson, renderYaml } from "../output/format.ts";
import { tellNextPage } from "../output/next-page.ts";
import { withProgress } from "../output/spinner.ts";
import { styleOf } from "../output/style.ts";
import { renderTable } from "../output/table.ts";
import { parseRevision } from "../revision-options.ts";
import { appliedColumn } from "./applied-column.ts";
import { getAll } from "./get-all.ts";

export const getCommand: CommandSpec = {
  path: ["get"],
  args: "<kind> [name]",
  summary: "list resources of a kind, or show one; `all` lists every kind",
  options: [
    { flags: "-m, --mesh <mesh>", description: "mesh to look in", default: "default" },
    { flags: "-A, --all-meshes", description: "list over all meshes" },
    outputOption("table", "yaml", "json", "name"),
    { flags: "--at <revision>", description: "the resource as it was at this revision" },
    { flags: "--size <count>", description: "items of one page, at most 1000", default: "100" },
    { flags: "--offset <offset>", description: "where the page starts" },
  ],
  examples: [
    "meridian get traffic-routes",
    "meridian get mesh default -o yaml",
    "meridian get dp -A -o name",
    "meridian get all -m payments",
    "meridian get traffic-route canary --at 41 -o yaml",
  ],
  usesControlPlane: true,
  run: get,
};

async function get({ io, connect }: CommandContext, args: readonly string[], options: OptionValues): Promise<number> {
  const [typedKind = "", name] = args;
  const revision = parseAt(textOption(options, "at"), name);
  const isOverAll = options["allMeshes"] === true;
  if (isOverAll && name !== undefined) {
    throw usageFailure("a name is only unique within a mesh", "Leave out --all-meshes, and name the mesh with --mesh");
  }
  const ownMesh = textOption(options, "mesh") ?? "default";
  const output = textOption(options, "output") ?? "table";
  const client = await connect();
  if (typedKind === "all" && name === undefined) return getAll({ client, io, mesh: isOverAll ? undefined : ownMesh, output });
  const kind = await resolveKind(client, typedKind);
  const mesh = kind.scope === "Mesh" && !isOverAll ? { mesh: ownMesh } : {};
  if (name !== undefined) {
    const resource = await getOne(client, { kind, ...mesh, name }, revision);
    const applied = output === "table" ? await appliedColumn(client, kind, { ...mesh, name }, styleOf(io)) : [];
    io.stdout.write(output === "json" ? renderJson(resource) : renderItems([resource], kind, output, io, applied));
    return exitCodes.ok;
  }
  const size = Number(textOption(options, "size"));
  if (!Number.isInteger(size) || size < 1) throw usageFailure("--size must be a whole number greater than 0");
  const offset = textOption(options, "offset");
  const query = { size, ...(offset !== undefined && { offset }) };
  const [page, applied] = await withProgress(io, () =>
    Promise.all([
      client.list({ path: kind.path, ...mesh }, query),
      output === "table" ? appliedColumn(client, kind, { ...mesh, ...query }, styleOf(io)) : [],
    ]),
  );
  io.stdout.write(output === "json" ? renderJson(page) : renderItems(page.items, kind, output, io, applied));
  if (page.items.length === 0 && output === "table") {
    io.stderr.write(`There are no ${kind.pluralDisplayName}${"mesh" in mesh ? ` in mesh ${mesh.mesh}` : ""}.\n`);
  }
  tellNextPage(page, io.stderr);
  return exitCodes.ok;
}

interface Wanted {
  readonly kind: ResourceKindAnswer;
  readonly mesh?: string;
  readonly name: string;
}

interface Absent extends Omit<Wanted, "kind"> {
  readonly kind: Pick<ResourceKindAnswer, "name" | "path">;
}

/** @throws CommandFailure that says where to look where there is none */
async function getOne(client: Client, { kind, mesh, name }: Wanted, revision: Revision | undefined): Promise<ResourceAnswer> {
  const inMesh = mesh === undefined ? {} : { mesh };
  try {
    return await client.get({ path: kind.path, ...inMesh, name }, revision);
  } catch (error) {
    if (!(error instanceof ApiFailure) || error.status !== 404) throw error;
    const flag = mesh === undefined ? "" : ` -m ${mesh}`;
    if (revision !== undefined) {
      throw new CommandFailure(error.detail, {
        hint: `See when it was there: meridian history ${kind.path} ${name}${flag === " -m default" ? "" : flag}`,
        cause: error,
      });
    }
    throw await absence(client, { kind, ...inMesh, name }, error);
  }
}

/** What is there instead: a name that is near, or the command that lists them. */
export async function absence(client: Client, { kind, mesh, name }: Absent, cause: ApiFailure): Promise<CommandFailure> {
  const flag = mesh === undefined ? "" : ` -m ${mesh}`;
  const at = { path: kind.path, ...(mesh !== undefined && { mesh }) };
  const known = await client.list(at, { size: 1000 }).catch(() => ({ items: [] }));
  const names = known.items.map((item) => item.name);
  return new CommandFailure(`there is no ${describeResource({ kind: kind.name, ...(mesh !== undefined && { mesh }), name })}`, {
    hint: didYouMean(name, names) ?? `See what there is: meridian get ${kind.path}${flag}`,
    cause,
  });
}

function parseAt(text: string | undefined, name: string | undefined): Revision | undefined {
  if (text === undefined) return undefined;
  if (name !== undefined) return parseRevision(text, "--at");
  throw usageFailure("--at reads one resource: name it", "What differs between two revisions: meridian diff REVISION now KIND");
}

function renderItems(
  items: readonly ResourceAnswer[],
  kind: ResourceKindAnswer,
  output: string,
  io: CommandContext["io"],
  applied: readonly Column[],
): string {
  if (output === "yaml") return renderYaml(items);
  if (output === "name") return items.map((item) => `${kind.path}/${item.name}\n`).join("");
  if (items.length === 0) return "";
  const known = columnsOf(kind, items, Date.now());
  const columns = [...known.slice(0, -1), ...applied, ...known.slice(-1)];
  const rows = items.map((item) => columns.map(({ read }) => read(item)));
  return renderTable(
    columns.map(({ title }) => title),
    rows,
    styleOf(io),
  );
}
