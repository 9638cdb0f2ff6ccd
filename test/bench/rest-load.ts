import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { Agent, type IncomingMessage, request } from "node:http";
import { sharedNowMs } from "./sim/proxy.ts";
import { median, quantile } from "./table.ts";

export interface RestCall {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly body?: string;
}

export interface RestTiming {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export interface Load {
  readonly requests: number;
  /** Each sends its next request when its last was answered. */
  readonly connections: number;
}

/** @throws with the answer's text unless it was 200. */
export async function callOnce(agent: Agent, port: number, { method, path, body }: RestCall): Promise<string> {
  const headers = body === undefined ? {} : { "content-type": "application/json", "content-length": Buffer.byteLength(body) };
  const call = request({ agent, host: "127.0.0.1", port, method, path, headers });
  call.end(body);
  const [response] = (await once(call, "response")) as [IncomingMessage];
  const text = Buffer.concat(await response.toArray()).toString();
  if (response.statusCode === 200) return text;
  throw new Error(`${method} ${path} answered ${response.statusCode}: ${text.slice(0, 500)}`);
}

export async function timeCalls(port: number, call: RestCall, { requests, connections }: Load): Promise<RestTiming> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const samples: number[] = [];
  let left = requests;
  const one = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      const startedMs = sharedNowMs();
      await callOnce(agent, port, call);
      samples.push(sharedNowMs() - startedMs);
    }
  };
  try {
    const startedMs = sharedNowMs();
    await Promise.all(Array.from({ length: connections }, one));
    const totalMs = sharedNowMs() - startedMs;
    return { perSecond: (1000 * requests) / totalMs, p50Ms: quantile(samples, 0.5), p99Ms: quantile(samples, 0.99) };
  } finally {
    agent.destroy();
  }
}

/** The bare server that the same calls are measured against. */
export class ConstantServer {
  readonly #child: ChildProcess;
  readonly port: number;

  private constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.port = port;
  }

  static async start(): Promise<ConstantServer> {
    const child = fork(new URL("./constant-server.js", import.meta.url), { stdio: ["ignore", "inherit", "inherit", "ipc"] });
    const [{ port }] = (await once(child, "message")) as [{ readonly port: number }];
    return new ConstantServer(child, port);
  }

  async answerWith(bytes: number): Promise<void> {
    this.#child.send({ bytes });
    await once(this.#child, "message");
  }

  stop(): void {
    this.#child.kill();
  }
}

/** Runs in turn with the floor, so that what else the machine does meets both; the median of each figure over the rounds. */
export async function besideFloor(
  port: number,
  floor: ConstantServer,
  call: RestCall,
  load: Load & { readonly rounds: number },
): Promise<{ readonly measured: RestTiming; readonly floor: RestTiming; readonly bytes: number }> {
  const agent = new Agent({ keepAlive: true });
  const bytes = Buffer.byteLength(await callOnce(agent, port, call));
  agent.destroy();
  await floor.answerWith(bytes);
  const timings: RestTiming[] = [];
  const floors: RestTiming[] = [];
  for (let round = 0; round <= load.rounds; round += 1) {
    timings.push(await timeCalls(port, call, load));
    floors.push(await timeCalls(floor.port, call, load));
  }
  // The first round warms both up.
  return { measured: middle(timings.slice(1)), floor: middle(floors.slice(1)), bytes };
}

function middle(timings: readonly RestTiming[]): RestTiming {
  return {
    perSecond: median(timings.map(({ perSecond }) => perSecond)),
    p50Ms: median(timings.map(({ p50Ms }) => p50Ms)),
    p99Ms: median(timings.map(({ p99Ms }) => p99Ms)),
  };
}
