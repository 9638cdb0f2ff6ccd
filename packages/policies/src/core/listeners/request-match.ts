/** What decides which of two HTTP matches comes first. */
export interface RequestMatch {
  readonly path?: { readonly type: "Exact" | "PathPrefix" | "RegularExpression"; readonly value: string } | undefined;
  readonly method?: string | undefined;
  readonly headers?: readonly unknown[] | undefined;
  readonly queryParams?: readonly unknown[] | undefined;
}

/**
 * The more specific match first (Gateway API, HTTPRouteRule, "Precedence"): exact path, longer prefix, longer expression, any path;
 * then one with a method, more headers, more parameters. Unlike the peer, a prefix `/` counts as any path, so that it
 * does not hide expressions and header matches that were written beside it.
 */
export function compareMatches(a: RequestMatch, b: RequestMatch): number {
  return (
    pathClass(b) - pathClass(a) ||
    (b.path?.value.length ?? 1) - (a.path?.value.length ?? 1) ||
    Number(Boolean(b.method)) - Number(Boolean(a.method)) ||
    (b.headers?.length ?? 0) - (a.headers?.length ?? 0) ||
    (b.queryParams?.length ?? 0) - (a.queryParams?.length ?? 0)
  );
}

export function matchesEveryPath({ path }: RequestMatch): boolean {
  return !path || (path.type === "PathPrefix" && path.value === "/");
}

function pathClass(match: RequestMatch): number {
  if (!match.path || matchesEveryPath(match)) return 0;
  return { Exact: 3, PathPrefix: 2, RegularExpression: 1 }[match.path.type];
}
