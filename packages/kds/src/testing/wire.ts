import type { AddressInfo } from "node:net";
import { connect, createServer, type Server, type Socket } from "node:net";

/** A TCP relay between a zone and a hub: counts bytes, can cut, and can go silent like a network that lost its route. */
export class Wire {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #targetPort: () => number;
  #silent = false;
  #refusing = false;
  bytesDown = 0;
  bytesUp = 0;

  constructor(targetPort: () => number) {
    this.#targetPort = targetPort;
    this.#server = createServer((socket) => this.#relay(socket));
  }

  async open(): Promise<number> {
    await new Promise<void>((resolve) => {
      this.#server.listen(0, "127.0.0.1", resolve);
    });
    return (this.#server.address() as AddressInfo).port;
  }

  /** Nothing gets through any more, and nobody is told. */
  silence(): void {
    this.#silent = true;
    for (const socket of this.#sockets) socket.pause();
  }

  /** Ends the connections there are. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#silent = false;
  }

  /** From now on connections end at once. */
  refuse(refusing: boolean): void {
    this.#refusing = refusing;
    if (refusing) this.cut();
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #relay(client: Socket): void {
    if (this.#refusing) {
      client.destroy();
      return;
    }
    const hub = connect(this.#targetPort(), "127.0.0.1");
    for (const socket of [client, hub]) {
      this.#sockets.add(socket);
      socket.on("error", () => socket.destroy());
      socket.on("close", () => {
        this.#sockets.delete(socket);
        if (this.#silent) return;
        client.destroy();
        hub.destroy();
      });
    }
    client.on("data", (data: Buffer) => {
      if (this.#silent) return;
      this.bytesUp += data.length;
      hub.write(data);
    });
    hub.on("data", (data: Buffer) => {
      if (this.#silent) return;
      this.bytesDown += data.length;
      client.write(data);
    });
  }
}
