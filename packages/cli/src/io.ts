import { homedir } from "node:os";
import { text } from "node:stream/consumers";

export interface TextOutput {
  write(text: string): unknown;
}

/** Everything a command touches of its process, so that tests run commands without one. */
export interface CliIo {
  /** Answers only: they can be piped. */
  readonly stdout: TextOutput;
  /** Progress, warnings and errors. */
  readonly stderr: TextOutput;
  /** Reads standard input to its end. */
  readonly stdin: () => Promise<string>;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly fetch: typeof globalThis.fetch;
  /** Both outputs are terminals: colours, and progress that is rewritten in place. */
  readonly isTty: boolean;
  readonly homeDirectory: string;
  readonly version: string;
  /** Milliseconds; only differences count. */
  readonly now: () => number;
  /** Ends commands that go on until they are told to stop; absent: they end with the process. */
  readonly interrupt?: AbortSignal;
}

export function processIo(version: string): CliIo {
  return {
    stdout: process.stdout,
    stderr: process.stderr,
    stdin: () => text(process.stdin),
    env: process.env,
    fetch: globalThis.fetch,
    isTty: process.stdout.isTTY === true && process.stderr.isTTY === true,
    homeDirectory: homedir(),
    version,
    now: () => performance.now(),
  };
}
