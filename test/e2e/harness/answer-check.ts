import { type Contract, contractOf } from "@meridian/api/testing";
import { type HttpAnswer, http } from "./http.ts";

/** Of every document that some process of this test file serves: those of one role are the same. */
const contracts = new Map<string, Contract>();

/**
 * Holds every answer of one control plane's REST API against the OpenAPI document that this very process serves. What is not as
 * described is reported instead of thrown: a test that tries until it gets what it wants, or that expects a failure, would swallow it.
 */
export class AnswerCheck {
  readonly #address: string;
  readonly #report: (mistake: string) => void;
  #contract: Promise<Contract> | undefined;

  constructor(address: string, report: (mistake: string) => void) {
    this.#address = address;
    this.#report = report;
  }

  /** Reads the document, once. @throws when no answer comes: then no other answer would. */
  async ready(): Promise<void> {
    await this.#read();
  }

  /** @param method of the request that was answered @param path with its query */
  async check(method: string, path: string, { status, headers, body }: HttpAnswer): Promise<void> {
    const mistake = (await this.#read())({ method, url: path, status, headers, body });
    if (mistake !== undefined) this.#report(`${method} ${this.#address}${path} answers ${status}: ${mistake}`);
  }

  /** For `@meridian/client`: a stream is held against the document line by line, while it flows. */
  readonly fetch: typeof globalThis.fetch = async (input, init) => {
    await this.ready();
    const answer = await fetch(input, init);
    const path = String(input).slice(this.#address.length);
    const described = { status: answer.status, headers: Object.fromEntries(answer.headers) };
    const check = (body: string): Promise<void> => this.check(init?.method ?? "GET", path, { ...described, body });
    const { status, headers } = answer;
    if (/event-stream|ndjson/.test(headers.get("content-type") ?? "")) {
      return new Response(answer.body?.pipeThrough(eachLine(check)) ?? null, { status, headers });
    }
    const body = await answer.text();
    await check(body);
    return new Response(body, { status, headers });
  };

  #read(): Promise<Contract> {
    this.#contract ??= readContract(this.#address).catch((error: unknown) => {
      this.#contract = undefined;
      throw error;
    });
    return this.#contract;
  }
}

async function readContract(address: string): Promise<Contract> {
  const { status, body } = await http({ url: `${address}/openapi.json`, timeoutMs: 20_000 });
  if (status !== 200) throw new Error(`${address}/openapi.json answers ${status}: ${body}`);
  const contract = contracts.get(body) ?? contractOf(JSON.parse(body) as Parameters<typeof contractOf>[0]);
  contracts.set(body, contract);
  return contract;
}

/** Lets bytes through as they are, after a look at the lines that they complete. */
function eachLine(look: (lines: string) => Promise<void>): TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>> {
  const decoder = new TextDecoder();
  let begun = "";
  return new TransformStream({
    async transform(chunk, controller) {
      begun += decoder.decode(chunk, { stream: true });
      const end = begun.lastIndexOf("\n") + 1;
      await look(begun.slice(0, end));
      begun = begun.slice(end);
      controller.enqueue(chunk);
    },
  });
}
