import { Readable } from "node:stream";
import type { FastifyInstance, FastifyReply } from "fastify";

declare module "fastify" {
  interface FastifyInstance {
    /** Aborts when the server closes, so that open streams end. */
    readonly closing: AbortSignal;
  }
}

export function endStreamsOnClose(app: FastifyInstance): void {
  const abort = new AbortController();
  app.decorate("closing", abort.signal);
  app.addHook("preClose", async () => abort.abort());
}

/**
 * Answers with what `produce` yields, as it yields it. A slow reader slows the producer down; its signal aborts when the reader
 * leaves or the server closes.
 */
export function sendStream(
  app: FastifyInstance,
  reply: FastifyReply,
  contentType: string,
  produce: (signal: AbortSignal) => AsyncGenerator<string, void, void>,
): FastifyReply {
  const gone = new AbortController();
  reply.raw.once("close", () => gone.abort());
  const signal = AbortSignal.any([gone.signal, app.closing]);
  const body = Readable.from(produce(signal), { objectMode: false });
  return (
    reply
      .header("content-type", contentType)
      .header("cache-control", "no-store")
      // A proxy in front must not collect events until its buffer is full.
      .header("x-accel-buffering", "no")
      .send(body)
  );
}

/**
 * Waits for calls of `wake`, at most `timeoutMs` each time: `next` says whether it was woken. Calls while nobody waits are one
 * call: a burst is one step.
 */
export class WakeUp {
  #pending = false;
  #resolve: (() => void) | undefined;

  readonly wake = (): void => {
    this.#pending = true;
    this.#resolve?.();
  };

  async next(timeoutMs: number, signal: AbortSignal): Promise<boolean> {
    if (!this.#pending && !signal.aborted) await this.#sleep(timeoutMs, signal);
    const woken = this.#pending;
    this.#pending = false;
    return woken;
  }

  #sleep(timeoutMs: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        signal.removeEventListener("abort", done);
        this.#resolve = undefined;
        resolve();
      };
      const timer = setTimeout(done, timeoutMs);
      signal.addEventListener("abort", done, { once: true });
      this.#resolve = done;
    });
  }
}
