import { request } from "node:http";

/** A server on this host: at a unix socket, or at an address. */
export type LocalAddress = { readonly socketPath: string } | { readonly host: string; readonly port: number };

export interface LocalAnswer {
  readonly status: number;
  readonly body: string;
}

export interface LocalRequest {
  readonly method?: "GET" | "POST";
  readonly timeoutMs: number;
}

/** One request without a pool. @throws Error when no whole answer comes in time. */
export function askLocal(address: LocalAddress, path: string, { method = "GET", timeoutMs }: LocalRequest): Promise<LocalAnswer> {
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(timeoutMs);
    const headers = "host" in address ? {} : { headers: { host: "localhost" } };
    const call = request({ ...address, ...headers, path, method, agent: false, signal }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString("utf8") }));
    });
    call.on("error", reject).end();
  });
}
