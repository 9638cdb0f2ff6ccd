import { createSocket } from "node:dgram";
import { connect, isIPv6 } from "node:net";
import { framed, isAnswerTo, unframed } from "./message.ts";

export interface NameServer {
  readonly host: string;
  readonly port: number;
}

/** Asks over UDP. Undefined: no answer within the time, or nobody is there. */
export function askUdp(query: Buffer, { host, port }: NameServer, timeoutMs: number): Promise<Buffer | undefined> {
  return new Promise((resolve) => {
    const socket = createSocket(isIPv6(host) ? "udp6" : "udp4");
    const finish = (answer?: Buffer): void => {
      clearTimeout(timer);
      socket.removeAllListeners().on("error", () => {});
      socket.close();
      resolve(answer);
    };
    const timer = setTimeout(finish, timeoutMs);
    // Connected: takes messages from that server only, and learns at once that nobody listens there.
    socket.on("error", () => finish());
    socket.on("message", (message) => {
      if (isAnswerTo(query, message)) finish(message);
    });
    socket.connect(port, host, () => socket.send(query));
  });
}

/** Asks over TCP, for answers that are too long for UDP. */
export function askTcp(query: Buffer, { host, port }: NameServer, timeoutMs: number): Promise<Buffer | undefined> {
  return new Promise((resolve) => {
    let received = Buffer.alloc(0);
    const socket = connect({ host, port });
    const finish = (answer?: Buffer): void => {
      socket.removeAllListeners().on("error", () => {});
      socket.destroy();
      clearTimeout(timer);
      resolve(answer);
    };
    const timer = setTimeout(finish, timeoutMs);
    socket.on("error", () => finish()).on("close", () => finish());
    socket.on("connect", () => socket.write(framed(query)));
    socket.on("data", (bytes) => {
      received = Buffer.concat([received, bytes]);
      const answer = unframed(received).messages.find((message) => isAnswerTo(query, message));
      if (answer) finish(answer);
    });
  });
}
