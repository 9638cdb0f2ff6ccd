import { access, readFile } from "node:fs/promises";

/** What the control plane wants to know of the host. */
export interface HostFacts {
  /** Memory that this process group may use; 0 when unlimited or unknown. */
  readonly maxHeapSizeBytes: number;
  /** The CA bundle of the operating system; empty when none of the usual places has one. */
  readonly systemCaPath: string;
}

/** Of cgroup v2 and v1. */
const memoryLimitFiles = ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"];

const caBundles = [
  "/etc/ssl/certs/ca-certificates.crt",
  "/etc/pki/tls/certs/ca-bundle.crt",
  "/etc/ssl/ca-bundle.pem",
  "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
  "/etc/ssl/cert.pem",
];

/** cgroup v1 says "no limit" as a number near 2^63. */
const unlimitedBytes = 2 ** 60;

export async function readHostFacts(): Promise<HostFacts> {
  return { maxHeapSizeBytes: await readMemoryLimit(), systemCaPath: await findCaBundle() };
}

async function readMemoryLimit(): Promise<number> {
  for (const file of memoryLimitFiles) {
    const limit = Number(await readFile(file, "utf8").catch(() => ""));
    if (limit > 0 && limit < unlimitedBytes) return limit;
  }
  return 0;
}

async function findCaBundle(): Promise<string> {
  for (const file of caBundles) {
    const isReadable = await access(file).then(
      () => true,
      () => false,
    );
    if (isReadable) return file;
  }
  return "";
}
