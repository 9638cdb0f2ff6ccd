import { at } from "@meridian/model";
import { oneOfWarnings } from "../core/fragments/one-of.ts";
import type { GatewayFilter, MeshGatewayRouteSpec } from "./schema.ts";

const filterTypes = ["requestHeader", "responseHeader", "mirror", "redirect", "rewrite"] as const;
const replacements = ["replaceFull", "replacePrefixMatch"];

/** The statuses that Envoy redirects with; the peer takes 300 to 308, and then generates no config for the gateway. */
const redirectStatuses = [301, 302, 303, 307, 308];

export function meshGatewayRouteWarnings({ conf }: MeshGatewayRouteSpec): readonly string[] {
  const rules = conf.http?.rules ?? [];
  return [
    ...oneOfWarnings("conf", conf, ["tcp", "http"]),
    ...rules.flatMap(({ filters = [] }, rule) =>
      filters.flatMap((filter, index) => filterWarnings(at(`${at("conf.http.rules", rule)}.filters`, index), filter)),
    ),
  ];
}

function filterWarnings(path: string, filter: GatewayFilter): readonly string[] {
  const { redirect, rewrite } = filter;
  const warnings = [
    ...oneOfWarnings(path, filter, filterTypes),
    ...oneOfWarnings(`${path}.redirect.path`, redirect?.path, replacements),
    ...oneOfWarnings(`${path}.rewrite`, rewrite, replacements),
  ];
  if (!redirect || redirectStatuses.includes(redirect.statusCode)) return warnings;
  return [
    ...warnings,
    `${path}.redirect.statusCode ${redirect.statusCode} is no redirect: use one of ${redirectStatuses.join(", ")}`,
  ];
}
