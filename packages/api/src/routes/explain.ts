import { didYouMean } from "@meridian/base";
import type { ExplainRequest } from "@meridian/explain";
import type { Violation } from "@meridian/model";
import type { FastifyInstance } from "fastify";
import { ApiProblem, invalid } from "../http/errors.ts";
import { all, given, type Query } from "../http/query.ts";
import type { ApiDeps } from "../ports.ts";

const title = "Could not explain the request";
const config = { title };
const token = /^[\w!#$%&'*+.^`|~-]+$/;
const mostText = 8_192;
const fields = ["from", "to", "path", "method", "header", "zone"] as const;

interface Params {
  readonly mesh: string;
}

/** What was asked, before it is looked at: text, or lists of text for headers. */
type Asked = Readonly<Record<(typeof fields)[number], unknown>>;

/**
 * `GET /meshes/{mesh}/_explain?from=…&to=…&path=…&method=…&header=k:v&zone=…`, and `POST` with the same in a body, for headers that
 * should not stand in a URL: the way of a request, step by step, with whoever decides about it. Nothing is sent or written.
 */
export function explainRoutes(app: FastifyInstance, { store, explainer }: ApiDeps): void {
  if (!explainer) return;
  const explain = async (mesh: string, asked: Asked, mistakes: readonly Violation[] = []) => {
    const request = parseRequest(mesh, asked, mistakes);
    if (!(await store.get({ kind: "Mesh", mesh: "", name: mesh }))) throw await noMesh(mesh);
    return explainer.explain(request);
  };
  const noMesh = async (mesh: string): Promise<ApiProblem> => {
    const hint = didYouMean(
      mesh,
      (await store.list("Mesh")).map(({ name }) => name),
    );
    return new ApiProblem({ status: 404, title, detail: `there is no mesh ${mesh}${hint === undefined ? "" : `. ${hint}`}` });
  };
  app.get<{ Params: Params }>("/meshes/:mesh/_explain", { config }, ({ params, query }) => {
    const asked = fields.map((field) => [field, field === "header" ? all(query as Query, field) : given(query as Query, field)]);
    return explain(params.mesh, Object.fromEntries(asked) as Asked);
  });
  app.post<{ Params: Params }>("/meshes/:mesh/_explain", { config }, ({ params, body }) => {
    return explain(params.mesh, Object(body) as Asked, unknownFields(body));
  });
}

/** A misspelt `headers` would give the answer to another question. */
function unknownFields(body: unknown): readonly Violation[] {
  if (typeof body !== "object" || body === null || Array.isArray(body)) return [{ path: "", message: "must be an object" }];
  return Object.keys(body)
    .filter((field) => !(fields as readonly string[]).includes(field))
    .map((path) => ({ path, message: `is no part of the question: ${fields.join(", ")}` }));
}

/** @throws ApiProblem 400 with every mistake. */
function parseRequest(mesh: string, asked: Asked, mistakes: readonly Violation[]): ExplainRequest {
  const { from, to, path = "/", method = "GET", header = [], zone } = asked;
  const violations: Violation[] = [...mistakes];
  const text = (field: string, value: unknown, isRight: (value: string) => boolean, wanted: string): string => {
    if (typeof value === "string" && value.length <= mostText && isRight(value)) return value;
    const isLong = typeof value === "string" && value.length > mostText;
    violations.push({ path: field, message: isLong ? `must have at most ${mostText} characters` : wanted });
    return "";
  };
  const isNamed = (value: string): boolean => value !== "";
  const request = {
    mesh,
    from: text("from", from, isNamed, "must name the client: a service or a data plane"),
    to: text("to", to, isNamed, "must name the service that it calls"),
    path: text("path", path, (value) => value.startsWith("/"), "must start with /"),
    method: text("method", method, (value) => token.test(value), "must be a method of HTTP"),
    ...(zone !== undefined && { zone: text("zone", zone, isNamed, "must name a zone") }),
    headers: parseHeaders(header, violations),
  };
  if (violations.length > 0) throw invalid("Bad Request", violations, "The request is not valid");
  return request;
}

/** Several of one name are joined, as Envoy joins them. */
function parseHeaders(header: unknown, violations: Violation[]): Readonly<Record<string, string>> {
  const headers = new Map<string, string>();
  for (const [index, line] of (Array.isArray(header) ? (header as readonly unknown[]) : [header]).entries()) {
    const [, name, value] = (typeof line === "string" && line.length <= mostText && /^(:?[^:]+):(.*)$/s.exec(line)) || [];
    if (name === undefined || value === undefined || !token.test(name.replace(/^:/, ""))) {
      violations.push({ path: `header[${index}]`, message: "must be name:value" });
      continue;
    }
    const key = name.toLowerCase();
    const before = headers.get(key);
    headers.set(key, before === undefined ? value.trim() : `${before},${value.trim()}`);
  }
  return Object.fromEntries(headers);
}
