import { ApiFailure, type Client } from "@meridian/client";
import { type CommandContext, type CommandSpec, type OptionSpec, type OptionValues, textOption } from "../command.ts";
import { exitCodes, usageFailure } from "../failure.ts";
import { field, text } from "../output/columns.ts";
import { renderJson, renderYaml } from "../output/format.ts";
import { styleOf, type TextStyle } from "../output/style.ts";
import { absence } from "./get.ts";

/** What can be asked of a proxy, by the name that kumactl gives it, and where it is served. */
const dataplaneTypes: Readonly<Record<string, string>> = {
  policies: "policies",
  "config-dump": "xds?include_eds=false",
  stats: "stats",
  clusters: "clusters",
  config: "_config?shadow=false",
};
const { policies: _policies, config: _config, ...zoneProxyTypes } = dataplaneTypes;

const meshOption: OptionSpec = { flags: "-m, --mesh <mesh>", description: "mesh of the data plane", default: "default" };
const outputOption: OptionSpec = {
  flags: "-o, --output <format>",
  description: "how to print policies; default: text",
  choices: ["yaml", "json"],
};

export const inspectProxyCommands: readonly CommandSpec[] = [
  {
    path: ["inspect", "dataplane"],
    args: "<name>",
    summary: "which policies a data plane has, or what its Envoy says: config dump, statistics, clusters",
    options: [meshOption, typeOption(dataplaneTypes, "policies"), outputOption],
    examples: ["meridian inspect dataplane web-1", "meridian inspect dataplane web-1 --type clusters"],
    usesControlPlane: true,
    run: inspectDataplane,
  },
  zoneProxyCommand("zoneingress", "zoneingresses"),
  zoneProxyCommand("zoneegress", "zoneegresses"),
];

function typeOption(types: Readonly<Record<string, string>>, fallback: string): OptionSpec {
  return { flags: "--type <what>", description: "what to show", default: fallback, choices: Object.keys(types) };
}

function zoneProxyCommand(name: string, path: string): CommandSpec {
  return {
    path: ["inspect", name],
    args: "<name>",
    summary: `what the Envoy of a ${name} says: config dump, statistics, clusters`,
    options: [typeOption(zoneProxyTypes, "config-dump")],
    usesControlPlane: true,
    async run({ io, connect }, [proxy = ""], options) {
      const client = await connect();
      const what = zoneProxyTypes[textOption(options, "type") ?? ""] ?? "";
      io.stdout.write(endLine(await ask(client, { path, name: proxy }, what)));
      return exitCodes.ok;
    },
  };
}

async function inspectDataplane(
  { io, connect }: CommandContext,
  [name = ""]: readonly string[],
  options: OptionValues,
): Promise<number> {
  const type = textOption(options, "type") ?? "policies";
  const output = textOption(options, "output");
  if (output !== undefined && type !== "policies")
    throw usageFailure("--output is for policies: the others are printed as they come");
  const client = await connect();
  const at = { path: "dataplanes", mesh: textOption(options, "mesh") ?? "default", name };
  const answer = await ask(client, at, dataplaneTypes[type] ?? "");
  if (type !== "policies") io.stdout.write(endLine(answer));
  else {
    const parsed: unknown = JSON.parse(answer);
    if (output === "json") io.stdout.write(renderJson(parsed));
    else if (output === "yaml") io.stdout.write(renderYaml([parsed]));
    else io.stdout.write(renderPolicies(parsed, styleOf(io)));
  }
  return exitCodes.ok;
}

interface ProxyAddress {
  readonly path: string;
  readonly mesh?: string;
  readonly name: string;
}

/** @throws CommandFailure with a name that is near, where there is no such proxy */
async function ask(client: Client, { path, mesh, name }: ProxyAddress, what: string): Promise<string> {
  const prefix = mesh === undefined ? "" : `/meshes/${encodeURIComponent(mesh)}`;
  try {
    return await client.text(`${prefix}/${path}/${encodeURIComponent(name)}/${what}`);
  } catch (error) {
    if (!(error instanceof ApiFailure) || error.status !== 404) throw error;
    const kind = (await client.kinds()).find((one) => one.path === path);
    const exists = await client.get({ path, ...(mesh !== undefined && { mesh }), name }).catch(() => undefined);
    if (!kind || exists) throw error;
    throw await absence(client, { kind, ...(mesh !== undefined && { mesh }), name }, error);
  }
}

/** Items of `/policies`, each with its policies by kind; a gateway's answer has another shape and is printed as it is. */
function renderPolicies(answer: unknown, style: TextStyle): string {
  const items = field(answer, "items");
  if (!Array.isArray(items)) return renderYaml([answer]);
  if (items.length === 0) return "No policy applies to this data plane.\n";
  return items.map((item: unknown) => renderItem(item, style)).join("\n");
}

function renderItem(item: unknown, style: TextStyle): string {
  const service = field(item, "service");
  const words = [
    text(field(item, "type")).toUpperCase(),
    field(item, "name"),
    service === undefined ? undefined : `(${text(service)})`,
  ];
  const title = style.bold(words.filter((word) => word !== undefined && word !== "").join(" "));
  const kinds = Object.entries(Object(field(item, "matchedPolicies"))).map(([kind, policies]) => {
    const names = (Array.isArray(policies) ? policies : []).map((policy: unknown) => `    ${text(field(policy, "name"))}\n`);
    return `  ${kind}\n${names.join("")}`;
  });
  return `${title}\n${kinds.join("")}`;
}

function endLine(answer: string): string {
  return answer.endsWith("\n") ? answer : `${answer}\n`;
}
