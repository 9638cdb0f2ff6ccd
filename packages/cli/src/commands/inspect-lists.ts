import type { ResourceAnswer } from "@meridian/client";
import type { CommandSpec, OptionValues } from "../command.ts";
import { textOption } from "../command.ts";
import { exitCodes } from "../failure.ts";
import { field, text } from "../output/columns.ts";
import { renderJson, renderYaml } from "../output/format.ts";
import { tellNextPage } from "../output/next-page.ts";
import { styleOf, type TextStyle } from "../output/style.ts";
import { renderTable } from "../output/table.ts";
import { pageOf, pageOptions, statusText } from "./inspect.ts";
import { subscriptionCells, subscriptionHeader } from "./subscriptions.ts";

interface InspectedList {
  readonly name: string;
  readonly summary: string;
  readonly path: string;
  /** What `There are no …` names. */
  readonly plural: string;
  readonly isOfMesh?: boolean;
  readonly header: readonly string[];
  readonly row: (item: ResourceAnswer, style: TextStyle) => readonly string[];
}

const lists: readonly InspectedList[] = [
  {
    name: "meshes",
    summary: "how many data planes, services and policies each mesh has",
    path: "mesh-insights",
    plural: "insights of meshes",
    header: ["NAME", "DATAPLANES", "SERVICES", "POLICIES"],
    row: (item) => {
      const policies = Object.values(Object(item["policies"])).map((one) => Number(field(one, "total") ?? 0));
      const total = policies.reduce((sum, count) => sum + count, 0);
      return [item.name, onlineOf(item["dataplanes"]), text(field(item, "services", "total")), String(total)];
    },
  },
  {
    name: "services",
    summary: "which services are online, and how many data planes stand behind each",
    path: "service-insights",
    plural: "services",
    isOfMesh: true,
    header: ["MESH", "SERVICE", "TYPE", "STATUS", "DATAPLANES", "ADDRESS"],
    row: (item, style) => [
      item.mesh ?? "",
      item.name,
      text(item["serviceType"] ?? "internal"),
      statusText({ status: text(item["status"]) }, style),
      onlineOf(item["dataplanes"]),
      text(item["addressPort"]),
    ],
  },
  zoneProxies("zoneingresses", "zone ingresses", "zoneIngress"),
  zoneProxies("zoneegresses", "zone egresses", "zoneEgress"),
];

function zoneProxies(path: string, plural: string, insightOf: string): InspectedList {
  return {
    name: path,
    summary: `which ${plural} are online`,
    path: `${path}/_overview`,
    plural,
    header: ["NAME", "ZONE", "STATUS", ...subscriptionHeader],
    row: (item, style) => [
      item.name,
      item.labels?.["kuma.io/zone"] ?? text(field(item, insightOf, "zone")),
      statusText({ status: text(item["status"]) }, style),
      ...subscriptionCells(item[`${insightOf}Insight`]),
    ],
  };
}

/** `inspect meshes`, `services`, `zoneingresses`, `zoneegresses`. */
export const inspectListCommands: readonly CommandSpec[] = lists.map(commandOf);

function commandOf(list: InspectedList): CommandSpec {
  const meshOption = { flags: "-m, --mesh <mesh>", description: "mesh to look in", default: "default" };
  return {
    path: ["inspect", list.name],
    summary: list.summary,
    options: [...(list.isOfMesh ? [meshOption] : []), ...pageOptions],
    usesControlPlane: true,
    async run({ io, connect }, _args, options) {
      const client = await connect();
      const page = await client.list({ path: list.path, ...meshOf(list, options) }, pageOf(options));
      const output = textOption(options, "output") ?? "table";
      if (output === "json") io.stdout.write(renderJson(page));
      else if (output === "yaml") io.stdout.write(renderYaml(page.items));
      else if (page.items.length === 0) io.stderr.write(`There are no ${list.plural}.\n`);
      else {
        const style = styleOf(io);
        const rows = page.items.map((item) => list.row(item, style));
        io.stdout.write(renderTable(list.header, rows, style));
      }
      tellNextPage(page, io.stderr);
      return exitCodes.ok;
    },
  };
}

function meshOf(list: InspectedList, options: OptionValues): { readonly mesh?: string } {
  return list.isOfMesh ? { mesh: textOption(options, "mesh") ?? "default" } : {};
}

/** `2/3 online` */
function onlineOf(counts: unknown): string {
  return `${Number(field(counts, "online") ?? 0)}/${Number(field(counts, "total") ?? 0)} online`;
}
