import type { FeedChange, FeedLine } from "./answers/history.ts";
import { describeConnectionFailure, UnexpectedAnswer } from "./errors.ts";
import { readLines } from "./lines.ts";
import type { Requester } from "./requester.ts";

/** The control plane sends a blank line at least every 10 s. */
const defaultSilenceMs = 35_000;

export interface FeedOptions {
  readonly path: string;
  readonly signal: AbortSignal;
  /** How long nothing may be heard. Default 35 s. */
  readonly silenceMs?: number;
}

/** Lines of the change feed. A connection that falls silent is given up: its other end may be gone without a word. */
export async function* readFeed(requester: Requester, options: FeedOptions): AsyncGenerator<FeedLine, void, void> {
  const { path, signal, silenceMs = defaultSilenceMs } = options;
  const silence = new AbortController();
  let timer = giveUpLater(silence, silenceMs);
  try {
    const body = await requester.stream(path, AbortSignal.any([signal, silence.signal]));
    for await (const line of readLines(body)) {
      clearTimeout(timer);
      if (line !== "") yield parseLine(line, requester.address);
      timer = giveUpLater(silence, silenceMs);
    }
  } catch (error) {
    if (signal.aborted) return;
    throw silence.signal.aborted ? describeConnectionFailure(requester.address, silence.signal.reason, silenceMs) : error;
  } finally {
    clearTimeout(timer);
    // Whoever stops reading hangs up.
    silence.abort();
  }
}

function giveUpLater(silence: AbortController, silenceMs: number): NodeJS.Timeout {
  return setTimeout(() => silence.abort(new DOMException("nothing was heard", "TimeoutError")), silenceMs).unref();
}

function parseLine(line: string, address: string): FeedLine {
  try {
    const parsed = JSON.parse(line) as FeedChange | { readonly lastRevision: number };
    return "lastRevision" in parsed ? parsed : { change: parsed };
  } catch {
    throw new UnexpectedAnswer(address, "a line that is not JSON");
  }
}
