import { request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";

export interface HttpRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal: AbortSignal;
}

export interface HttpAnswer {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: AsyncIterable<Uint8Array>;
}

/** The one thing that the client needs of the network, so that tests and other runtimes bring their own. */
export type Transport = (request: HttpRequest) => Promise<HttpAnswer>;

export function fetchTransport(fetch: typeof globalThis.fetch): Transport {
  return async ({ method, url, headers, body, signal }) => {
    const answer = await fetch(url, { method, headers, signal, ...(body !== undefined && { body }), redirect: "error" });
    return { status: answer.status, headers: Object.fromEntries(answer.headers), body: answer.body ?? noBody() };
  };
}

export interface TlsOptions {
  /** PEM of the CA that signed the control plane's certificate. */
  readonly caCert?: string;
  readonly skipVerify?: boolean;
}

/** `fetch` of Node cannot be told to trust another CA without its undici package; node:https can. */
export function nodeTransport(tls: TlsOptions): Transport {
  return (request) =>
    new Promise<HttpAnswer>((resolve, reject) => {
      const secure = request.url.startsWith("https:");
      const options = {
        method: request.method,
        headers: {
          ...request.headers,
          ...(request.body !== undefined && { "content-length": String(Buffer.byteLength(request.body)) }),
        },
        signal: request.signal,
      };
      const tlsOptions = { ...(tls.caCert !== undefined && { ca: tls.caCert }), rejectUnauthorized: !tls.skipVerify };
      const onAnswer = (answer: IncomingMessage): void =>
        resolve({ status: answer.statusCode ?? 0, headers: singleHeaders(answer), body: answer });
      const outgoing = secure
        ? httpsRequest(request.url, { ...options, ...tlsOptions }, onAnswer)
        : httpRequest(request.url, options, onAnswer);
      outgoing.on("error", reject);
      outgoing.end(request.body);
    });
}

function singleHeaders(answer: IncomingMessage): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(answer.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(", ") : (value ?? "")]),
  );
}

async function* noBody(): AsyncGenerator<Uint8Array> {
  // An answer without a body, for instance to HEAD.
}

export async function readText(body: AsyncIterable<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of body) text += decoder.decode(chunk, { stream: true });
  return text + decoder.decode();
}
