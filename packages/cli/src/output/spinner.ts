import type { CliIo } from "../io.ts";

const frames = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
const patienceMs = 1_000;
const frameMs = 100;

/**
 * Runs `work`; where it takes longer than a second, a line on stderr says what it is at. Only on a terminal, and gone when the work
 * is done: what is piped or logged stays clean.
 */
export async function withProgress<T>(io: CliIo, work: (say: (text: string) => void) => Promise<T>): Promise<T> {
  if (!io.isTty) return work(() => undefined);
  const startedMs = io.now();
  let text = "waiting for the control plane";
  let frame = 0;
  let isShown = false;
  const timer = setInterval(() => {
    if (io.now() - startedMs < patienceMs) return;
    isShown = true;
    io.stderr.write(`\r\u001b[K${frames[frame++ % frames.length]} ${text} …`);
  }, frameMs);
  try {
    return await work((said) => {
      text = said;
    });
  } finally {
    clearInterval(timer);
    if (isShown) io.stderr.write("\r\u001b[K");
  }
}
