import type { Server } from "node:net";
import { type HostPort, MeridianError } from "@meridian/base";

/** Listens, or says in words whose port it is that is busy and what to do. */
export function listen(server: Server, at: HostPort, what: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => reject(listenError(error, at, what)));
    server.listen({ host: at.host, port: at.port }, resolve);
  });
}

export function listenError(error: NodeJS.ErrnoException, at: HostPort, what: string): Error {
  const place = `${at.host}:${at.port}`;
  if (error.code === "EADDRINUSE") {
    return new MeridianError(
      "PORT_BUSY",
      `${what} cannot listen on ${place}: the port is in use; stop the other process or choose another port`,
      { cause: error },
    );
  }
  if (error.code === "EADDRNOTAVAIL") {
    return new MeridianError("NO_SUCH_ADDRESS", `${what} cannot listen on ${place}: this machine has no such address`, {
      cause: error,
    });
  }
  if (error.code === "EACCES") {
    return new MeridianError("PORT_FORBIDDEN", `${what} cannot listen on ${place}: ports below 1024 need more rights`, {
      cause: error,
    });
  }
  return error;
}

export function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}
