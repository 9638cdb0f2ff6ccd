import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { errorMessage } from "@meridian/base";
import { CommandFailure } from "../failure.ts";
import type { CliIo } from "../io.ts";

/** Text of one file, and what to call it in messages. */
export interface SourceText {
  readonly source: string;
  readonly text: string;
}

/** Reads `-`, a URL, a file, or every YAML and JSON file below a folder, in order of name. */
export async function readSources(io: CliIo, names: readonly string[]): Promise<readonly SourceText[]> {
  const sources: SourceText[] = [];
  for (const name of names) sources.push(...(await readSource(io, name)));
  return sources;
}

async function readSource(io: CliIo, name: string): Promise<readonly SourceText[]> {
  if (name === "-") return [{ source: "stdin", text: await io.stdin() }];
  if (/^https?:\/\//.test(name)) return [{ source: name, text: await download(io, name) }];
  try {
    if (!(await stat(name)).isDirectory()) return [{ source: name, text: await readFile(name, "utf8") }];
    const files = await filesBelow(name);
    if (files.length === 0) throw new Error("it holds no .yaml, .yml or .json file");
    return await Promise.all(files.map(async (file) => ({ source: file, text: await readFile(file, "utf8") })));
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code === "ENOENT" ? "no such file or folder" : errorMessage(error);
    throw new CommandFailure(`${name} cannot be read: ${reason}`, { cause: error });
  }
}

async function filesBelow(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  return entries
    .filter((entry) => entry.isFile() && /\.(ya?ml|json)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

const downloadTimeoutMs = 30_000;

async function download(io: CliIo, url: string): Promise<string> {
  const answer = await io.fetch(url, { signal: AbortSignal.timeout(downloadTimeoutMs) }).catch((error: unknown) => {
    const cause = error instanceof Error ? (error.cause ?? error) : error;
    throw new CommandFailure(`${url} cannot be read: ${errorMessage(cause)}`, { cause: error });
  });
  if (!answer.ok) throw new CommandFailure(`${url} cannot be read: the server answered ${answer.status}`);
  return answer.text();
}
