import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import { IncompatibleVersionError } from "../errors.ts";
import { maxFrameSizeBytes, subprotocol } from "../protocol/frames.ts";

/** The websocket side of the hub's port: only our subprotocol, with an answer in words for anything else. */
export class Upgrade {
  readonly #server = new WebSocketServer({
    noServer: true,
    maxPayload: maxFrameSizeBytes,
    // Frames of a change are small and latency counts; a snapshot crosses once.
    perMessageDeflate: false,
    handleProtocols: () => subprotocol,
  });

  handle(request: IncomingMessage, socket: Duplex, head: Buffer, onSocket: (socket: WebSocket) => void): void {
    const offered = (request.headers["sec-websocket-protocol"] ?? "").split(",").map((name) => name.trim());
    if (!offered.includes(subprotocol)) {
      const theirs = offered[0] ? `the websocket subprotocol ${offered.join(", ")}` : "no websocket subprotocol";
      answer(socket, new IncompatibleVersionError(theirs, subprotocol));
      return;
    }
    socket.on("error", () => socket.destroy());
    this.#server.handleUpgrade(request, socket, head, onSocket);
  }
}

/** The refusal as HTTP, with a JSON body that the zone's client reads (`client/dial.ts`). */
function answer(socket: Duplex, refusal: IncompatibleVersionError): void {
  const body = JSON.stringify({ code: refusal.code, message: refusal.message });
  const head = ["HTTP/1.1 426 Upgrade Required", "Content-Type: application/json", `Sec-WebSocket-Protocol: ${subprotocol}`];
  socket.on("error", () => socket.destroy());
  socket.end(`${head.join("\r\n")}\r\nConnection: close\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
}
