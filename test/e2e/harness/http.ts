import { type Agent, request as plainRequest } from "node:http";
import { request as tlsRequest } from "node:https";

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

export interface HttpCall {
  readonly url: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly agent?: Agent;
  readonly socketPath?: string;
  /** For https: certificate and key to show. The server's certificate is not checked. */
  readonly identity?: { readonly certPem: string; readonly keyPem: string };
  readonly timeoutMs?: number;
}

/** One HTTP request without any cleverness: no retries, no pool unless an agent is given. @throws when no answer comes. */
export function http(call: HttpCall): Promise<HttpAnswer> {
  const { url, method = "GET", headers = {}, body, agent, socketPath, identity, timeoutMs = 5_000 } = call;
  const request = url.startsWith("https:") ? tlsRequest : plainRequest;
  return new Promise((resolve, reject) => {
    const options = {
      ...{ method, headers, agent: agent ?? false },
      ...(socketPath !== undefined && { socketPath }),
      ...(identity && { cert: identity.certPem, key: identity.keyPem }),
      rejectUnauthorized: false,
    };
    const outgoing = request(url, options, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk: string) => {
        text += chunk;
      });
      response.on("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }));
      response.on("error", reject);
    });
    outgoing.setTimeout(timeoutMs, () => outgoing.destroy(new Error(`no answer within ${timeoutMs} ms`)));
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}

/** @throws Error with the answer's text unless it is 200. */
export async function expectReady(url: string): Promise<void> {
  const { status, body } = await http({ url, timeoutMs: 2_000 });
  if (status !== 200) throw new Error(`${url} answers ${status}: ${body}`);
}
