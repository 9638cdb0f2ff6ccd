import { errorMessage } from "@meridian/base";
import type { FastifyInstance } from "fastify";
import { plainText } from "./answers.ts";
import { badRequest } from "./errors.ts";

/**
 * Only JSON is accepted, as it is (elsewhere 415): a packed body could be far larger than its path accepts. Broken JSON is answered with
 * its line.
 */
export function acceptJson(app: FastifyInstance): void {
  app.addHook("onRequest", async (request, reply) => {
    const encoding = request.headers["content-encoding"] ?? "identity";
    if (encoding === "identity" || request.is404) return;
    return plainText(reply.header("accept-encoding", "identity"), 415, "Unsupported Media Type");
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("application/json", { parseAs: "string" }, (_request, text, done) => {
    try {
      done(null, parseJson(String(text)));
    } catch (error) {
      done(error as Error);
    }
  });
}

/** The text itself, for a route that reads YAML. */
export function acceptYaml(app: FastifyInstance): void {
  const yamlTypes = ["application/yaml", "application/x-yaml", "text/yaml"];
  app.addContentTypeParser(yamlTypes, { parseAs: "string" }, (_request, text, done) => done(null, text));
}

function parseJson(text: string): unknown {
  if (text.trim() === "") throw badRequest("the body is empty: a JSON object was expected");
  try {
    return JSON.parse(text);
  } catch (error) {
    throw badRequest(`the body is not JSON: ${describePlace(text, errorMessage(error))}`);
  }
}

/** V8 names a position, or quotes what stands there; neither quote goes out, for the body may hold a secret. */
function describePlace(text: string, message: string): string {
  const position = Number(/at position (\d+)/.exec(message)?.[1] ?? Number.NaN);
  if (Number.isNaN(position)) return "it ends too early or holds a character that is not allowed there";
  const before = text.slice(0, position).split("\n");
  return `line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`;
}
