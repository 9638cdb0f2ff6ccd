import type { Json } from "../openapi/schema.ts";
import { escapeHtml, prose } from "./html.ts";
import { type Operation, operationView } from "./operation-view.ts";
import { schemaView } from "./schema-view.ts";
import { filterScript, style } from "./static.ts";

const methods = ["get", "put", "post", "patch", "delete"];
const general = "General";
type Sections = ReadonlyMap<string, readonly Operation[]>;

/**
 * The OpenAPI document as one page that needs nothing from elsewhere: control planes stand in networks without a way out. Made
 * once; it says nothing of any mesh.
 */
export function docsPage(document: Json): string {
  const { title, version } = document["info"] as Readonly<Record<string, string>>;
  const components = document["components"] as Readonly<Record<string, Readonly<Record<string, Json>>>>;
  const sections = sectionsOf(document);
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(`${title} ${version}`)}</title><style>${style}</style></head><body>
<nav><h1>${escapeHtml(String(title))} <small>${escapeHtml(String(version))}</small></h1>
<input id="filter" type="search" placeholder="Filter paths and kinds" aria-label="Filter paths and kinds">
<p><a href="openapi.json">openapi.json</a></p><ul>${[...sections.keys()].map(navigationEntry).join("")}
<li><a href="#responses">Answers</a></li><li><a href="#schemas">Schemas</a></li></ul></nav>
<main>${[...sections].map(sectionView).join("\n")}
<h2 id="responses">Answers that many operations share</h2>${Object.entries(components["responses"] ?? {})
    .map(sharedResponse)
    .join("")}
<h2 id="schemas">Schemas</h2>${Object.entries(components["schemas"] ?? {})
    .map(namedSchema)
    .join("")}</main>
<script>${filterScript}</script></body></html>`;
}

/** In the order of the document: what the control plane is first, then kind by kind. */
function sectionsOf(document: Json): Sections {
  const sections = new Map<string, Operation[]>();
  for (const [path, item] of Object.entries(document["paths"] as Readonly<Record<string, Json>>)) {
    for (const method of methods) {
      const fields = item[method] as Json | undefined;
      if (!fields) continue;
      const tag = (fields["tags"] as readonly string[] | undefined)?.[0] ?? general;
      const parameters = [...parametersOf(document, item), ...parametersOf(document, fields)];
      const operations = sections.get(tag) ?? [];
      operations.push({ method, path, fields, parameters });
      sections.set(tag, operations);
    }
  }
  return sections;
}

function parametersOf(document: Json, holder: Json): readonly Json[] {
  const shared = (document["components"] as Readonly<Record<string, Readonly<Record<string, Json>>>>)["parameters"] ?? {};
  return ((holder["parameters"] ?? []) as readonly Json[]).map((parameter) => {
    const reference = parameter["$ref"];
    return typeof reference === "string" ? (shared[reference.slice(reference.lastIndexOf("/") + 1)] ?? parameter) : parameter;
  });
}

function navigationEntry(tag: string): string {
  return `<li><a href="#tag-${escapeHtml(tag)}">${escapeHtml(tag)}</a></li>`;
}

function sectionView([tag, operations]: readonly [string, readonly Operation[]]): string {
  return `<section><h2 id="tag-${escapeHtml(tag)}">${escapeHtml(tag)}</h2>${operations.map(operationView).join("")}</section>`;
}

function sharedResponse([name, response]: readonly [string, Json]): string {
  return `<h3 id="response-${escapeHtml(name)}">${escapeHtml(name)}</h3><p>${prose(String(response["description"] ?? ""))}</p>`;
}

function namedSchema([name, schema]: readonly [string, Json]): string {
  return `<h3 id="schema-${escapeHtml(name)}">${escapeHtml(name)}</h3>${schemaView(schema)}`;
}
