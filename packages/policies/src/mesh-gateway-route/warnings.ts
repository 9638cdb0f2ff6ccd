import { at } from "@meridian/model";
import { oneOfWarnings } from "../core/fragments/one-of.ts";
import { isChangeable } from "./rules.ts";
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
  warnings.push(...headerWarnings(`${path}.requestHeader`, filter.requestHeader, isHostOrChangeable));
  warnings.push(...headerWarnings(`${path}.responseHeader`, filter.responseHeader, isChangeable));
  if (!redirect || redirectStatuses.includes(redirect.statusCode)) return warnings;
  return [
    ...warnings,
    `${path}.redirect.statusCode ${redirect.statusCode} is no redirect: use one of ${redirectStatuses.join(", ")}`,
  ];
}

type HeaderChanges = NonNullable<GatewayFilter["requestHeader"]>;

/** Envoy would refuse them, and with them all routes of the listener. */
function headerWarnings(
  path: string,
  changes: HeaderChanges | undefined,
  isPossible: (name: string) => boolean,
): readonly string[] {
  const { set = [], add = [], remove = [] } = changes ?? {};
  const changed = [...set, ...add].map(({ name }) => name).filter((name) => name !== "" && !isPossible(name));
  const removed = remove.filter((name) => name !== "" && !isChangeable(name));
  return [...changed, ...removed].map((name) => `${path}: ${name} is no header that a route can change: it is left as it is`);
}

function isHostOrChangeable(name: string): boolean {
  return isChangeable(name) || name === ":authority" || name.toLowerCase() === "host";
}
