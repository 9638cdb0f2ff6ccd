import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export interface StubApi {
  readonly address: string;
  close(): Promise<void>;
}

/**
 * A control plane that answers each path (with its query) as the reference documents it, and 404 to all others: for commands that show
 * what only running proxies can say.
 */
export async function startStubApi(answers: Readonly<Record<string, object | string>>): Promise<StubApi> {
  const server = createServer((request, response) => {
    const answer = answers[request.url ?? ""];
    const isJson = typeof answer !== "string";
    response.writeHead(answer === undefined ? 404 : 200, { "content-type": isJson ? "application/json" : "text/plain" });
    response.end(isJson ? JSON.stringify(answer ?? { title: "Could not retrieve a resource", detail: "Not found" }) : answer);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    address: `http://127.0.0.1:${port}`,
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}
