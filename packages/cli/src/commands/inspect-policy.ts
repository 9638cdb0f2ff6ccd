import { didYouMean } from "@meridian/base";
import { ApiFailure } from "@meridian/client";
import { type CommandContext, type CommandSpec, type OptionValues, textOption } from "../command.ts";
import { exitCodes, usageFailure } from "../failure.ts";
import { resolveKind } from "../kind-names.ts";
import { field, text } from "../output/columns.ts";
import { describeResource, outputOption, renderJson, renderYaml } from "../output/format.ts";
import { styleOf } from "../output/style.ts";
import { renderTable } from "../output/table.ts";
import { absence } from "./get.ts";

/** First words of the other `inspect` commands. */
const inspectedThings = [
  ...["dataplanes", "dataplane", "zones", "zoneingresses", "zoneingress", "zoneegresses", "zoneegress", "meshes", "services"],
];

/** Parent of the other `inspect` commands: a first word that is none of theirs names a kind. */
export const inspectPolicyCommand: CommandSpec = {
  path: ["inspect"],
  args: "[policy] [name]",
  summary: "see what runs and how far it is, or which data planes a policy applies to",
  options: [
    { flags: "-m, --mesh <mesh>", description: "mesh of the policy", default: "default" },
    outputOption("table", "yaml", "json"),
  ],
  examples: ["meridian inspect meshtimeout slow", "meridian inspect traffic-route canary -m payments"],
  usesControlPlane: true,
  run: inspectPolicy,
};

async function inspectPolicy(
  { io, connect }: CommandContext,
  [typedKind, name]: readonly string[],
  options: OptionValues,
): Promise<number> {
  if (typedKind === undefined || name === undefined) {
    const near = typedKind === undefined ? undefined : didYouMean(typedKind, inspectedThings);
    if (near !== undefined) throw usageFailure(`there is nothing called "${typedKind}" to inspect`, near);
    throw usageFailure(
      "say what to inspect: a kind of policy and a name, or what runs",
      "For instance: meridian inspect dataplanes, meridian inspect meshtimeout NAME. All: meridian inspect --help",
    );
  }
  const client = await connect();
  const kind = await resolveKind(client, typedKind);
  if (kind.scope !== "Mesh") throw usageFailure(`${kind.name} is no policy: only policies apply to data planes`);
  const mesh = textOption(options, "mesh") ?? "default";
  const path = `/meshes/${encodeURIComponent(mesh)}/${kind.path}/${encodeURIComponent(name)}/dataplanes`;
  const answer = await client.json<{ readonly items?: readonly unknown[] }>(path).catch(async (error: unknown) => {
    if (!(error instanceof ApiFailure) || error.status !== 404) throw error;
    const exists = await client.get({ path: kind.path, mesh, name }).catch(() => undefined);
    throw exists ? error : await absence(client, { kind, mesh, name }, error);
  });
  const output = textOption(options, "output") ?? "table";
  if (output === "json") io.stdout.write(renderJson(answer));
  else if (output === "yaml") io.stdout.write(renderYaml([answer]));
  else if (!answer.items?.length)
    io.stderr.write(`${describeResource({ kind: kind.name, mesh, name })} applies to no data plane.\n`);
  else io.stdout.write(renderTable(["DATAPLANE", "WHERE"], answer.items.map(rowOf), styleOf(io)));
  return exitCodes.ok;
}

function rowOf(item: unknown): readonly string[] {
  const attachments = field(item, "attachments");
  const list: readonly unknown[] = Array.isArray(attachments) ? attachments : [];
  const gateway = field(item, "gateway", "name");
  const where = list.map((attachment) => {
    const [type, name, service] = ["type", "name", "service"].map((part) => field(attachment, part));
    return [type, name, service !== undefined && service !== name ? service : undefined].filter(Boolean).join(" ");
  });
  return [text(field(item, "dataplane", "name")), gateway === undefined ? where.join(", ") || "-" : `gateway ${text(gateway)}`];
}
