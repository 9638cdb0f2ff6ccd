import type { KindDefinition } from "@meridian/model";

export type Json = Readonly<Record<string, unknown>>;

export const ref = (name: string): Json => ({ $ref: `#/components/schemas/${name}` });
const reference = (kind: "parameters" | "responses", name: string): Json => ({ $ref: `#/components/${kind}/${name}` });
export const jsonBody = (schema: Json): Json => ({ "application/json": { schema } });
export const answer = (description: string, schema: Json): Json => ({ description, content: jsonBody(schema) });

const pathParameter = (name: string): Json => ({ name, in: "path", required: true, schema: { type: "string" } });
const errors = { "400": reference("responses", "BadRequest"), "503": reference("responses", "Unavailable") };
const listParameters = ["size", "offset", "name", "minRevision"].map((name) => reference("parameters", name));

/** Paths of one kind, as `routes/resources.ts` and `routes/overviews.ts` serve them. */
export function kindPaths(kind: KindDefinition): Json {
  const isMeshScoped = kind.scope === "mesh";
  const collection = isMeshScoped ? `/meshes/{mesh}/${kind.path}` : `/${kind.path}`;
  const meshParameters = isMeshScoped ? [pathParameter("mesh")] : [];
  const itemParameters = [...meshParameters, pathParameter("name")];
  const list = (id: string): Json => listOperation(kind, id);
  return {
    [collection]: { parameters: meshParameters, get: list(`list${kind.kind}`) },
    ...(isMeshScoped && { [`/${kind.path}`]: { get: list(`listAll${kind.kind}`) } }),
    [`${collection}/{name}`]: { parameters: itemParameters, ...itemOperations(kind) },
    ...(kind.hasOverview && {
      [`${collection}/_overview`]: { parameters: meshParameters, get: overviewOperation(kind, `overviewAll${kind.kind}`) },
      [`${collection}/{name}/_overview`]: { parameters: itemParameters, get: overviewOperation(kind, `overview${kind.kind}`) },
    }),
  };
}

function listOperation(kind: KindDefinition, operationId: string): Json {
  return {
    operationId,
    tags: [kind.kind],
    summary: `List ${kind.pluralDisplayName}`,
    parameters: listParameters,
    responses: {
      "200": answer("A page of the list", ref(`${kind.kind}List`)),
      ...errors,
      "404": reference("responses", "NotFound"),
    },
  };
}

function itemOperations(kind: KindDefinition): Json {
  const name = kind.singularDisplayName;
  const notFound = { "404": reference("responses", "NotFound") };
  const hasHistory = kind.category !== "insight";
  const gone = reference("responses", "Gone");
  const parameters = ["format", "minRevision", ...(hasHistory ? ["revision"] : [])];
  const get = {
    operationId: `get${kind.kind}`,
    tags: [kind.kind],
    summary: `Read a ${name}`,
    parameters: parameters.map((parameter) => reference("parameters", parameter)),
    responses: { "200": answer("The resource", ref(kind.kind)), ...errors, ...notFound, ...(hasHistory && { "410": gone }) },
  };
  if (!hasHistory) return { get };
  const writeParameters = ["ifMatch", "version", "message"].map((parameter) => reference("parameters", parameter));
  const refusals = {
    ...errors,
    ...notFound,
    "403": reference("responses", "Forbidden"),
    "405": reference("responses", "ReadOnly"),
    "409": reference("responses", "Conflict"),
  };
  return {
    get,
    put: {
      operationId: `put${kind.kind}`,
      tags: [kind.kind],
      summary: `Create or replace a ${name}`,
      parameters: writeParameters,
      requestBody: { required: true, content: jsonBody(ref(kind.kind)) },
      responses: { "200": answer("Updated", ref("Written")), "201": answer("Created", ref("Written")), ...refusals },
    },
    delete: {
      operationId: `delete${kind.kind}`,
      tags: [kind.kind],
      summary: `Delete a ${name}`,
      parameters: writeParameters,
      responses: { "200": answer("Deleted", { type: "object" }), ...refusals },
    },
  };
}

function overviewOperation(kind: KindDefinition, operationId: string): Json {
  return {
    operationId,
    tags: [kind.kind],
    summary: `${kind.pluralDisplayName} with their insight and state`,
    responses: { "200": answer("The overview", { type: "object" }), ...errors, "404": reference("responses", "NotFound") },
  };
}
