import { RequestFailedError, RequestTimeoutError, ZoneOfflineError } from "../errors.ts";
import type { ZoneRequest } from "../ports.ts";
import { encodeFrame } from "../protocol/codec.ts";
import type { FrameOf, ZoneFrame } from "../protocol/frames.ts";

interface Waiting {
  readonly parts: Uint8Array[];
  sizeBytes: number;
  readonly resolve: (text: string) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

/** A config dump of a proxy with many clusters has tens of megabytes. */
const maxAnswerSizeBytes = 128 * 1024 * 1024;

/** Requests that travel down one zone's stream and wait for their answer. */
export class Requests {
  readonly #zone: string;
  readonly #send: (frame: Uint8Array) => void;
  readonly #waiting = new Map<number, Waiting>();
  #lastId = 0;

  constructor(zone: string, send: (frame: Uint8Array) => void) {
    this.#zone = zone;
    this.#send = send;
  }

  async ask(request: ZoneRequest, timeoutMs: number): Promise<string> {
    this.#lastId += 1;
    const id = this.#lastId;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#fail(id, new RequestTimeoutError(this.#zone, timeoutMs)), timeoutMs);
      this.#waiting.set(id, { parts: [], sizeBytes: 0, resolve, reject, timer });
      this.#send(encodeFrame({ type: "request", id, request }));
    });
  }

  /** An answer to what is no longer waited for is dropped. */
  onResponse(frame: FrameOf<ZoneFrame, "response">): void {
    const waiting = this.#waiting.get(frame.id);
    if (!waiting) return;
    if (frame.error !== undefined) {
      this.#fail(frame.id, new RequestFailedError(this.#zone, frame.error));
      return;
    }
    waiting.sizeBytes += frame.part.length;
    if (waiting.sizeBytes > maxAnswerSizeBytes) {
      this.#fail(frame.id, new RequestFailedError(this.#zone, `more than ${maxAnswerSizeBytes} bytes`));
      return;
    }
    waiting.parts.push(frame.part);
    if (!frame.last) return;
    this.#forget(frame.id, waiting);
    waiting.resolve(Buffer.concat(waiting.parts).toString());
  }

  /** The stream ended. */
  failAll(): void {
    for (const id of [...this.#waiting.keys()]) this.#fail(id, new ZoneOfflineError(this.#zone));
  }

  #fail(id: number, error: Error): void {
    const waiting = this.#waiting.get(id);
    if (!waiting) return;
    this.#forget(id, waiting);
    waiting.reject(error);
  }

  #forget(id: number, waiting: Waiting): void {
    clearTimeout(waiting.timer);
    this.#waiting.delete(id);
  }
}
