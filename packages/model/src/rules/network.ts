import { isIP } from "node:net";
import type { Violation } from "../violation.ts";

/** A port in 1..65535; absent counts as 0, as in proto JSON. */
export function validatePort(path: string, port: number | undefined): readonly Violation[] {
  const ok = port !== undefined && Number.isInteger(port) && port >= 1 && port <= 65_535;
  return ok ? [] : [{ path, message: "port must be in the range [1, 65535]" }];
}

const domainName =
  /^(?=.{1,253}\.?$)[a-zA-Z0-9_]([-a-zA-Z0-9_]{0,61}[a-zA-Z0-9_])?(\.[a-zA-Z0-9_]([-a-zA-Z0-9_]{0,61}[a-zA-Z0-9_])?)*\.?$/;

/** A DNS name. What looks like an IPv4 address but is none (`300.1.1.1`) is a mistake, not a name. */
export function isDomainName(text: string): boolean {
  return domainName.test(text) && !/^[\d.]+$/.test(text);
}

export function isIpAddress(text: string): boolean {
  return isIP(text) !== 0;
}

/** Address of a proxy: an IP address or a DNS name, never a wildcard address. @param absentMessage what an empty one gets. */
export function validateProxyAddress(path: string, address: string | undefined, absentMessage?: string): readonly Violation[] {
  if (address === undefined || address === "") return absentMessage === undefined ? [] : [{ path, message: absentMessage }];
  if (address === "0.0.0.0" || address === "::") return [{ path, message: "must not be 0.0.0.0 or ::" }];
  if (isIpAddress(address) || isDomainName(address)) return [];
  return [{ path, message: "address has to be valid IP address or domain name" }];
}

export function isLoopback(address: string): boolean {
  return address === "::1" || (isIP(address) === 4 && address.startsWith("127."));
}

/** `HOST:PORT`, IPv6 in brackets. */
export function isHostPort(text: string): boolean {
  const [, host, port] = /^(.+):(\d+)$/.exec(text) ?? [];
  return host !== undefined && Number(port) <= 65_535 && (!host.includes(":") || /^\[[^\]]+\]$/.test(host));
}
