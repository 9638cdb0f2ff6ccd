import { readFile } from "node:fs/promises";
import type { DataSource, SecretSpec } from "@meridian/model";
import type { ResourceReader } from "@meridian/store";

export interface SourceOptions {
  readonly mesh: string;
  /** Absent: nothing is named. */
  readonly source: DataSource | undefined;
  /** What it is for, in words for the log: `the cert of the provided CA of mesh default`. */
  readonly purpose: string;
}

/** The text of a certificate or key. @throws Error naming what is missing; never with the text in it. */
export async function readDataSource(store: ResourceReader, { mesh, source, purpose }: SourceOptions): Promise<string> {
  if (source?.secret !== undefined) return readSecret(store, mesh, source.secret);
  if (source?.inlineString !== undefined) return source.inlineString;
  if (source?.inline !== undefined) return Buffer.from(source.inline, "base64").toString("utf8");
  if (source?.file !== undefined) return readFile(source.file, "utf8");
  throw new Error(`no source is named for ${purpose}`);
}

async function readSecret(store: ResourceReader, mesh: string, name: string): Promise<string> {
  const secret = await store.get<SecretSpec>({ kind: "Secret", mesh, name });
  if (!secret?.spec.data) throw new Error(`secret ${name} of mesh ${mesh} is not there`);
  return Buffer.from(secret.spec.data, "base64").toString("utf8");
}
