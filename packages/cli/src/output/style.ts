import type { CliIo } from "../io.ts";

export interface TextStyle {
  bold(text: string): string;
  dim(text: string): string;
  good(text: string): string;
  warn(text: string): string;
  bad(text: string): string;
}

const plain = (text: string): string => text;
const code = (open: number, close: number) => (text: string) => `\u001b[${open}m${text}\u001b[${close}m`;

const coloured: TextStyle = { bold: code(1, 22), dim: code(2, 22), good: code(32, 39), warn: code(33, 39), bad: code(31, 39) };
const uncoloured: TextStyle = { bold: plain, dim: plain, good: plain, warn: plain, bad: plain };

/** Colours only on a terminal, and not where `NO_COLOR` is set to anything (no-color.org). */
export function styleOf(io: Pick<CliIo, "isTty" | "env">): TextStyle {
  return io.isTty && !io.env["NO_COLOR"] ? coloured : uncoloured;
}
