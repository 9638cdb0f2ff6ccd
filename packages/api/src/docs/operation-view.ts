import type { Json } from "../openapi/schema.ts";
import { escapeHtml, prose } from "./html.ts";
import { schemaView } from "./schema-view.ts";

export interface Operation {
  readonly method: string;
  readonly path: string;
  readonly fields: Json;
  /** Those of the path and of the operation, references resolved. */
  readonly parameters: readonly Json[];
}

/** One operation, folded: method, path and summary; inside, what it takes and what it answers. */
export function operationView({ method, path, fields, parameters }: Operation): string {
  const body = (fields["requestBody"] as Json | undefined)?.["content"] as Readonly<Record<string, Json>> | undefined;
  return `<details class="operation"><summary><b class="${method}">${method.toUpperCase()}</b> <code>${escapeHtml(path)}</code>
<span>${prose(String(fields["summary"] ?? ""))}</span></summary>
${parameters.length > 0 ? `<h4>Parameters</h4><ul>${parameters.map(parameterView).join("")}</ul>` : ""}
${body ? `<h4>Body</h4>${contentView(body)}` : ""}
<h4>Answers</h4><ul>${Object.entries(fields["responses"] as Readonly<Record<string, Json>>)
    .map(responseView)
    .join("")}</ul></details>`;
}

function parameterView(parameter: Json): string {
  const {
    name,
    in: place,
    required,
    schema = {},
    description = "",
  } = parameter as Readonly<Record<string, string>> & { schema?: Json };
  const mark = required ? ' <b class="required">required</b>' : "";
  return `<li><code>${escapeHtml(String(name))}</code> <i>${escapeHtml(String(place))}</i>${mark} ${schemaView(schema)} ${prose(description)}</li>`;
}

function responseView([status, response]: readonly [string, Json]): string {
  const reference = response["$ref"];
  if (typeof reference === "string") {
    const name = reference.slice(reference.lastIndexOf("/") + 1);
    return `<li><b>${escapeHtml(status)}</b> <a href="#response-${escapeHtml(name)}">${escapeHtml(name)}</a></li>`;
  }
  const content = response["content"] as Readonly<Record<string, Json>> | undefined;
  return `<li><b>${escapeHtml(status)}</b> ${prose(String(response["description"] ?? ""))} ${content ? contentView(content) : ""}</li>`;
}

function contentView(content: Readonly<Record<string, Json>>): string {
  return Object.entries(content)
    .map(([type, { schema = {} }]) => `<i>${escapeHtml(type)}</i> ${schemaView(schema as Json)}`)
    .join("; ");
}
