type Json = Readonly<Record<string, unknown>>;

/** An Envoy `RouteMatch` in words: ` with path /x and method GET`; "" for one that takes everything. */
export function matchText(match: unknown): string {
  const { prefix, path, pathSeparatedPrefix, safeRegex, headers, queryParameters } = Object(match) as {
    readonly [field: string]: unknown;
  };
  const parts: string[] = [];
  if (typeof path === "string") parts.push(`path ${path}`);
  if (typeof prefix === "string" && prefix !== "/") parts.push(`path ${prefix}*`);
  if (typeof pathSeparatedPrefix === "string") parts.push(`path ${pathSeparatedPrefix}/*`);
  if (safeRegex) parts.push(`path like ${String((safeRegex as Json)["regex"])}`);
  for (const header of listOf(headers)) {
    parts.push(
      header["name"] === ":method" ? `method ${valueText(header)}` : `header ${String(header["name"])} ${valueText(header)}`,
    );
  }
  for (const query of listOf(queryParameters)) parts.push(`query ${String(query["name"])} ${valueText(query)}`);
  return parts.length === 0 ? "" : ` with ${parts.join(", ")}`;
}

function listOf(value: unknown): readonly Json[] {
  return Array.isArray(value) ? (value as readonly Json[]) : [];
}

/** `stringMatch` and its older siblings; anything else stands as it is. */
function valueText({ name: _name, ...match }: Json): string {
  const { exact, prefix, safeRegex } = Object(match["stringMatch"]) as Json;
  if (typeof exact === "string") return exact;
  if (typeof prefix === "string") return `${prefix}*`;
  if (safeRegex) return `like ${String((safeRegex as Json)["regex"])}`;
  if (match["presentMatch"] !== undefined) return match["presentMatch"] === false ? "absent" : "present";
  return JSON.stringify(match);
}
