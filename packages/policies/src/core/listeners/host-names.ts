/** Every host. */
export const anyHost = "*";

/** Names are compared in lower case; nothing means every host. */
export function hostPattern(hostname: string | undefined): string {
  return hostname ? hostname.toLowerCase() : anyHost;
}

/** Whether every host that `narrow` means, `wide` means too: `*` is every host, `*.example.com` all below `example.com`. */
export function coversHost(wide: string, narrow: string): boolean {
  if (wide === anyHost || wide === narrow) return true;
  return wide.startsWith("*.") && narrow.endsWith(wide.slice(1));
}

/** What two patterns have in common: the narrower one, if the other covers it; undefined: no host. */
export function commonHosts(a: string, b: string): string | undefined {
  if (coversHost(a, b)) return b;
  return coversHost(b, a) ? a : undefined;
}

/** Positive when `a` is the more specific one: a whole name before patterns, a longer pattern before a shorter one. */
export function compareHosts(a: string, b: string): number {
  return Number(isWhole(a)) - Number(isWhole(b)) || a.length - b.length;
}

function isWhole(pattern: string): boolean {
  return !pattern.startsWith("*");
}
