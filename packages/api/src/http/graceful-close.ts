import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { Server as TlsServer } from "node:tls";
import type { FastifyInstance } from "fastify";

/** Requests under way when the server closes get this long. */
const graceMs = 5_000;

/**
 * A closing server ends connections as soon as they carry no request. Node's own `closeIdleConnections` counts a connection that has
 * not sent anything yet as busy, and clients like to open one ahead: closing would wait for their header timeout.
 */
export function closeGracefully(app: FastifyInstance): void {
  const busy = new Map<Socket, number>();
  let isClosing = false;
  const release = (socket: Socket): void => {
    const requests = (busy.get(socket) ?? 0) - 1;
    if (busy.has(socket)) busy.set(socket, Math.max(requests, 0));
    if (isClosing && requests <= 0) socket.end();
  };
  // Over TLS a request's socket is the secure one; the bare one below it never carries a request itself.
  const opened = app.server instanceof TlsServer ? "secureConnection" : "connection";
  app.server.on(opened, (socket: Socket) => {
    if (isClosing) return socket.destroy();
    busy.set(socket, 0);
    socket.once("close", () => busy.delete(socket));
  });
  app.server.on("request", (request: IncomingMessage, response: ServerResponse) => {
    const { socket } = request;
    busy.set(socket, (busy.get(socket) ?? 0) + 1);
    response.once("close", () => release(socket));
  });
  app.addHook("preClose", async () => {
    isClosing = true;
    for (const [socket, requests] of busy) if (requests === 0) socket.destroy();
    setTimeout(() => app.server.closeAllConnections(), graceMs).unref();
  });
}
