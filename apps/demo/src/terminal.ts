const isTerminal = process.stdout.isTTY === true && !process.env["NO_COLOR"];

function paint(code: number, text: string): string {
  return isTerminal ? `\u001b[${code}m${text}\u001b[0m` : text;
}

export const bold = (text: string): string => paint(1, text);
export const dim = (text: string): string => paint(2, text);
export const green = (text: string): string => paint(32, text);
export const red = (text: string): string => paint(31, text);

const started = performance.now();

/** One thing that became true, with the time since the start. */
export function done(what: string): void {
  const seconds = ((performance.now() - started) / 1000).toFixed(1).padStart(5);
  process.stdout.write(`${dim(`${seconds} s`)}  ${green("✓")} ${what}\n`);
}

export function say(text = ""): void {
  process.stdout.write(`${text}\n`);
}

/** Rewrites the lines that the last call wrote; where nobody watches, prints them as new lines. */
export function createPanel(): (lines: readonly string[]) => void {
  let height = 0;
  return (lines) => {
    if (isTerminal && height > 0) process.stdout.write(`\u001b[${height}A\u001b[J`);
    process.stdout.write(`${lines.join("\n")}\n`);
    height = lines.length;
  };
}
