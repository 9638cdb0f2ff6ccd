import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";

export interface FreezableProxy {
  readonly port: number;
  /** Connections stay open, and new ones are accepted, but nothing goes through. */
  pause(): void;
  resume(): void;
  stop(): Promise<void>;
}

/** A TCP proxy on 127.0.0.1 in front of a server that cannot be frozen itself. */
export async function startFreezableProxy(host: string, port: number): Promise<FreezableProxy> {
  const sockets = new Set<Socket>();
  let frozen = false;

  function join(from: Socket, to: Socket): void {
    sockets.add(from);
    from.on("data", (chunk) => to.write(chunk));
    from.on("error", () => to.destroy());
    from.on("close", () => {
      sockets.delete(from);
      to.destroy();
    });
    if (frozen) from.pause();
  }

  const server = createServer((near) => {
    const far = connect(port, host);
    join(near, far);
    join(far, near);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no TCP port for the proxy");

  return {
    port: address.port,
    pause() {
      frozen = true;
      for (const socket of sockets) socket.pause();
    },
    resume() {
      frozen = false;
      for (const socket of sockets) socket.resume();
    },
    async stop() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}
