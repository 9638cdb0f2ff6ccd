import { once } from "node:events";
import { createServer as createHttp2Server, type ServerHttp2Session } from "node:http2";
import { createServer } from "node:net";
import type { Upstream, UpstreamPlan } from "../upstream.ts";

type Plan = Pick<UpstreamPlan, "host" | "port" | "service">;

/** Speaks HTTP/2 in plain text and nothing else. */
export async function startPlainHttp2({ host, port, service }: Plan): Promise<Upstream> {
  const sessions = new Set<ServerHttp2Session>();
  const server = createHttp2Server((_request, response) => void response.end(JSON.stringify({ service })));
  server.on("session", (session) => {
    sessions.add(session);
    session.once("close", () => sessions.delete(session));
  });
  await once(server.listen(port, host), "listening");
  return {
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const session of sessions) session.destroy();
      }),
  };
}

/** Says who it is as soon as somebody is there, and nothing more. */
export async function startGreeter({ host, port, service }: Plan): Promise<Upstream> {
  const server = createServer((socket) => {
    socket.on("error", () => socket.destroy());
    socket.end(JSON.stringify({ service }));
  });
  await once(server.listen(port, host), "listening");
  return { stop: () => new Promise((resolve) => server.close(() => resolve())) };
}
