import { type Json, ref, text, whole } from "./schema.ts";

/** Answers that many operations share, by status. */
const refusals = {
  "400": ["BadRequest", "Not valid; every bad field is named"],
  "401": ["Unauthenticated", "The user token is not valid"],
  "403": ["Forbidden", "Only administrators may do this"],
  "404": ["NotFound", "There is no such resource or mesh"],
  "405": ["ReadOnly", "This cannot be done here, or not to this kind"],
  "409": ["Conflict", "Somebody else has changed it: read it again"],
  "410": ["Gone", "The log was compacted past that revision"],
  "413": ["TooLarge", "The body is larger than this path accepts"],
  "415": ["UnsupportedMediaType", "The body is of a type that this path does not read"],
  "503": ["Unavailable", "The store cannot be reached, or does not hold `minRevision` in time; try again"],
} as const;
export type Refusal = keyof typeof refusals;

export interface Operation {
  readonly id: string;
  readonly summary: string;
  readonly tag: string;
  readonly parameters?: readonly Json[];
  /** What it takes, by media type. */
  readonly body?: Json;
  /** Responses that are its own, by status. */
  readonly answers: Readonly<Record<string, Json>>;
  /** Besides those that follow from the rest. */
  readonly refusals?: readonly Refusal[];
  /** Answers without the store, so that no revision is told. */
  readonly isStoreless?: boolean;
}

export const jsonBody = (schema: Json): Json => ({ "application/json": { schema } });
export const answer = (description: string, schema: Json): Json => ({ description, content: jsonBody(schema) });
export const textAnswer = (description: string): Json => ({ description, content: { "text/plain": { schema: text } } });

export const parameter = (name: string): Json => ({ $ref: `#/components/parameters/${name}` });
export const queryParameter = (name: string, schema: Json, description: string): Json => ({
  name,
  in: "query",
  schema,
  description,
});

/** A path with what is in braces as its parameters. */
export function path(url: string, operations: Json): Json {
  const names = [...url.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name);
  const schemaOf = (name: string): Json => (name === "revision" ? whole : text);
  const parameters = names.map((name) => ({ name, in: "path", required: true, schema: schemaOf(name) }));
  return { [url]: { ...(parameters.length > 0 && { parameters }), ...operations } };
}

/** An operation with the answers that every one has: to a token that is not valid, a query that makes no sense, a store that is away. */
export function operation(options: Operation): Json {
  const { id, summary, tag, parameters = [], body, answers, isStoreless = false } = options;
  const always: readonly Refusal[] = ["400", "401", ...(isStoreless ? [] : (["503"] as const))];
  const ofBody: readonly Refusal[] = body ? ["413", "415"] : [];
  const shared = [...always, ...ofBody, ...(options.refusals ?? [])].filter((status) => !(status in answers));
  const asked = isStoreless ? parameters : [...parameters, parameter("minRevision")];
  return {
    operationId: id,
    tags: [tag],
    summary,
    ...(asked.length > 0 && { parameters: asked }),
    ...(body && { requestBody: { required: true, content: body } }),
    responses: {
      ...(isStoreless ? answers : withRevision(answers)),
      ...Object.fromEntries(shared.map((status) => [status, { $ref: `#/components/responses/${refusals[status][0]}` }])),
    },
  };
}

function withRevision(answers: Readonly<Record<string, Json>>): Json {
  const header = { "Meridian-Revision": { $ref: "#/components/headers/Revision" } };
  const entries = Object.entries(answers).map(([status, response]) => {
    const isRead = status.startsWith("2");
    return [status, isRead ? { ...response, headers: { ...Object(response["headers"]), ...header } } : response] as const;
  });
  return Object.fromEntries(entries);
}

export const sharedHeaders: Json = {
  Revision: { required: true, schema: whole, description: "The revision of the state that the answer reflects, at least." },
  ETag: { required: true, schema: text, description: "The version of the resource, for `If-Match`." },
};

/** An unsupported type is the router's answer, which is text in the peer. */
export const sharedResponses: Json = Object.fromEntries(
  Object.entries(refusals).map(([status, [name, description]]) => [
    name,
    status === "415" ? textAnswer(description) : answer(description, ref("Error")),
  ]),
);
