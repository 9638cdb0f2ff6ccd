import type { KindDefinition } from "@meridian/model";
import { pathsOf } from "../kinds.ts";
import { answer, jsonBody, operation, parameter, path } from "./operation.ts";
import { type Json, ref } from "./schema.ts";

/** Filters that only some kinds have (`listing/kind-filters.ts`). */
const ownFilters: Readonly<Record<string, readonly string[]>> = {
  Dataplane: ["tag", "gateway"],
  ExternalService: ["tag"],
  ServiceInsight: ["type"],
};

export function listParameters({ kind }: KindDefinition): readonly Json[] {
  return ["size", "offset", "name", "labels", ...(ownFilters[kind] ?? [])].map(parameter);
}

/** Paths of one kind, as `routes/resources.ts` serves them; an alias is a path like any other. */
export function kindPaths(kind: KindDefinition): Json {
  const isMeshScoped = kind.scope === "mesh";
  const served = pathsOf(kind).map((segment, index) => {
    const collection = isMeshScoped ? `/meshes/{mesh}/${segment}` : `/${segment}`;
    const alias = index === 0 ? "" : `Alias${index}`;
    return {
      ...path(collection, { get: listOperation(kind, `list${kind.kind}${alias}`) }),
      ...(isMeshScoped && path(`/${segment}`, { get: listOperation(kind, `listAll${kind.kind}${alias}`) })),
      ...path(`${collection}/{name}`, itemOperations(kind, alias)),
    };
  });
  return Object.assign({}, ...served);
}

/** Only secrets are guarded. */
function guard({ category }: KindDefinition): readonly "403"[] {
  return category === "secret" ? ["403"] : [];
}

function listOperation(kind: KindDefinition, id: string): Json {
  return operation({
    id,
    tag: kind.kind,
    summary: `List ${kind.pluralDisplayName}`,
    parameters: listParameters(kind),
    answers: { "200": answer("A page of the list", ref(`${kind.kind}List`)) },
    refusals: ["404", ...guard(kind)],
  });
}

function itemOperations(kind: KindDefinition, alias: string): Json {
  const name = kind.singularDisplayName;
  const hasHistory = kind.category !== "insight";
  const resource = answer("The resource", { anyOf: [ref(kind.kind), ref("KubernetesObject")] });
  const get = operation({
    id: `get${kind.kind}${alias}`,
    tag: kind.kind,
    summary: `Read a ${name}`,
    parameters: ["format", ...(hasHistory ? ["revision"] : [])].map(parameter),
    answers: { "200": hasHistory ? { ...resource, headers: { ETag: { $ref: "#/components/headers/ETag" } } } : resource },
    refusals: ["404", ...(hasHistory ? (["410"] as const) : []), ...guard(kind)],
  });
  if (!hasHistory) return { get };
  const writes = {
    tag: kind.kind,
    parameters: ["ifMatch", "ifNoneMatch", "version", "message"].map(parameter),
    refusals: ["403", "404", "405", "409"],
  } as const;
  return {
    get,
    put: operation({
      ...writes,
      id: `put${kind.kind}${alias}`,
      summary: `Create or replace a ${name}`,
      body: jsonBody({ anyOf: [ref(kind.kind), ref("KubernetesObject")] }),
      answers: { "200": answer("Updated", ref("Written")), "201": answer("Created", ref("Written")) },
    }),
    delete: operation({
      ...writes,
      id: `delete${kind.kind}${alias}`,
      summary: `Delete a ${name}`,
      answers: { "200": answer("Deleted", ref("Deleted")) },
    }),
  };
}
