import type { Logger } from "@meridian/base";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { bugProblem, errorBody, loggedError, problemOf } from "./error-answer.ts";
import type { Problem } from "./errors.ts";

declare module "fastify" {
  interface FastifyContextConfig {
    /** What the route does, for its errors: `Could not retrieve a resource`. */
    readonly title?: string;
  }
}

/** The peer writes JSON indented by one space, as plain `application/json`. */
export function formatAnswers(app: FastifyInstance, logger: Logger): void {
  app.setReplySerializer((body) => JSON.stringify(body, undefined, 1));
  app.addHook("onSend", async (_request, reply) => {
    const type = reply.getHeader("content-type");
    if (type === "application/json; charset=utf-8") reply.header("content-type", "application/json");
  });
  app.setErrorHandler((error, request, reply) => answerError(error, request, reply, logger));
}

export function answerError(error: unknown, request: FastifyRequest, reply: FastifyReply, logger: Logger): FastifyReply {
  if (isUnsupportedMediaType(error)) return plainText(reply, 415, "Unsupported Media Type");
  const title = request.routeOptions?.config?.title ?? "Internal Server Error";
  const problem = problemOf(error, title);
  // Closing while the client still sends would reset the connection before it has read why; Node reads past the rest of the body.
  if (problem?.status === 413) reply.removeHeader("connection");
  if (problem) return answerProblem(reply, problem);
  logger.error({ method: request.method, route: request.routeOptions?.url, ...loggedError(error) }, "request failed by a bug");
  return answerProblem(reply, bugProblem(title));
}

export function answerProblem(reply: FastifyReply, problem: Problem): FastifyReply {
  if (problem.status === 503) reply.header("retry-after", "1");
  return reply
    .code(problem.status)
    .header("content-type", "application/json")
    .send(JSON.stringify(errorBody(problem), undefined, 1));
}

/** The router's own answers are text in the peer: `404: Page Not Found`. */
export function plainText(reply: FastifyReply, status: number, text: string): FastifyReply {
  return reply.code(status).header("content-type", "text/plain").send(`${status}: ${text}`);
}

function isUnsupportedMediaType(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "FST_ERR_CTP_INVALID_MEDIA_TYPE";
}
