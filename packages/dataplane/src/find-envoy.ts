import { constants } from "node:fs";
import { access } from "node:fs/promises";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { EnvoyNotFoundError } from "./errors.ts";
import { cachedEnvoyPath, fetchEnvoy } from "./fetch-envoy.ts";

export interface FindEnvoyOptions {
  /** Of the flag `--envoy-path`; used or refused, never replaced by another Envoy. */
  readonly envoyPath?: string;
  /** Where a fetched Envoy is kept; `defaultCacheDirectory` when absent. */
  readonly cacheDirectory?: string;
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Called before a download, which takes a while. */
  readonly onFetch?: () => void;
}

/** `MERIDIAN_CACHE`, else `~/.cache/meridian`. */
export function defaultCacheDirectory(environment: Readonly<Record<string, string | undefined>> = process.env): string {
  return environment["MERIDIAN_CACHE"] || join(homedir(), ".cache", "meridian");
}

/**
 * The path of an Envoy that can be run: the flag, `ENVOY_PATH`, `envoy` on PATH, the cache, or else fetched into the cache.
 * @throws EnvoyNotFoundError with the reason and the way out.
 */
export async function findEnvoy(options: FindEnvoyOptions = {}): Promise<string> {
  const environment = options.environment ?? process.env;
  const named = options.envoyPath || environment["ENVOY_PATH"];
  if (named) {
    if (await isExecutable(named)) return named;
    throw new EnvoyNotFoundError(`${named} (of ${options.envoyPath ? "--envoy-path" : "ENVOY_PATH"}) is not an executable file`);
  }
  for (const folder of (environment["PATH"] ?? "").split(delimiter)) {
    if (folder !== "" && (await isExecutable(join(folder, "envoy")))) return join(folder, "envoy");
  }
  const cacheDirectory = options.cacheDirectory ?? defaultCacheDirectory(environment);
  const cached = cachedEnvoyPath(cacheDirectory);
  if (await isExecutable(cached)) return cached;
  options.onFetch?.();
  return fetchEnvoy(cacheDirectory, () => isExecutable(cached));
}

function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
