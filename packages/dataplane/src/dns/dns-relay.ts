import { createSocket, type Socket as UdpSocket } from "node:dgram";
import { once } from "node:events";
import { createServer, isIPv6, type Server, type Socket } from "node:net";
import type { Logger } from "@meridian/base";
import { askTcp, askUdp, type NameServer } from "./ask.ts";
import { emptyFor, failureFor, forAddress, framed, isKnown, isQuery, unframed } from "./message.ts";

export interface DnsRelayOptions {
  /** Where the workload's queries arrive, over UDP and TCP. */
  readonly host: string;
  readonly port: number;
  /** Where the proxy's own Envoy answers what the mesh knows. */
  readonly envoyPort: number;
  /** Whom to ask for all other names. Read for each query that needs it: networks come and go. */
  readonly nameServers: () => Promise<readonly NameServer[]>;
  readonly logger: Logger;
  /** Milliseconds; default 1,000: Envoy has the answer in memory. */
  readonly envoyTimeoutMs?: number;
  /** Of each name server. Milliseconds; default 2,000. */
  readonly timeoutMs?: number;
}

/** More than this wait for an answer at once only when something is very wrong. */
const mostPending = 4_000;
const idleTimeoutMs = 30_000;

/**
 * Answers a workload's DNS queries: what the mesh knows from Envoy, whose names come with its config the moment they change, anything else
 * from the name servers of the host. It knows no names: whoever knows one says so (dataplane-protocol.md section 10).
 */
export class DnsRelay {
  readonly #options: DnsRelayOptions;
  readonly #udp: UdpSocket;
  readonly #tcp: Server;
  readonly #connections = new Set<Socket>();
  #pending = 0;

  constructor(options: DnsRelayOptions) {
    this.#options = options;
    this.#udp = createSocket(isIPv6(options.host) ? "udp6" : "udp4");
    this.#tcp = createServer((socket) => this.#serve(socket));
  }

  /** @throws the system's error, such as EADDRINUSE; then nothing is left open. */
  async start(): Promise<void> {
    const { host, port, logger } = this.#options;
    this.#udp.bind(port, host);
    try {
      await once(this.#udp, "listening");
      this.#tcp.listen(port, host);
      await once(this.#tcp, "listening");
    } catch (error) {
      this.#udp.close();
      throw error;
    }
    this.#udp.on("message", (query, { address, port: from }) => {
      void this.#answer(query, askUdp).then((answer) => {
        if (answer && this.#tcp.listening) this.#udp.send(answer, from, address);
      });
    });
    for (const server of [this.#udp, this.#tcp]) {
      server.on("error", (error: Error) => logger.warn({ reason: error.message }, "a DNS query could not be answered"));
    }
  }

  async stop(): Promise<void> {
    if (!this.#tcp.listening) return;
    for (const socket of this.#connections) socket.destroy();
    this.#udp.close();
    this.#tcp.close();
    await once(this.#tcp, "close");
  }

  /** Undefined: it is no query. Never rejects. */
  async #answer(query: Buffer, ask: typeof askUdp): Promise<Buffer | undefined> {
    if (!isQuery(query)) return undefined;
    if (this.#pending >= mostPending) return failureFor(query);
    this.#pending += 1;
    try {
      const told = await this.#askEnvoy(query);
      if (told && isKnown(told)) return told;
      return told && (await this.#isOfMesh(query)) ? emptyFor(query) : await this.#askHost(query, ask, told);
    } finally {
      this.#pending -= 1;
    }
  }

  #askEnvoy(query: Buffer): Promise<Buffer | undefined> {
    const { envoyPort, envoyTimeoutMs = 1_000 } = this.#options;
    return askUdp(query, { host: "127.0.0.1", port: envoyPort }, envoyTimeoutMs);
  }

  /**
   * Whether the name has an address, though not what was asked for. Envoy then denies the name as a whole, and a client that asks for both
   * kinds of addresses at once would believe it.
   */
  async #isOfMesh(query: Buffer): Promise<boolean> {
    const other = forAddress(query);
    const told = other && (await this.#askEnvoy(other));
    return told !== undefined && isKnown(told);
  }

  /** @param denial of the mesh: the last word where the host has no name servers. */
  async #askHost(query: Buffer, ask: typeof askUdp, denial: Buffer | undefined): Promise<Buffer> {
    const { nameServers, timeoutMs = 2_000, host, port } = this.#options;
    const servers = (await nameServers()).filter((server) => server.host !== host || server.port !== port);
    for (const server of servers) {
      const answer = await ask(query, server, timeoutMs);
      if (answer) return answer;
    }
    return servers.length === 0 && denial ? denial : failureFor(query);
  }

  #serve(socket: Socket): void {
    let received = Buffer.alloc(0);
    this.#connections.add(socket);
    socket.setTimeout(idleTimeoutMs, () => socket.destroy());
    socket.on("error", () => socket.destroy()).on("close", () => this.#connections.delete(socket));
    socket.on("data", (bytes) => {
      const { messages, rest } = unframed(Buffer.concat([received, bytes]));
      received = Buffer.from(rest);
      for (const query of messages) {
        void this.#answer(query, askTcp).then((answer) => answer && socket.writable && socket.write(framed(answer)));
      }
    });
  }
}
