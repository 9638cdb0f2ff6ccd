import { access, constants, readdir, realpath } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";

export interface PostgresBinaries {
  readonly postgres: string;
  readonly initdb: string;
}

/** Where Debian and its children keep the servers, one folder a major version, without linking them into PATH. */
const debianRoot = "/usr/lib/postgresql";

/** `postgres` with the `initdb` beside it: on PATH, else the newest of Debian's folder. */
export async function findPostgresBinaries(): Promise<PostgresBinaries | undefined> {
  for (const folder of [...pathFolders(), ...(await debianFolders())]) {
    const postgres = await executable(join(folder, "postgres"));
    if (postgres === undefined) continue;
    // PATH often has a link to one of several programs only: initdb lies beside the real file.
    const initdb = await executable(join(dirname(postgres), "initdb"));
    if (initdb !== undefined) return { postgres, initdb };
  }
  return undefined;
}

function pathFolders(): readonly string[] {
  return (process.env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
}

async function debianFolders(): Promise<readonly string[]> {
  const versions = await readdir(debianRoot).catch(() => []);
  return versions.sort((a, b) => Number.parseFloat(b) - Number.parseFloat(a)).map((version) => join(debianRoot, version, "bin"));
}

async function executable(file: string): Promise<string | undefined> {
  try {
    await access(file, constants.X_OK);
    return await realpath(file);
  } catch {
    return undefined;
  }
}
