import type { FastifyInstance } from "fastify";
import { docsPage } from "../docs/page.ts";
import { openApiDocument } from "../openapi/document.ts";
import type { ApiDeps } from "../ports.ts";

/** The API's own description: `/openapi.json` for tools, `/docs` for people. */
export function docsRoutes(app: FastifyInstance, deps: ApiDeps): void {
  // Made when somebody asks for the first time: most control planes are never asked.
  const document = once(() => openApiDocument(deps));
  const page = once(() => docsPage(document()));
  app.get("/openapi.json", { config: { isStoreless: true } }, async () => document());
  app.get("/docs", { config: { isStoreless: true } }, async (_request, reply) =>
    reply
      .header("content-type", "text/html; charset=utf-8")
      .header("content-security-policy", "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'")
      .send(page()),
  );
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
