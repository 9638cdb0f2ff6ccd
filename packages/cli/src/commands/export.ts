import { ApiFailure, type Client, type ResourceAnswer, type ResourceKindAnswer } from "@meridian/client";
import { type CommandContext, type CommandSpec, type OptionValues, textOption } from "../command.ts";
import { isSecret, kindsOfProfile, type Profile, profiles } from "../export/profiles.ts";
import { exportDocument, isLeftOut } from "../export/transform.ts";
import { CommandFailure, exitCodes } from "../failure.ts";
import type { Document } from "../import/candidate.ts";
import { renderYaml } from "../output/format.ts";
import { withProgress } from "../output/spinner.ts";

export const exportCommand: CommandSpec = {
  path: ["export"],
  summary: "print the resources of this control plane, to be applied to or imported into another one",
  options: [
    {
      flags: "--profile <profile>",
      description: "what is printed: federation is what a global needs to take this control plane over",
      default: "federation",
      choices: [...profiles],
    },
    {
      flags: "--format <format>",
      description: "shape of the documents",
      default: "universal",
      choices: ["universal", "kubernetes"],
    },
    { flags: "-a, --include-admin", description: "secrets too; only the profile `all` leaves them out otherwise" },
  ],
  examples: [
    "meridian export --profile all -a > backup.yaml",
    "meridian export --profile federation-with-policies --format kubernetes",
  ],
  usesControlPlane: true,
  run: exportAll,
};

async function exportAll({ io, connect }: CommandContext, _args: readonly string[], options: OptionValues): Promise<number> {
  const profile = (textOption(options, "profile") ?? "federation") as Profile;
  const isKubernetes = textOption(options, "format") === "kubernetes";
  const client = await connect();
  const documents = await withProgress(io, async (say) => {
    const [{ mode }, known] = await Promise.all([client.index(), client.kinds()]);
    const kinds = kindsOfProfile(known, profile, options["includeAdmin"] === true);
    const found: Document[] = [];
    for (const [index, kind] of kinds.entries()) {
      say(`reading ${index + 1} of ${kinds.length} kinds, ${found.length} resources`);
      for await (const item of itemsOf(client, kind)) {
        if (isLeftOut({ ...item, kind: kind.name }, profile, mode)) continue;
        const document: Document = isKubernetes ? await kubernetesOf(client, kind, item) : item;
        found.push(exportDocument(document, kind.name, profile));
      }
    }
    return found;
  });
  if (documents.length > 0) io.stdout.write(renderYaml(documents));
  return exitCodes.ok;
}

/** The keys that sign users' tokens come last of the secrets. @throws CommandFailure where the user may not read them: half an export helps nobody */
async function* itemsOf(client: Client, kind: ResourceKindAnswer): AsyncGenerator<ResourceAnswer, void, void> {
  const last: ResourceAnswer[] = [];
  try {
    for await (const item of client.listAll({ path: kind.path })) {
      if (kind.name === "GlobalSecret" && item.name.startsWith("user-token-signing-key")) last.push(item);
      else yield item;
    }
  } catch (error) {
    if (!(error instanceof ApiFailure) || error.status !== 403 || !isSecret(kind)) throw error;
    throw new CommandFailure(`an export of this profile holds secrets: ${error.detail}`, {
      hint: "Use an administrator's token (--token-file), or --profile all without --include-admin.",
      cause: error,
    });
  }
  yield* last;
}

async function kubernetesOf(client: Client, kind: ResourceKindAnswer, { mesh, name }: ResourceAnswer): Promise<Document> {
  const inMesh = kind.scope === "Mesh" && mesh !== undefined ? { mesh } : {};
  return client.getKubernetes({ path: kind.path, ...inMesh, name });
}
