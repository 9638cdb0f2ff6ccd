import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { hostname, networkInterfaces } from "node:os";
import { join } from "node:path";
import { type HostPort, MeridianError } from "@meridian/base";
import { generateServerCertificate } from "@meridian/pki";

export interface ServerCertificate {
  readonly certPem: string;
  readonly keyPem: string;
  /** File of the certificate; what a client may be given as CA when the certificate was generated. */
  readonly certFile: string;
}

export interface ServerCertificateOptions {
  readonly certFile: string | undefined;
  readonly keyFile: string | undefined;
  /** Where a generated pair is kept, so that clients that were given it as CA go on trusting it after a restart. */
  readonly directory: string;
  readonly name: string;
  readonly extraHosts?: readonly string[];
}

const tenYearsMs = 10 * 365 * 24 * 3_600_000;

/** Reads the given pair, or the pair generated earlier, or generates one for every name and address of this machine. */
export async function serverCertificate(options: ServerCertificateOptions): Promise<ServerCertificate> {
  if ((options.certFile === undefined) !== (options.keyFile === undefined)) {
    throw new MeridianError("TLS_FILES", `certificate and key of ${options.name} must be given together`);
  }
  const certFile = options.certFile ?? join(options.directory, `${options.name}.crt`);
  const keyFile = options.keyFile ?? join(options.directory, `${options.name}.key`);
  if (options.certFile === undefined && !(existsSync(certFile) && existsSync(keyFile))) {
    await mkdir(options.directory, { recursive: true });
    const hosts = [...new Set(["localhost", hostname(), ...localAddresses(), ...(options.extraHosts ?? [])])];
    const pair = await generateServerCertificate({ hosts, validForMs: tenYearsMs, now: new Date() });
    await writeFile(keyFile, pair.keyPem, { mode: 0o600 });
    await writeFile(certFile, pair.certPem);
  }
  return { certPem: await readFile(certFile, "utf8"), keyPem: await readFile(keyFile, "utf8"), certFile };
}

/** Names of a generated certificate beside the machine's own: the address listened on, and those that the user adds, comma-separated. */
export function generatedNames(listenAt: HostPort, added: string): readonly string[] {
  const isWildcard = listenAt.host === "0.0.0.0" || listenAt.host === "::";
  return [...(isWildcard ? [] : [listenAt.host]), ...added.split(",").filter((host) => host !== "")];
}

function localAddresses(): readonly string[] {
  const addresses = Object.values(networkInterfaces()).flatMap((list) =>
    (list ?? []).map((entry) => entry.address.replace(/%.*$/, "")),
  );
  return ["127.0.0.1", "::1", ...addresses];
}
