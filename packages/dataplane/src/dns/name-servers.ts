import { readFile } from "node:fs/promises";
import { isIP } from "node:net";
import type { NameServer } from "./ask.ts";

const dnsPort = 53;

/** The name servers of the host, in order (resolv.conf(5)); none where the file cannot be read. */
export async function readNameServers(file: string): Promise<readonly NameServer[]> {
  return parseNameServers(await readFile(file, "utf8").catch(() => ""));
}

export function parseNameServers(text: string): readonly NameServer[] {
  return text.split("\n").flatMap((line) => {
    const [, host = ""] = /^\s*nameserver\s+(\S+)/.exec(line) ?? [];
    // Of `fe80::1%eth0`, the scope belongs to the address.
    return isIP(host.split("%")[0] ?? "") === 0 ? [] : [{ host, port: dnsPort }];
  });
}
