import { authorityPort, splitUrl } from "../fragments/url.ts";

/** Where a collector of spans is. */
export interface TraceUrl {
  readonly host: string;
  readonly port: number;
  readonly path: string;
  readonly isTls: boolean;
}

/** The scheme tells a port that is not written; the peer sends to port 0 then. Undefined: `text` is no URL. */
export function traceUrl(text: string): TraceUrl | undefined {
  const url = splitUrl(text);
  if (!url?.host) return undefined;
  const isTls = url.scheme === "https";
  return {
    host: url.host.replace(/^\[|\]$/g, ""),
    port: authorityPort(url.port) ?? (isTls ? 443 : 80),
    path: `${url.path || "/"}${url.query && `?${url.query}`}`,
    isTls,
  };
}
