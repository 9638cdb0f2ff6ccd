/** Parts of a URL as they were written; an absent part is "". */
export interface UrlParts {
  readonly scheme: string;
  readonly user: string;
  readonly host: string;
  readonly port: string;
  readonly path: string;
  readonly query: string;
  readonly fragment: string;
}

const urlPattern =
  /^(?:(?<scheme>[a-zA-Z][a-zA-Z0-9+.-]*):\/\/)?(?:(?<user>[^@/?#\s]*)@)?(?<host>\[[0-9a-fA-F:.]+\]|[a-zA-Z0-9._-]+)(?::(?<port>[^/?#\s]+))?(?<path>\/[^?#\s]*)?(?:\?(?<query>[^#\s]*))?(?:#(?<fragment>\S*))?$/;

/**
 * Takes a URL apart; the scheme may be missing. `URL` of the platform would drop a port that is the scheme's own, which here makes a
 * difference. Undefined when `text` is no URL.
 */
export function splitUrl(text: string): UrlParts | undefined {
  const groups = urlPattern.exec(text)?.groups;
  if (!groups) return undefined;
  const part = (name: string) => groups[name] ?? "";
  return {
    scheme: part("scheme").toLowerCase(),
    user: part("user"),
    host: part("host"),
    port: part("port"),
    path: part("path"),
    query: part("query"),
    fragment: part("fragment"),
  };
}

/** The port as a number; undefined when it is none in 1..65535. */
export function authorityPort(port: string): number | undefined {
  const number = /^\d{1,5}$/.test(port) ? Number(port) : 0;
  return number >= 1 && number <= 65_535 ? number : undefined;
}
