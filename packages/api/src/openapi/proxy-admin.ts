import type { KindDefinition } from "@meridian/model";
import { adminOperations, isProxyKind } from "../routes/proxy-admin.ts";
import { operation, path, queryParameter } from "./operation.ts";
import { anyObject, type Json, text } from "./schema.ts";

const summaries = { config_dump: "The config that the proxy holds", stats: "Its counters", clusters: "Its endpoints" } as const;

/** What the proxy itself says, as `routes/proxy-admin.ts` fetches it. */
export function proxyAdminPaths(kind: KindDefinition): Json {
  if (!isProxyKind(kind)) return {};
  const item = kind.scope === "mesh" ? `/meshes/{mesh}/${kind.path}/{name}` : `/${kind.path}/{name}`;
  const paths = adminOperations.map(({ path: part, type, allowed }) => {
    const json = { "application/json": { schema: anyObject } };
    const plain = { "text/plain": { schema: text } };
    const get = operation({
      id: `${part}Of${kind.kind}`,
      tag: kind.kind,
      summary: summaries[type],
      parameters: allowed.map((name) => queryParameter(name, text, "As in Envoy's admin API.")),
      answers: {
        "200": { description: summaries[type], content: type === "config_dump" ? json : { ...plain, ...json } },
      },
      refusals: ["404"],
    });
    return path(`${item}/${part}`, { get });
  });
  return Object.assign({}, ...paths);
}
