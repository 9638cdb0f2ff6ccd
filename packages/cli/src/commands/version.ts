import { errorMessage } from "@meridian/base";
import { type CommandContext, type CommandSpec, textOption } from "../command.ts";
import { exitCodes } from "../failure.ts";
import type { CliIo } from "../io.ts";
import { renderJson, renderYaml } from "../output/format.ts";

export const versionCommand: CommandSpec = {
  path: ["version"],
  summary: "versions of this program and of the control plane",
  options: [
    { flags: "--client", description: "of this program only" },
    { flags: "-o, --output <format>", description: "how to print", default: "text", choices: ["text", "yaml", "json"] },
  ],
  usesControlPlane: true,
  async run({ io, connect }, _args, options) {
    const output = textOption(options, "output") ?? "text";
    if (output === "text") io.stdout.write(`Client:        Meridian ${io.version}\n`);
    const controlPlane = options["client"] === true ? undefined : await ask(io, connect);
    if (output !== "text") {
      const versions = { client: { product: "Meridian", version: io.version }, ...(controlPlane && { controlPlane }) };
      io.stdout.write(output === "json" ? renderJson(versions) : renderYaml([versions]));
    } else if (controlPlane) {
      const { product, version, address, mode, zone } = controlPlane;
      const role = mode === undefined ? "" : `, ${mode}${zone === undefined ? "" : ` of zone ${zone}`}`;
      io.stdout.write(`Control plane: ${product} ${version} (${address}${role})\n`);
    }
    return exitCodes.ok;
  },
};

/** Its own version was asked for first: an absent control plane is no failure here. */
async function ask(io: CliIo, connect: CommandContext["connect"]) {
  try {
    const client = await connect();
    const { product, version, mode, zone } = await client.index();
    return { product, version, address: client.address, ...(mode && { mode }), ...(zone && { zone }) };
  } catch (error) {
    io.stderr.write(`Control plane: ${errorMessage(error)}\n`);
    return undefined;
  }
}
