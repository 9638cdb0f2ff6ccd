import { errorMessage } from "@meridian/base";
import type { CommandSpec } from "../command.ts";
import { exitCodes } from "../failure.ts";

export const versionCommand: CommandSpec = {
  path: ["version"],
  summary: "versions of this program and of the control plane",
  options: [{ flags: "--client", description: "of this program only" }],
  usesControlPlane: true,
  async run({ io, connect }, _args, options) {
    io.stdout.write(`Client:        Meridian ${io.version}\n`);
    if (options["client"] === true) return exitCodes.ok;
    try {
      const client = await connect();
      const { product, version, mode, zone } = await client.index();
      const role = mode === undefined ? "" : `, ${mode}${zone === undefined ? "" : ` of zone ${zone}`}`;
      io.stdout.write(`Control plane: ${product} ${version} (${client.address}${role})\n`);
    } catch (error) {
      // Its own version was asked for first: an absent control plane is no failure here.
      io.stderr.write(`Control plane: ${errorMessage(error)}\n`);
    }
    return exitCodes.ok;
  },
};
