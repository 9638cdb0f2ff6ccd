import { fieldAt, type Json } from "../envoy/json.ts";
import { listText } from "./words.ts";

/** What a proxy answers by itself, without asking a server. */
export interface OwnAnswer {
  readonly status: number;
  readonly text: string;
  /** It says that nobody can serve the request. */
  readonly isError: boolean;
}

/** RedirectAction.RedirectResponseCode. */
const redirectCodes: Readonly<Record<string, number>> = {
  MOVED_PERMANENTLY: 301,
  FOUND: 302,
  SEE_OTHER: 303,
  TEMPORARY_REDIRECT: 307,
  PERMANENT_REDIRECT: 308,
};

/** Undefined for a route that leads to servers. */
export function answerOf({ redirect, directResponse }: Json): OwnAnswer | undefined {
  if (directResponse) {
    const status = Number(fieldAt(directResponse, "status") ?? 200);
    return { status, text: `the client's proxy answers ${status} by itself`, isError: status >= 400 };
  }
  if (!redirect) return undefined;
  const fields = redirect as Json;
  const status = redirectCodes[String(fields["responseCode"] ?? "MOVED_PERMANENTLY")] ?? 301;
  const changes = ["scheme", "host", "port", "path"].flatMap((part) => {
    const value = fields[`${part}Redirect`] ?? (part === "path" ? fields["prefixRewrite"] : undefined);
    return value ? [`${part} ${String(value)}`] : [];
  });
  const where = changes.length > 0 ? ` to ${listText(changes)}` : "";
  return { status, text: `the client's proxy redirects with ${status}${where}`, isError: false };
}
