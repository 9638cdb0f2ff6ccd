import { ApiFailure } from "@meridian/client";
import type { CommandContext, CommandSpec, OptionValues } from "../command.ts";
import { textOption } from "../command.ts";
import { CommandFailure, exitCodes } from "../failure.ts";
import { resolveKind } from "../kind-names.ts";
import { describeResource } from "../output/format.ts";

export const deleteCommand: CommandSpec = {
  path: ["delete"],
  args: "<kind> <name>",
  summary: "delete a resource",
  options: [{ flags: "-m, --mesh <mesh>", description: "mesh of the resource", default: "default" }],
  examples: ["meridian delete traffic-route canary", "meridian delete zone east"],
  usesControlPlane: true,
  run: deleteResource,
};

async function deleteResource({ io, connect }: CommandContext, args: readonly string[], options: OptionValues): Promise<number> {
  const [typedKind = "", name = ""] = args;
  const client = await connect();
  const kind = await resolveKind(client, typedKind);
  const mesh = kind.scope === "Mesh" ? { mesh: textOption(options, "mesh") ?? "default" } : {};
  const resource = describeResource({ kind: kind.name, ...mesh, name });
  await client.delete({ path: kind.path, ...mesh, name }).catch((error: unknown) => {
    if (!(error instanceof ApiFailure) || error.status !== 404) throw error;
    const place = "mesh" in mesh ? ` -m ${mesh.mesh}` : "";
    throw new CommandFailure(`there is no ${resource}`, {
      hint: `See what there is: meridian get ${kind.path}${place}`,
      cause: error,
    });
  });
  io.stdout.write(`${resource} deleted\n`);
  return exitCodes.ok;
}
