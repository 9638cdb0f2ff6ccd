import { TemplateProblem, type Value } from "./value.ts";

/** What an action computes: commands in a row, each given the result of the one before as its last argument. */
export interface Pipeline {
  /** `$x := …` or `$x = …`: nothing is printed. */
  readonly assigns?: { readonly variable: string; readonly declares: boolean };
  readonly commands: readonly (readonly Operand[])[];
}

export type Operand =
  | { readonly constant: Value }
  | { readonly dot: true }
  | { readonly field: string }
  | { readonly variable: string }
  | { readonly call: string }
  | { readonly pipeline: Pipeline };

/** Far more than a name needs; it bounds recursion over what a user wrote. */
const maxDepth = 50;

const tokenPattern =
  /\s+|"(?:[^"\\\n]|\\.)*"|`[^`]*`|[()|]|:=|=|\$[\p{L}\p{Nd}_]*|\.[\p{L}_][\p{L}\p{Nd}_]*|\.|-?\d+(?:\.\d+)?|[\p{L}_][\p{L}\p{Nd}_]*/uy;

function tokensOf(source: string): readonly string[] {
  const tokens: string[] = [];
  tokenPattern.lastIndex = 0;
  while (tokenPattern.lastIndex < source.length) {
    const at = tokenPattern.lastIndex;
    const token = tokenPattern.exec(source)?.[0];
    if (token === undefined)
      throw new TemplateProblem(`unexpected ${JSON.stringify(source.slice(at, at + 1))} in {{ ${source} }}`);
    tokens.push(token);
  }
  return tokens;
}

/** @param functions that may be called. @throws TemplateProblem */
export function parsePipeline(source: string, functions: ReadonlySet<string>): Pipeline {
  const reader = { tokens: tokensOf(source), at: 0, functions, source };
  const pipeline = readPipeline(reader, 0);
  if (reader.at < reader.tokens.length) throw unexpected(reader);
  return pipeline;
}

interface Reader {
  readonly tokens: readonly string[];
  readonly functions: ReadonlySet<string>;
  readonly source: string;
  at: number;
}

function unexpected({ tokens, at, source }: Reader): TemplateProblem {
  const action = source === "" ? "an empty action" : `{{ ${source} }}`;
  return new TemplateProblem(at < tokens.length ? `unexpected ${tokens[at]} in ${action}` : `${action} ends too early`);
}

function skipSpace(reader: Reader): string | undefined {
  while (/^\s/.test(reader.tokens[reader.at] ?? "")) reader.at += 1;
  return reader.tokens[reader.at];
}

function readPipeline(reader: Reader, depth: number): Pipeline {
  if (depth > maxDepth) throw new TemplateProblem("is nested too deeply");
  const assigns = readAssignment(reader);
  const commands = [readCommand(reader, depth)];
  while (skipSpace(reader) === "|") {
    reader.at += 1;
    commands.push(readCommand(reader, depth));
  }
  return { ...(assigns && { assigns }), commands };
}

function readAssignment(reader: Reader): Pipeline["assigns"] {
  const start = reader.at;
  const variable = skipSpace(reader);
  if (variable?.startsWith("$")) {
    reader.at += 1;
    const operator = skipSpace(reader);
    if (operator === ":=" || operator === "=") {
      reader.at += 1;
      return { variable, declares: operator === ":=" };
    }
  }
  reader.at = start;
  return undefined;
}

function readCommand(reader: Reader, depth: number): readonly Operand[] {
  const operands: Operand[] = [];
  for (let token = skipSpace(reader); token !== undefined && token !== "|" && token !== ")"; token = skipSpace(reader)) {
    operands.push(readOperand(reader, token, depth));
    // `.Name.Other` and `"a""b"` are not two operands.
    const next = reader.tokens[reader.at];
    if (next !== undefined && !/^\s|^[|)]$/.test(next)) throw unexpected(reader);
  }
  if (operands.length === 0) throw unexpected(reader);
  return operands;
}

function readOperand(reader: Reader, token: string, depth: number): Operand {
  if (token === "(") {
    reader.at += 1;
    const pipeline = readPipeline(reader, depth + 1);
    if (skipSpace(reader) !== ")") throw unexpected(reader);
    reader.at += 1;
    return { pipeline };
  }
  if (token === ":=" || token === "=") throw unexpected(reader);
  reader.at += 1;
  if (token === ".") return { dot: true };
  if (token.startsWith(".")) return { field: token.slice(1) };
  if (token.startsWith("$")) return { variable: token };
  if (token.startsWith("`")) return { constant: token.slice(1, -1) };
  if (token.startsWith('"')) return { constant: unquote(token) };
  if (/^-?\d/.test(token)) return { constant: Number(token) };
  if (token === "true" || token === "false") return { constant: token === "true" };
  if (token === "nil") return { constant: undefined };
  if (!reader.functions.has(token)) throw new TemplateProblem(`function "${token}" not defined`);
  return { call: token };
}

function unquote(literal: string): string {
  try {
    return String(JSON.parse(literal));
  } catch {
    throw new TemplateProblem(`${literal} is not a quoted text`);
  }
}
