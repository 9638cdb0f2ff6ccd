import { Agent, request } from "node:http";

export interface Answer {
  readonly status: number;
  readonly body: string;
}

export function get(port: number, path: string, agent?: Agent): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const call = request({ host: "127.0.0.1", port, path, agent: agent ?? false }, (response) => {
      let body = "";
      response.setEncoding("utf8").on("data", (chunk: string) => {
        body += chunk;
      });
      response.on("end", () => resolve({ status: response.statusCode ?? 0, body }));
    });
    call.on("error", reject).end();
  });
}

export interface Load {
  readonly answered: number;
  /** Statuses other than 200, and errors of connections. */
  readonly failures: readonly string[];
  stop(): Promise<void>;
}

/** Sends requests without a pause over `connections` connections until stopped. */
export function startLoad(port: number, connections: number): Load {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const failures: string[] = [];
  let answered = 0;
  let stopped = false;
  const worker = async (): Promise<void> => {
    while (!stopped) {
      try {
        const { status, body } = await get(port, "/", agent);
        if (status !== 200) failures.push(`${status} ${body}`);
      } catch (error) {
        failures.push(String(error));
      }
      answered += 1;
    }
  };
  const workers = Promise.all(Array.from({ length: connections }, worker));
  return {
    get answered() {
      return answered;
    },
    failures,
    async stop() {
      stopped = true;
      await workers;
      agent.destroy();
    },
  };
}
