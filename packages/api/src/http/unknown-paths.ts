import type { FastifyInstance } from "fastify";
import { plainText } from "./answers.ts";

/**
 * `404: Page Not Found`, or `405: Method Not Allowed` with `Allow` where the path exists for other verbs. The router knows only
 * one verb at a time, so the paths are collected as they are registered.
 */
export function answerUnknownPaths(app: FastifyInstance): void {
  const methodsByUrl = new Map<string, Set<string>>();
  app.addHook("onRoute", (route) => {
    const methods = methodsByUrl.get(route.url) ?? new Set<string>();
    for (const method of [route.method].flat()) methods.add(method);
    methodsByUrl.set(route.url, methods);
  });
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split("?", 1)[0] ?? "";
    const allowed = allowedMethods(methodsByUrl, path);
    if (allowed.length === 0) return plainText(reply, 404, "Page Not Found");
    return plainText(reply.header("allow", allowed.join(", ")), 405, "Method Not Allowed");
  });
}

function allowedMethods(methodsByUrl: ReadonlyMap<string, ReadonlySet<string>>, path: string): readonly string[] {
  const segments = path.split("/");
  const matching = [...methodsByUrl].filter(([url]) => matches(url.split("/"), segments));
  // The most specific pattern owns the path: `/zones/_overview` is not a zone of that name.
  const isStatic = ([url]: readonly [string, unknown]): boolean => !url.includes(":");
  const owners = matching.some(isStatic) ? matching.filter(isStatic) : matching;
  return [...new Set(owners.flatMap(([, methods]) => [...methods]))].sort();
}

function matches(pattern: readonly string[], segments: readonly string[]): boolean {
  if (pattern.length !== segments.length) return false;
  return pattern.every((part, index) => (part.startsWith(":") ? segments[index] !== "" : part === segments[index]));
}
