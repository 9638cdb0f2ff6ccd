import { type ChildProcess, fork } from "node:child_process";
import { generateServerCertificate } from "@meridian/pki";
import { Fleet } from "./fleet.ts";
import { proxyPlan } from "./world.ts";

/** Measures the transport floor: the same load generator, the same number of TLS streams, a bare grpc-js server. */
export class Floor {
  readonly #server: ChildProcess;
  readonly #fleet: Fleet;
  #nextId = 1;

  private constructor(server: ChildProcess, fleet: Fleet) {
    this.#server = server;
    this.#fleet = fleet;
  }

  static async start(streams: number): Promise<Floor> {
    const pair = await generateServerCertificate({ hosts: ["127.0.0.1"], validForMs: 3_600_000, now: new Date() });
    const server = fork(new URL("./floor.js", import.meta.url), {
      env: { ...process.env, FLOOR_CERT: pair.certPem, FLOOR_KEY: pair.keyPem, FLOOR_STREAMS: String(streams) },
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    const port = await new Promise<number>((resolve) =>
      server.once("message", (message: { port: number }) => resolve(message.port)),
    );
    const opened = new Promise((resolve) => server.once("message", resolve));
    const fleet = await Fleet.start();
    const plans = Array.from({ length: streams }, (_unused, index) => proxyPlan(index, ""));
    await fleet.send({ command: "open", controlPlane: { host: "127.0.0.1", port }, plans, parallel: 32 });
    await opened;
    return new Floor(server, fleet);
  }

  /** Milliseconds from the first write of `sizeBytes` to the last of the streams' replies; the median of five. */
  async measure(sizeBytes: number): Promise<number> {
    const samples: number[] = [];
    for (let round = 0; round < 5; round += 1) {
      const id = this.#nextId++;
      const answer = new Promise<{ elapsedMs: number }>((resolve) => this.#server.once("message", resolve));
      this.#server.send({ id, sizeBytes });
      samples.push((await answer).elapsedMs);
    }
    return samples.sort((a, b) => a - b)[2] ?? 0;
  }

  stop(): void {
    this.#fleet.stop();
    this.#server.kill();
  }
}
