import { createServer as createHttpServer, type Server as HttpServer, type IncomingMessage } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { createServer, type Server, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { ServerCertificate } from "./tls.ts";

export interface SniffingOptions {
  readonly tls: "optional" | "required" | "off";
  readonly certificate: ServerCertificate | undefined;
  readonly onUpgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
}

/** First byte of every TLS record that opens a connection: handshake (RFC 8446 section 5.1). */
const tlsHandshake = 0x16;

/** One port for ws and wss: the first byte of a connection says which it is. */
export function createSniffingServer(options: SniffingOptions): Server {
  const answer = (server: HttpServer): HttpServer =>
    server.on("upgrade", options.onUpgrade).on("request", (_request, response) => {
      response.writeHead(426, { "content-type": "text/plain" }).end("this port speaks the websocket protocol meridian.kds.v1\n");
    });
  const plain = options.tls === "required" ? refusing() : answer(createHttpServer());
  const secure =
    options.certificate && options.tls !== "off"
      ? answer(createHttpsServer({ cert: options.certificate.certPem, key: options.certificate.keyPem, minVersion: "TLSv1.2" }))
      : undefined;
  return createServer({ noDelay: true }, (socket) => {
    socket.on("error", () => socket.destroy());
    socket.once("data", (first: Buffer) => route(socket, first, { plain, secure }));
  });
}

interface Servers {
  readonly plain: HttpServer;
  readonly secure: HttpServer | undefined;
}

function route(socket: Socket, first: Buffer, { plain, secure }: Servers): void {
  const server = first[0] === tlsHandshake ? secure : plain;
  if (!server) {
    socket.destroy();
    return;
  }
  socket.pause();
  socket.unshift(first);
  server.emit("connection", socket);
  // An explicit pause outlasts the server's own listeners; TLS reads from the handle and needs no resuming.
  if (server === plain) socket.resume();
}

/** In the words of the hub's own refusals over HTTP, which zones read and show. */
function refusing(): HttpServer {
  const body = JSON.stringify({ code: "TLS_REQUIRED", message: "this global accepts zones over TLS only: use wss://" });
  const type = "application/json";
  return createHttpServer((_request, response) => response.writeHead(426, { "content-type": type }).end(body)).on(
    "upgrade",
    (_request: IncomingMessage, socket: Duplex) => {
      const head = `HTTP/1.1 426 Upgrade Required\r\ncontent-type: ${type}\r\ncontent-length: ${body.length}\r\nconnection: close`;
      socket.end(`${head}\r\n\r\n${body}`);
    },
  );
}
