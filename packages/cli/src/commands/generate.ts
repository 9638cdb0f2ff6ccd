import type { CommandContext, CommandSpec, OptionValues } from "../command.ts";
import { listOption, textOption } from "../command.ts";
import { exitCodes, usageFailure } from "../failure.ts";

const validFor = {
  flags: "--valid-for <duration>",
  description: "how long the token is good, such as 24h or 30m",
  isRequired: true,
};

/** Tokens are printed to stdout alone, without anything around them, to be redirected into a file. */
export const generateCommands: readonly CommandSpec[] = [
  {
    path: ["generate", "zone-token"],
    summary: "a token with which a zone joins, and its zone proxies connect",
    options: [
      { flags: "--zone <zone>", description: "name of the zone", isRequired: true },
      { flags: "--scope <scope>", description: "cp, ingress or egress; default: all of them", isRepeatable: true },
      validFor,
    ],
    examples: ["meridian generate zone-token --zone east --valid-for 24h > east.token"],
    usesControlPlane: true,
    run: (context, _args, options) => {
      const scope = listOption(options, "scope");
      return printToken(context, "zone", {
        zone: textOption(options, "zone"),
        scope: scope.length > 0 ? scope.flatMap((part) => part.split(",")) : ["cp", "ingress", "egress"],
        validFor: textOption(options, "validFor"),
      });
    },
  },
  {
    path: ["generate", "dataplane-token"],
    summary: "a token with which data planes connect to their zone",
    options: [
      { flags: "-m, --mesh <mesh>", description: "mesh of the data planes", default: "default" },
      { flags: "--name <name>", description: "only the data plane of this name" },
      { flags: "--tag <key=value>", description: "a tag that the data plane must have", isRepeatable: true },
      { flags: "--proxy-type <type>", description: "kind of proxy", choices: ["dataplane", "ingress", "egress"] },
      { flags: "--workload <workload>", description: "value of the label kuma.io/workload" },
      validFor,
    ],
    examples: ["meridian generate dataplane-token --mesh default --tag kuma.io/service=web --valid-for 24h > web.token"],
    usesControlPlane: true,
    run: (context, _args, options) =>
      printToken(context, "dataplane", {
        name: textOption(options, "name") ?? "",
        mesh: textOption(options, "mesh"),
        tags: parseTags(listOption(options, "tag")),
        type: textOption(options, "proxyType") ?? "",
        workload: textOption(options, "workload") ?? "",
        validFor: textOption(options, "validFor"),
      }),
  },
  {
    path: ["generate", "user-token"],
    summary: "a token with which a person or program uses the API",
    options: [
      { flags: "--name <name>", description: "name of the user", isRequired: true },
      { flags: "--group <group>", description: "group of the user; mesh-system:admin for administrators", isRepeatable: true },
      validFor,
    ],
    examples: ["meridian generate user-token --name jane --group mesh-system:admin --valid-for 8h"],
    usesControlPlane: true,
    run: (context, _args, options) =>
      printToken(context, "user", {
        name: textOption(options, "name"),
        groups: listOption(options, "group"),
        validFor: textOption(options, "validFor"),
      }),
  },
];

async function printToken(
  { io, connect }: CommandContext,
  kind: "zone" | "dataplane" | "user",
  body: OptionValues,
): Promise<number> {
  const token = await (await connect()).token(kind, body);
  io.stdout.write(`${token}\n`);
  return exitCodes.ok;
}

/** `--tag k=v --tag k=w` → `{k: [v, w]}`. */
function parseTags(given: readonly string[]): Readonly<Record<string, readonly string[]>> {
  const tags = new Map<string, string[]>();
  for (const text of given) {
    const [, key, value] = /^([^=]+)=(.+)$/.exec(text) ?? [];
    if (key === undefined || value === undefined) throw usageFailure(`--tag ${text} is not of the form key=value`);
    tags.set(key, [...(tags.get(key) ?? []), ...value.split(",")]);
  }
  return Object.fromEntries(tags);
}
