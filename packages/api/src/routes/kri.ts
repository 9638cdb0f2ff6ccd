import { kri, labelNames, renderResource } from "@meridian/model";
import type { FastifyInstance } from "fastify";
import { assertAccess } from "../http/access.ts";
import { badRequest, notFound } from "../http/errors.ts";
import { one, type Query } from "../http/query.ts";
import type { ApiDeps } from "../ports.ts";
import { parseFormat, read } from "./resources.ts";

/** `GET /_kri/kri_<short>_<mesh>_<zone>_<namespace>_<name>_<section>` (reference: rest-api.md 3.2). */
export function kriRoutes(app: FastifyInstance, deps: ApiDeps): void {
  const config = { title: "Could not retrieve a resource" };
  app.get<{ Params: { kri: string } }>("/_kri/:kri", { config }, async (request) => {
    const format = parseFormat(one(request.query as Query, "format"));
    const { kind, mesh, zone, namespace, name } = parseKri(request.params.kri, deps);
    assertAccess(request.user, kind);
    // The plain name first; a resource that was synced carries its own name as a label.
    const plain = await read(deps, kind, { mesh, name });
    const wanted = ["kri", kind.shortName, mesh, zone, namespace, name, ""].join("_");
    if (plain && kri(plain, deps.kinds) === wanted) return renderResource(plain, deps.kinds, format);
    const candidates = await deps.store.list(kind.kind, {
      ...(kind.scope === "mesh" && { mesh }),
      labels: { [labelNames.displayName]: name },
    });
    const found = candidates.find((candidate) => kri(candidate, deps.kinds) === wanted);
    if (!found) throw notFound("Could not retrieve a resource");
    return renderResource(found, deps.kinds, format);
  });
}

function parseKri(text: string, deps: ApiDeps) {
  const [prefix, shortName, mesh, zone, namespace, name, section, ...rest] = text.split("_");
  const kind = deps.kinds.all.find((candidate) => candidate.shortName !== undefined && candidate.shortName === shortName);
  const isComplete = mesh !== undefined && zone !== undefined && namespace !== undefined && section !== undefined;
  if (prefix !== "kri" || !isComplete || !name || rest.length > 0) {
    throw badRequest("not a KRI: kri_<short>_<mesh>_<zone>_<namespace>_<name>_<section> was expected");
  }
  if (!kind) throw badRequest(`not a KRI: no kind has the short name "${shortName}"`);
  return { kind, mesh, zone, namespace, name };
}
