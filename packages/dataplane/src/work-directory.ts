import { createHash } from "node:crypto";
import { lstat, mkdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DataplaneInputError } from "./errors.ts";

/** `sun_path` holds 108 bytes; the peer cuts its socket names at 98, and the longest name that we add has 24. */
const maxPathBytes = 98 - "/kuma-envoy-admin.sock".length;

export interface ProxyPlace {
  readonly controlPlaneUrl: string;
  readonly mesh: string;
  readonly name: string;
}

/**
 * The directory of a proxy that was given none: short, and the same after a restart, so that a new supervisor finds what an old one
 * left behind. Proxies of different control planes may have equal names.
 */
export function defaultWorkDirectory({ controlPlaneUrl, mesh, name }: ProxyPlace): string {
  const user = process.getuid?.() ?? 0;
  const digest = createHash("sha256")
    .update(JSON.stringify([user, controlPlaneUrl, mesh, name]))
    .digest("hex");
  return join(tmpdir(), `meridian-dp-${digest.slice(0, 12)}`);
}

/**
 * A socket or pipe for Envoy in the work directory, at the path that the control plane computes too (dataplane-protocol.md section 9).
 * @param name without `.sock`: `kuma-al-<proxy>-<mesh>`
 */
export function socketPath(workDirectory: string, name: string): string {
  return `${`${workDirectory}/${name}`.slice(0, 98)}.sock`;
}

/**
 * Makes the directory, for this user only: the bootstrap in it holds the token.
 * @throws DataplaneInputError when the path is too long for sockets, or belongs to somebody else.
 */
export async function prepareWorkDirectory(path: string): Promise<void> {
  if (Buffer.byteLength(path) > maxPathBytes) {
    throw new DataplaneInputError(`the work directory ${path} is too long for unix sockets: at most ${maxPathBytes} bytes`);
  }
  await mkdir(path, { recursive: true, mode: 0o700 });
  // In a shared directory like /tmp anybody could have made it before us.
  const stats = await lstat(path);
  const isOurs = stats.isDirectory() && (process.getuid === undefined || stats.uid === process.getuid());
  if (!isOurs || (stats.mode & 0o022) !== 0) {
    throw new DataplaneInputError(`the work directory ${path} must be a directory that only this user can write to`);
  }
}
