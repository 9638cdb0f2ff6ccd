import type { Revision } from "@meridian/model";
import { ApiFailure, type BadField, describeConnectionFailure, UnexpectedAnswer } from "./errors.ts";
import { fetchTransport, type HttpAnswer, nodeTransport, readText, type TlsOptions, type Transport } from "./transport.ts";

export interface RequesterOptions extends TlsOptions {
  /** `http://localhost:5681`; a path in front of the API is kept. */
  readonly address: string;
  /** User token, sent as `Authorization: Bearer`. */
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** For one answer; streams have no limit but their signal. Default 60 s. */
  readonly timeoutMs?: number;
  readonly fetch?: typeof globalThis.fetch;
  readonly userAgent?: string;
}

export interface Requester {
  readonly address: string;
  json<T>(method: string, path: string, body?: unknown): Promise<T>;
  write<T>(method: string, path: string, body?: unknown): Promise<{ readonly body: T; readonly revision: Revision }>;
  text(method: string, path: string, body?: unknown): Promise<string>;
  stream(path: string, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>>;
}

export function createRequester(options: RequesterOptions): Requester {
  const address = options.address.replace(/\/+$/, "");
  const timeoutMs = options.timeoutMs ?? 60_000;
  const transport = chooseTransport(options);

  async function send(method: string, path: string, body: unknown, signal: AbortSignal): Promise<HttpAnswer> {
    const headers = requestHeaders(options, body !== undefined);
    const request = { method, url: address + path, headers, signal, ...(body !== undefined && { body: JSON.stringify(body) }) };
    const answer = await transport(request).catch((error: unknown) => {
      throw describeConnectionFailure(address, error, timeoutMs);
    });
    if (answer.status >= 400) throw failureOf(answer.status, await readText(answer.body));
    return answer;
  }

  async function exchange(
    method: string,
    path: string,
    body: unknown,
  ): Promise<{ readonly answer: HttpAnswer; readonly text: string }> {
    const answer = await send(method, path, body, AbortSignal.timeout(timeoutMs));
    const text = await readText(answer.body).catch((error: unknown) => {
      throw describeConnectionFailure(address, error, timeoutMs);
    });
    return { answer, text };
  }

  return {
    address,
    async json(method, path, body) {
      return parseJson(address, (await exchange(method, path, body)).text);
    },
    async write(method, path, body) {
      const { answer, text } = await exchange(method, path, body);
      return { body: parseJson(address, text), revision: Number(answer.headers["meridian-revision"] ?? 0) };
    },
    async text(method, path, body) {
      return (await exchange(method, path, body)).text;
    },
    async stream(path, signal) {
      return translateFailures((await send("GET", path, undefined, signal)).body, address);
    },
  };
}

function chooseTransport(options: RequesterOptions): Transport {
  const needsNode = options.caCert !== undefined || options.skipVerify === true;
  return needsNode ? nodeTransport(options) : fetchTransport(options.fetch ?? globalThis.fetch);
}

function requestHeaders(options: RequesterOptions, hasBody: boolean): Readonly<Record<string, string>> {
  return {
    accept: "application/json",
    "user-agent": options.userAgent ?? "meridian",
    ...(hasBody && { "content-type": "application/json" }),
    ...(options.token !== undefined && { authorization: `Bearer ${options.token}` }),
    ...options.headers,
  };
}

async function* translateFailures(body: AsyncIterable<Uint8Array>, address: string): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } catch (error) {
    throw describeConnectionFailure(address, error, 0);
  }
}

function parseJson<T>(address: string, text: string): T {
  try {
    return JSON.parse(text) as T;
  } catch {
    throw new UnexpectedAnswer(address, "something that is not JSON");
  }
}

/** The error body of the peer (reference: rest-api.md section 5), or plain text as for 404, 405 and 415 of the router. */
function failureOf(status: number, text: string): ApiFailure {
  const body = parseErrorBody(text);
  const violations = (body?.invalid_parameters ?? []).map(({ field, reason, document }) => ({
    field,
    reason,
    ...(document !== undefined && { document }),
  }));
  return new ApiFailure({
    status,
    title: body?.title ?? (text.trim().slice(0, 200) || `HTTP status ${status}`),
    detail: body?.detail ?? body?.details ?? "",
    violations,
  });
}

interface ErrorBody {
  readonly title?: string;
  readonly detail?: string;
  readonly details?: string;
  readonly invalid_parameters?: readonly BadField[];
}

function parseErrorBody(text: string): ErrorBody | undefined {
  try {
    const body: unknown = JSON.parse(text);
    return typeof body === "object" && body !== null ? body : undefined;
  } catch {
    return undefined;
  }
}
