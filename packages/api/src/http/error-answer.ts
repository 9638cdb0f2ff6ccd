import { errorMessage } from "@meridian/base";
import type { Violation } from "@meridian/model";
import { ApiProblem, type Problem } from "./errors.ts";

/** The peer's error body (reference: rest-api.md section 5): plain JSON, not problem+json. */
export interface ErrorBody {
  readonly type: "/std-errors";
  readonly status: number;
  readonly title: string;
  readonly detail: string;
  readonly invalid_parameters?: readonly {
    readonly field: string;
    readonly reason: string;
    readonly rule: string;
    readonly choices: readonly string[];
    /** Beyond the peer: which document of a batch. */
    readonly document?: number;
  }[];
  /** The same again, for older clients. */
  readonly details: string;
  readonly causes?: readonly { readonly field: string; readonly message: string }[];
}

export function errorBody(problem: Problem): ErrorBody {
  const { status, title, detail, violations = [] } = problem;
  const body = { type: "/std-errors", status, title, detail } as const;
  if (violations.length === 0) return { ...body, details: detail };
  return {
    ...body,
    invalid_parameters: violations.map(({ path, message, document }) => ({
      field: path,
      reason: message,
      rule: "",
      choices: [],
      ...(document !== undefined && { document }),
    })),
    details: detail,
    causes: violations.map(({ path, message }) => ({ field: path, message })),
  };
}

/** How errors of other packages, known by their literal code, become answers. `title` is the caller's: what was being done. */
const byCode: Readonly<Record<string, (error: Error, title: string) => Problem>> = {
  VALIDATION_FAILED: (error, title) => ({
    status: 400,
    title: "title" in error && typeof error.title === "string" ? error.title : title,
    detail: "Resource is not valid",
    violations: violationsOf(error),
  }),
  MESH_NOT_FOUND: (error, title) => ({
    status: 400,
    title,
    detail: "Mesh is not found",
    violations: violationsOf(error, { path: "mesh", message: error.message }),
  }),
  READ_ONLY_KIND: (error) => ({ status: 405, title: "Method not allowed", detail: error.message }),
  READ_ONLY: (error) => ({ status: 405, title: "Method not allowed", detail: error.message }),
  NOT_FOUND: (_, title) => ({ status: 404, title, detail: "Not found" }),
  CONFLICT: (error) => ({ status: 409, title: "Conflict", detail: error.message }),
  COMPACTED: (error) => ({ status: 410, title: "Gone", detail: error.message }),
  UNAVAILABLE: (error) => ({ status: 503, title: "Service unavailable", detail: error.message }),
  SIGNING_KEY_NOT_FOUND: () => ({ status: 404, title: "Signing Key not found", detail: "Not found" }),
  ISSUER_DISABLED: (error) => ({ status: 400, title: "Bad Request", detail: error.message }),
  ZONE_OFFLINE: (error) => ({ status: 400, title: "Could not execute admin operation", detail: error.message }),
  PROXY_UNREACHABLE: (error) => ({ status: 400, title: "Could not execute admin operation", detail: error.message }),
  TIMEOUT: (error) => ({ status: 400, title: "Could not execute admin operation", detail: error.message }),
  // What fastify finds out before a handler runs.
  FST_ERR_CTP_BODY_TOO_LARGE: () => ({
    status: 413,
    title: "Payload Too Large",
    detail: "the body is larger than this path accepts",
  }),
  FST_ERR_CTP_INVALID_JSON_BODY: (error) => ({ status: 400, title: "Bad Request", detail: error.message }),
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: () => ({
    status: 400,
    title: "Bad Request",
    detail: "the body is shorter or longer than Content-Length says",
  }),
  FST_ERR_BAD_URL: () => ({ status: 400, title: "Bad Request", detail: "the path is not a valid URL" }),
  ECONNRESET: () => ({ status: 499, title: "Client Closed Request", detail: "the client went away" }),
};

/** The one place that decides what an error means for the client. Undefined: it is a bug, to be logged and answered as 500. */
export function problemOf(error: unknown, title: string): Problem | undefined {
  if (error instanceof ApiProblem) return error.problem;
  if (!(error instanceof Error)) return undefined;
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  return byCode[code]?.(error, title);
}

export function bugProblem(title: string): Problem {
  return { status: 500, title, detail: "Internal Server Error" };
}

/** For logs: an error's name and message, never the request that caused it. */
export function loggedError(error: unknown): { readonly reason: string; readonly stack?: string } {
  const stack = error instanceof Error ? error.stack : undefined;
  return { reason: errorMessage(error), ...(stack !== undefined && { stack }) };
}

function violationsOf(error: Error, fallback?: Violation): readonly Violation[] {
  if ("violations" in error && Array.isArray(error.violations)) return error.violations as readonly Violation[];
  return fallback ? [fallback] : [];
}
