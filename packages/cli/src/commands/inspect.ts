import type { DataplaneOverviewAnswer, ListAnswer, ZoneOverviewAnswer } from "@meridian/client";
import { type Rejection, tagNames } from "@meridian/model";
import type { CommandContext, CommandSpec, OptionSpec, OptionValues } from "../command.ts";
import { listOption, textOption } from "../command.ts";
import { exitCodes } from "../failure.ts";
import type { CliIo } from "../io.ts";
import { outputOption, renderJson, renderYaml } from "../output/format.ts";
import { tellNextPage } from "../output/next-page.ts";
import { styleOf, type TextStyle } from "../output/style.ts";
import { renderTable } from "../output/table.ts";
import { formatSpan } from "../output/time.ts";
import { describeRejection } from "../waiting/describe.ts";
import { subscriptionCells, subscriptionHeader } from "./subscriptions.ts";

export const pageOptions: readonly OptionSpec[] = [
  outputOption("table", "yaml", "json"),
  { flags: "--size <count>", description: "items of one page, at most 1000", default: "1000" },
  { flags: "--offset <offset>", description: "where the page starts" },
];

export const inspectZonesCommand: CommandSpec = {
  path: ["inspect", "zones"],
  summary: "which zones are heard from, how far behind each is, and what its proxies rejected",
  options: pageOptions,
  usesControlPlane: true,
  async run({ io, connect }, _args, options) {
    const page = await (await connect()).zones(pageOf(options));
    return show({ page, io, options, table: zoneTable });
  },
};

export const inspectDataplanesCommand: CommandSpec = {
  path: ["inspect", "dataplanes"],
  summary: "which data planes are online, and which config they rejected",
  options: [
    { flags: "-m, --mesh <mesh>", description: "mesh to look in", default: "default" },
    { flags: "-A, --all-meshes", description: "over all meshes" },
    { flags: "--tag <key=value>", description: "only those with this tag; parts of a value are enough", isRepeatable: true },
    {
      flags: "--gateway <which>",
      description: "only gateways, or only others",
      choices: ["true", "false", "builtin", "delegated"],
    },
    ...pageOptions,
  ],
  examples: ["meridian inspect dataplanes --tag kuma.io/service=web", "meridian inspect dataplanes -A --gateway true"],
  usesControlPlane: true,
  async run({ io, connect }, _args, options) {
    const mesh = options["allMeshes"] === true ? undefined : (textOption(options, "mesh") ?? "default");
    const page = await (await connect()).dataplanes(mesh, { ...pageOf(options), ...filterOf(options) });
    return show({ page, io, options, table: dataplaneTable });
  },
};

/** kumactl writes `key=value`, the API `key:value`. */
function filterOf(options: OptionValues): { readonly tag?: readonly string[]; readonly gateway?: string } {
  const tags = listOption(options, "tag").map((text) => text.replace("=", ":"));
  const gateway = textOption(options, "gateway");
  return { ...(tags.length > 0 && { tag: tags }), ...(gateway !== undefined && { gateway }) };
}

export function pageOf(options: OptionValues): { readonly size: number; readonly offset?: string } {
  const offset = textOption(options, "offset");
  return { size: Number(textOption(options, "size")), ...(offset !== undefined && { offset }) };
}

interface Seen {
  readonly rejections?: readonly Rejection[];
  /** Where a data plane runs; of a zone's own overview this is the Zone's spec. */
  readonly zone?: unknown;
  readonly name: string;
}

interface ShowOptions<T> {
  readonly page: ListAnswer<T>;
  readonly io: CommandContext["io"];
  readonly options: OptionValues;
  readonly table: (items: readonly T[], style: TextStyle) => string;
}

function show<T extends Seen>({ page, io, options, table }: ShowOptions<T>): number {
  const output = textOption(options, "output") ?? "table";
  if (output === "json") io.stdout.write(renderJson(page));
  else if (output === "yaml") io.stdout.write(renderYaml(page.items));
  else {
    const style = styleOf(io);
    io.stdout.write(table(page.items, style));
    writeRejections(page.items, io, style);
  }
  tellNextPage(page, io.stderr);
  return exitCodes.ok;
}

/** Each refusal once, with its policy, below the table. */
function writeRejections(items: readonly Seen[], io: CliIo, style: TextStyle): void {
  const lines = items.flatMap((item) =>
    (item.rejections ?? []).flatMap((rejection) =>
      describeRejection(rejection, typeof item.zone === "string" ? item.zone : item.name, style),
    ),
  );
  if (lines.length > 0) io.stdout.write(`\n${lines.join("\n")}\n`);
}

function zoneTable(zones: readonly ZoneOverviewAnswer[], style: TextStyle): string {
  const rows = zones.map((zone) => [
    zone.name,
    statusText(zone, style),
    String(zone.convergedRevision ?? "-"),
    lagText(zone.lag, style),
    proxiesText(zone.proxies),
    zone.proxies?.rejected ? style.bad(String(zone.proxies.rejected)) : "0",
  ]);
  return renderTable(["NAME", "STATUS", "CONVERGED", "BEHIND", "PROXIES", "REJECTED"], rows, style);
}

function dataplaneTable(dataplanes: readonly DataplaneOverviewAnswer[], style: TextStyle): string {
  const rows = dataplanes.map((dataplane) => [
    dataplane.mesh ?? "",
    dataplane.name,
    dataplane.zone ?? "-",
    servicesText(dataplane),
    statusText(dataplane, style),
    configText(dataplane, style),
    ...subscriptionCells(dataplane["dataplaneInsight"]),
  ]);
  const header = ["MESH", "NAME", "ZONE", "SERVICES", "STATUS", "CONFIG", ...subscriptionHeader];
  return renderTable(header, rows, style);
}

/** Whether the proxy holds what it should, as far as its zone says; why not, stands below the table. */
function configText({ rejections, status, lag }: DataplaneOverviewAnswer, style: TextStyle): string {
  if (rejections?.length) return style.bad("rejected");
  if (status === "offline" || status === "unknown") return "-";
  return lag && lag.revisions > 0 ? style.warn(`${lag.revisions} behind`) : style.good("in sync");
}

export function statusText(
  { status, unknownSince }: { readonly status: string; readonly unknownSince?: string },
  style: TextStyle,
): string {
  if (status === "online") return style.good("online");
  if (status === "unknown") return style.warn(unknownSince === undefined ? "unknown" : `unknown since ${unknownSince}`);
  if (status === "partially_degraded") return style.warn("partially degraded");
  return style.bad(status);
}

function lagText(lag: ZoneOverviewAnswer["lag"], style: TextStyle): string {
  if (!lag) return "-";
  if (lag.revisions === 0) return "0";
  return style.warn(`${lag.revisions} ${lag.revisions === 1 ? "revision" : "revisions"}, ${formatSpan(lag.ms)}`);
}

function proxiesText(proxies: ZoneOverviewAnswer["proxies"]): string {
  if (!proxies) return "-";
  const { connected, pending } = proxies;
  return pending === 0 ? String(connected) : `${connected} (${pending} pending)`;
}

function servicesText(overview: DataplaneOverviewAnswer): string {
  const { networking } = Object(overview["dataplane"]) as {
    readonly networking?: { readonly inbound?: readonly { readonly tags?: Tags }[]; readonly gateway?: { readonly tags?: Tags } };
  };
  const sets = [...(networking?.inbound ?? []).map(({ tags }) => tags), networking?.gateway?.tags];
  return [...new Set(sets.flatMap((tags) => tags?.[tagNames.service] ?? []))].join(", ") || "-";
}

type Tags = Readonly<Record<string, string>>;
