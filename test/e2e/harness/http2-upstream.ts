import { createSecureServer, type ServerHttp2Session } from "node:http2";
import type { KeyPair } from "@meridian/pki";
import type { Upstream, UpstreamPlan } from "./upstream.ts";

export interface Http2UpstreamPlan extends Pick<UpstreamPlan, "host" | "port" | "service" | "version" | "zone"> {
  readonly identity: KeyPair;
}

/** A server that speaks HTTP/2 over TLS and nothing else, to whom ALPN says `h2`. Answers who it is. */
export async function startHttp2Upstream({ host, port, identity, ...who }: Http2UpstreamPlan): Promise<Upstream> {
  const sessions = new Set<ServerHttp2Session>();
  const server = createSecureServer({ cert: identity.certPem, key: identity.keyPem, allowHTTP1: false }, (request, response) => {
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ ...who, path: request.url, headers: request.headers }));
  });
  server.on("session", (session) => {
    sessions.add(session);
    session.once("close", () => sessions.delete(session));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host, port }, resolve);
  });
  return {
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const session of sessions) session.destroy();
      }),
  };
}
