import { ApiFailure, type ListAnswer, type ResourceAnswer, type ResourceKindAnswer } from "@meridian/client";
import type { Revision } from "@meridian/model";
import type { CommandContext, CommandSpec, OptionValues } from "../command.ts";
import { textOption } from "../command.ts";
import { CommandFailure, exitCodes, usageFailure } from "../failure.ts";
import { resolveKind } from "../kind-names.ts";
import { outputOption, renderJson, renderYaml } from "../output/format.ts";
import { styleOf } from "../output/style.ts";
import { renderTable } from "../output/table.ts";
import { ageOf } from "../output/time.ts";
import { parseRevision } from "../revision-options.ts";

export const getCommand: CommandSpec = {
  path: ["get"],
  args: "<kind> [name]",
  summary: "list resources of a kind, or show one",
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
    "meridian get traffic-route canary --at 41 -o yaml",
  ],
  usesControlPlane: true,
  run: get,
};

async function get({ io, connect }: CommandContext, args: readonly string[], options: OptionValues): Promise<number> {
  const [typedKind = "", name] = args;
  const revision = parseAt(textOption(options, "at"), name);
  const client = await connect();
  const kind = await resolveKind(client, typedKind);
  if (options["allMeshes"] === true && name !== undefined) {
    throw usageFailure("a name is only unique within a mesh", "Leave out --all-meshes, and name the mesh with --mesh");
  }
  const mesh = kind.scope === "Mesh" && options["allMeshes"] !== true ? { mesh: textOption(options, "mesh") ?? "default" } : {};
  const output = textOption(options, "output") ?? "table";
  if (name !== undefined) {
    const resource = await client.get({ path: kind.path, ...mesh, name }, revision).catch((error: unknown) => {
      throw revision === undefined ? error : explainAbsence(error, `meridian history ${kind.path} ${name}`);
    });
    const text = output === "json" ? renderJson(resource) : renderItems([resource], kind, output, io);
    io.stdout.write(text);
    return exitCodes.ok;
  }
  const size = Number(textOption(options, "size"));
  if (!Number.isInteger(size) || size < 1) throw usageFailure("--size must be a whole number greater than 0");
  const offset = textOption(options, "offset");
  const page = await client.list({ path: kind.path, ...mesh }, { size, ...(offset !== undefined && { offset }) });
  io.stdout.write(output === "json" ? renderJson(page) : renderItems(page.items, kind, output, io));
  if (page.items.length === 0 && output === "table") {
    io.stderr.write(`There are no ${kind.pluralDisplayName}${"mesh" in mesh ? ` in mesh ${mesh.mesh}` : ""}.\n`);
  }
  tellNextPage(page, io.stderr);
  return exitCodes.ok;
}

function parseAt(text: string | undefined, name: string | undefined): Revision | undefined {
  if (text === undefined) return undefined;
  if (name !== undefined) return parseRevision(text, "--at");
  throw usageFailure("--at reads one resource: name it", "What differs between two revisions: meridian diff REVISION now KIND");
}

/** Where a resource was not there then, its history says when it was. */
function explainAbsence(error: unknown, historyCommand: string): unknown {
  if (!(error instanceof ApiFailure) || error.status !== 404) return error;
  return new CommandFailure(error.detail, { hint: `See when it was there: ${historyCommand}`, cause: error });
}

function renderItems(
  items: readonly ResourceAnswer[],
  kind: ResourceKindAnswer,
  output: string,
  io: CommandContext["io"],
): string {
  if (output === "yaml") return renderYaml(items);
  if (output === "name") return items.map((item) => `${kind.path}/${item.name}\n`).join("");
  const isMeshScoped = kind.scope === "Mesh";
  const hasZones = items.some((item) => item.labels?.["kuma.io/zone"] !== undefined);
  const header = [...(isMeshScoped ? ["MESH"] : []), "NAME", ...(hasZones ? ["ZONE"] : []), "AGE"];
  const nowMs = Date.now();
  const rows = items.map((item) => [
    ...(isMeshScoped ? [item.mesh ?? ""] : []),
    item.name,
    ...(hasZones ? [item.labels?.["kuma.io/zone"] ?? ""] : []),
    ageOf(item.creationTime, nowMs),
  ]);
  return items.length === 0 ? "" : renderTable(header, rows, styleOf(io));
}

/** Tells how to go on where a list is longer than its page. */
export function tellNextPage(page: ListAnswer<unknown>, output: CommandContext["io"]["stderr"]): void {
  if (page.next === null) return;
  const offset = new URL(page.next).searchParams.get("offset");
  output.write(`${page.total} in all; the next page: --offset ${offset}\n`);
}
