import type { Author } from "@meridian/store";
import type { FastifyRequest } from "fastify";

const maxMessageLength = 1000;

/** Who writes, for the log: the user, the address that asked, and what the writer says of it. */
export function authorOf(request: FastifyRequest, message = headerMessage(request)): Author {
  // Control characters would let a message forge lines wherever the log is printed.
  const plain = message
    ?.replace(/\p{Cc}+/gu, " ")
    .trim()
    .slice(0, maxMessageLength);
  return { author: request.user.name, address: request.ip, ...(plain && { message: plain }) };
}

function headerMessage(request: FastifyRequest): string | undefined {
  const value = request.headers["meridian-message"];
  return Array.isArray(value) ? value[0] : value;
}
