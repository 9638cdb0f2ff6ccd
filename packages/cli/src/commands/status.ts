import type { ListAnswer, ResourceKindAnswer } from "@meridian/client";
import type { PolicyStatus } from "@meridian/model";
import type { CommandContext, CommandSpec, OptionValues } from "../command.ts";
import { textOption } from "../command.ts";
import { exitCodes, usageFailure } from "../failure.ts";
import { isPolicy } from "../is-policy.ts";
import { resolveKind } from "../kind-names.ts";
import { outputOption, renderJson, renderYaml } from "../output/format.ts";
import { tellNextPage } from "../output/next-page.ts";
import { appliedText, describePolicyStatus } from "../output/policy-status.ts";
import { styleOf, type TextStyle } from "../output/style.ts";
import { renderTable } from "../output/table.ts";
import { statusOfAll } from "./status-all.ts";

export const statusCommand: CommandSpec = {
  path: ["status"],
  args: "[kind] [name]",
  summary: "every policy with a problem; of one kind: how many proxies hold each policy, and what Envoy says against it",
  options: [
    { flags: "-m, --mesh <mesh>", description: "mesh to look in; default: default, and every mesh where no kind is named" },
    { flags: "-A, --all-meshes", description: "list over all meshes" },
    outputOption("table", "yaml", "json"),
    { flags: "--size <count>", description: "policies of one page, or problems to tell; at most 1000", default: "100" },
    { flags: "--offset <offset>", description: "where the page starts" },
  ],
  examples: [
    "meridian status",
    "meridian status traffic-routes",
    "meridian status traffic-route canary",
    "meridian status meshtimeouts -A -o json",
  ],
  usesControlPlane: true,
  run: status,
};

async function status({ io, connect }: CommandContext, args: readonly string[], options: OptionValues): Promise<number> {
  const [typedKind, name] = args;
  const isOverAll = options["allMeshes"] === true;
  if (isOverAll && name !== undefined) {
    throw usageFailure("a name is only unique within a mesh", "Leave out --all-meshes, and name the mesh with --mesh");
  }
  const size = Number(textOption(options, "size"));
  if (!Number.isInteger(size) || size < 1) throw usageFailure("--size must be a whole number greater than 0");
  const output = textOption(options, "output") ?? "table";
  const typedMesh = textOption(options, "mesh");
  const client = await connect();
  if (typedKind === undefined) return statusOfAll({ client, io, mesh: isOverAll ? undefined : typedMesh, output, size });
  const kind = await resolveKind(client, typedKind);
  if (!isPolicy(kind))
    throw usageFailure(`${kind.name} is no policy: only policies have a status`, `See meridian get ${kind.path}`);
  const mesh = kind.scope === "Mesh" && !isOverAll ? { mesh: typedMesh ?? "default" } : {};
  const style = styleOf(io);
  if (name !== undefined) {
    const one = await client.policyStatus({ path: kind.path, ...mesh, name });
    io.stdout.write(rendered(one, output) ?? describePolicyStatus(one, style));
    return exitCodes.ok;
  }
  const offset = textOption(options, "offset");
  const page = await client.policyStatuses({ path: kind.path, ...mesh }, { size, ...(offset !== undefined && { offset }) });
  io.stdout.write((output === "json" ? renderJson(page) : rendered(page.items, output)) ?? statusTable(page, kind, style));
  if (page.items.length === 0 && output === "table") io.stderr.write(`There are no ${kind.pluralDisplayName}.\n`);
  tellNextPage(page, io.stderr);
  return exitCodes.ok;
}

function rendered(value: unknown, output: string): string | undefined {
  if (output === "json") return renderJson(value);
  return output === "yaml" ? renderYaml(Array.isArray(value) ? value : [value]) : undefined;
}

function statusTable({ items }: ListAnswer<PolicyStatus>, kind: ResourceKindAnswer, style: TextStyle): string {
  if (items.length === 0) return "";
  const isMeshScoped = kind.scope === "Mesh";
  const rows = items.map((item) => [
    ...(isMeshScoped ? [item.mesh ?? ""] : []),
    item.name,
    item.zones.map(({ zone }) => zone).join(", ") || "-",
    appliedText(item, style),
  ]);
  return renderTable([...(isMeshScoped ? ["MESH"] : []), "NAME", "ZONES", "APPLIED"], rows, style);
}
