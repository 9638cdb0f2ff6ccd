import { EncodeError, encodeMessage, UnknownTypeError } from "@meridian/envoy";
import { parseDocuments, type Violation } from "@meridian/model";

/** Whether a text is YAML (or JSON) of one Envoy message. @param typeName `envoy.config.cluster.v3.Cluster` */
export function validateEnvoyYaml(path: string, text: string, typeName: string): readonly Violation[] {
  const read = readObject(text);
  return invalid(path, read.problem ?? encodeProblem(read.object, typeName));
}

/** The same for a message that stands alone, rather than patches another: what Envoy insists on must be there too. */
export function validateWholeEnvoyYaml(path: string, text: string, typeName: string): readonly Violation[] {
  const read = readObject(text);
  return invalid(path, read.problem ?? encodeProblem(read.object, typeName) ?? missingField(read.object, typeName));
}

/** Whether a text is YAML (or JSON) of one whole Envoy message that names its type by `@type`. */
export function validateEnvoyResourceYaml(path: string, text: string): readonly Violation[] {
  const { problem, object } = readObject(text);
  if (problem !== undefined) return invalid(path, problem);
  const { "@type": typeUrl, ...message } = object;
  if (typeof typeUrl !== "string" || typeUrl === "") return invalid(path, 'must have "@type"');
  const typeName = typeUrl.slice(typeUrl.lastIndexOf("/") + 1);
  return invalid(path, encodeProblem(message, typeName) ?? missingField(message, typeName));
}

function invalid(path: string, problem: string | undefined): readonly Violation[] {
  return problem === undefined ? [] : [{ path, message: `native Envoy resource is not valid: ${problem}` }];
}

interface ReadObject {
  readonly problem?: string;
  /** Empty where the text holds nothing. */
  readonly object: Readonly<Record<string, unknown>>;
}

function readObject(text: string): ReadObject {
  const { documents, problems } = parseDocuments(text, { source: "value" });
  const [problem] = problems;
  if (problem) return { problem: `line ${problem.line}: ${problem.message}`, object: {} };
  if (documents.length > 1) return { problem: "must be a single YAML document", object: {} };
  const value = documents[0]?.value ?? {};
  if (typeof value !== "object" || Array.isArray(value)) return { problem: "must be an object", object: {} };
  return { object: value as Readonly<Record<string, unknown>> };
}

function encodeProblem(object: object, typeName: string): string | undefined {
  try {
    encodeMessage(typeName, object);
    return undefined;
  } catch (error) {
    if (error instanceof EncodeError || error instanceof UnknownTypeError) return error.message;
    // The codec recurses, as messages do: a Struct some thousand levels deep ends its stack.
    if (error instanceof RangeError) return "nested too deeply";
    throw error;
  }
}

/** Fields that Envoy's protos declare with `min_len: 1` or `min_items: 1`, for the types that users write by hand. */
const requiredFields: Readonly<Record<string, readonly string[]>> = {
  "envoy.config.cluster.v3.Cluster": ["name"],
  "envoy.config.listener.v3.Filter": ["name"],
  "envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter": ["name"],
  "envoy.config.route.v3.VirtualHost": ["name", "domains"],
};

function missingField(object: Readonly<Record<string, unknown>>, typeName: string): string | undefined {
  const missing = (requiredFields[typeName] ?? []).find((field) => isEmpty(object[field]));
  if (missing === undefined) return undefined;
  const rule = missing === "domains" ? "value must contain at least 1 item(s)" : "value length must be at least 1 runes";
  return `invalid ${typeName.split(".").at(-1)}.${missing[0]?.toUpperCase()}${missing.slice(1)}: ${rule}`;
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || value === "" || (Array.isArray(value) && value.length === 0);
}
