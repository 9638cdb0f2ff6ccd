import type { Revision } from "@meridian/model";
import type { FastifyRequest } from "fastify";
import { badRequest } from "./errors.ts";
import { type Query, wholeNumber } from "./query.ts";

/**
 * The version that a writer has seen: `If-Match: "7"` or `?version=7`; `If-None-Match: *` or version 0 for "must not exist yet".
 * Undefined: last write wins, as in the peer. @throws ApiProblem 400
 */
export function expectedVersion(request: FastifyRequest): Revision | "absent" | undefined {
  if (request.headers["if-none-match"] === "*") return "absent";
  const match = request.headers["if-match"];
  // `*` only asks that it exists, which a delete says by itself and a put cannot.
  if (match !== undefined && match !== "*") {
    const version = /^(?:W\/)?"?(\d{1,15})"?$/.exec(match)?.[1];
    if (version === undefined) throw badRequest("If-Match must be a version as GET sends it in ETag");
    return Number(version) || "absent";
  }
  const version = wholeNumber(request.query as Query, "version");
  return version === undefined ? undefined : version || "absent";
}
