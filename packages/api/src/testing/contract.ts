import { Ajv2020, type ErrorObject } from "ajv/dist/2020.js";
import type { Json } from "../openapi/schema.ts";
import { closed } from "./closed-schema.ts";

export interface Exchange {
  readonly method: string;
  readonly url: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

/** What an exchange has against the document; undefined: it is as described. */
export type Contract = (exchange: Exchange) => string | undefined;

type Holder = Readonly<Record<string, Json>>;

const rfc3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;
const goDuration = /^-?(\d+(\.\d+)?(ns|us|µs|ms|s|m|h))+$|^0$/;
const documentId = "meridian:openapi";

/**
 * Holds answers against an OpenAPI 3.1 document: a path, a status, a media type, a header or a field that it does not know is a
 * mistake, and so is one that it promises and that is missing.
 */
export function contractOf(document: Json): Contract {
  const ajv = new Ajv2020({ allErrors: true, strict: false, validateSchema: false });
  ajv.addFormat("date-time", rfc3339);
  ajv.addFormat("go-duration", goDuration);
  ajv.addSchema(closedDocument(document) as Json, documentId);
  const paths = document["paths"] as Holder;
  const patterns = Object.keys(paths).map((template) => ({ template, segments: template.split("/") }));

  return (exchange) => {
    const template = matching(patterns, exchange.url.split("?", 1)[0] ?? "");
    if (template === undefined) return isPlain(exchange, 404) ? undefined : "the document does not know the path";
    const method = exchange.method === "HEAD" ? "get" : exchange.method.toLowerCase();
    const operation = paths[template]?.[method] as Json | undefined;
    if (!operation) return exchange.status === 405 ? undefined : `the document does not know ${exchange.method} of ${template}`;
    const responses = operation["responses"] as Holder;
    const own = responses[String(exchange.status)];
    if (!own) return `the document does not know the status ${exchange.status} of ${exchange.method} ${template}`;
    const name = referenceOf(own);
    const response = name === undefined ? own : componentOf(document, "responses", name);
    const place =
      name === undefined ? ["paths", template, method, "responses", String(exchange.status)] : ["components", "responses", name];
    return headerMistake(document, response, exchange) ?? bodyMistake(ajv, response, place, exchange);
  };
}

/** Only schemas are closed; the ones of components and those inside operations alike. */
function closedDocument(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(closedDocument);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => {
      if (key === "schema") return [key, closed(member as Json)];
      if (key !== "schemas") return [key, closedDocument(member)];
      return [key, Object.fromEntries(Object.entries(member as Holder).map(([name, schema]) => [name, closed(schema)]))];
    }),
  );
}

/** The most specific path owns the URL: `/zones/_overview` is not a zone of that name. */
function matching(patterns: readonly { template: string; segments: readonly string[] }[], url: string): string | undefined {
  const path = url.length > 1 ? url.replace(/\/$/, "") : url;
  const segments = path.split("/");
  const found = patterns.filter(
    (pattern) =>
      pattern.segments.length === segments.length &&
      pattern.segments.every((part, index) => (part.startsWith("{") ? segments[index] !== "" : part === segments[index])),
  );
  const rank = ({ segments: parts }: { segments: readonly string[] }) =>
    parts.map((part) => (part.startsWith("{") ? "1" : "0")).join("");
  return found.sort((a, b) => (rank(a) < rank(b) ? -1 : 1))[0]?.template;
}

function headerMistake(document: Json, response: Json, { headers, method, status }: Exchange): string | undefined {
  for (const [name, header] of Object.entries((response["headers"] ?? {}) as Holder)) {
    const { required } = componentOf(document, "headers", referenceOf(header) ?? "");
    if (required && headers[name.toLowerCase()] === undefined) return `${method} answers ${status} without the header ${name}`;
  }
  return undefined;
}

function bodyMistake(ajv: Ajv2020, response: Json, place: readonly string[], exchange: Exchange): string | undefined {
  if (exchange.method === "HEAD") return undefined;
  const mediaType = String(exchange.headers["content-type"]).split(";", 1)[0] ?? "";
  const content = (response["content"] ?? {}) as Holder;
  if (!(mediaType in content)) return `the document does not know ${mediaType} of ${place.join(" ")}`;
  const pointer = [...place, "content", mediaType, "schema"].map(escapePointer).join("/");
  const validate = ajv.getSchema(`${documentId}#/${pointer}`);
  if (!validate) return `no schema at ${pointer}`;
  for (const value of valuesOf(mediaType, exchange.body)) {
    if (!validate(value)) return `${place.join(" ")}: ${told(validate.errors ?? [])} in ${JSON.stringify(value).slice(0, 2_000)}`;
  }
  return undefined;
}

/** What a body holds: one value, or one for each event or line. */
function valuesOf(mediaType: string, body: string): readonly unknown[] {
  if (mediaType === "application/json") return [JSON.parse(body)];
  const lines = body.split("\n");
  if (mediaType === "application/x-ndjson") return lines.filter(Boolean).map((line) => JSON.parse(line) as unknown);
  if (mediaType === "text/event-stream") {
    return lines.filter((line) => line.startsWith("data: ")).map((line) => JSON.parse(line.slice(6)) as unknown);
  }
  return [body];
}

function told(errors: readonly ErrorObject[]): string {
  const mistakes = errors.map(
    ({ instancePath, message, params }) => `${instancePath || "/"} ${message} ${JSON.stringify(params)}`,
  );
  return [...new Set(mistakes)].slice(0, 12).join("; ");
}

/** The router's own answer. */
function isPlain({ status, headers }: Exchange, wanted: number): boolean {
  return status === wanted && String(headers["content-type"]).startsWith("text/plain");
}

function referenceOf(value: Json): string | undefined {
  const reference = value["$ref"];
  return typeof reference === "string" ? reference.slice(reference.lastIndexOf("/") + 1) : undefined;
}

function componentOf(document: Json, kind: string, name: string): Json {
  return (document["components"] as Readonly<Record<string, Holder>>)[kind]?.[name] ?? {};
}

/** In a JSON pointer inside a URI. */
function escapePointer(part: string): string {
  return encodeURIComponent(part.replaceAll("~", "~0").replaceAll("/", "~1"));
}
