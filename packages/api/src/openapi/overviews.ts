import type { KindDefinition, KindRegistry } from "@meridian/model";
import { fieldNameOf, overviewPathsOf } from "../kinds.ts";
import { proxyProgress } from "./convergence.ts";
import { listParameters } from "./kind-paths.ts";
import { envelopeOf, pageOf, specSchema } from "./kind-schemas.ts";
import { answer, operation, path } from "./operation.ts";
import { anyObject, count, type Json, list, object, record, ref, text, time, whole } from "./schema.ts";

/** Beyond the peer: how far the zone is, and what its proxies refuse. */
const state: Json = {
  unknownSince: { ...time, description: "When it was heard last; absent when it is, or never was." },
  lag: record({ revisions: count, ms: count }),
  rejections: list(ref("Rejection")),
};
const zoneState: Json = {
  status: { enum: ["online", "unknown", "disabled"] },
  ...state,
  revision: whole,
  convergedRevision: whole,
  proxies: proxyProgress,
};
const proxyState: Json = { status: { enum: ["online", "offline", "partially_degraded", "unknown"] }, ...state, zone: text };

/** A resource beside its insight, as `routes/overviews.ts` writes it. */
export function overviewSchemas(kind: KindDefinition, kinds: KindRegistry): Json {
  if (!kind.hasOverview) return {};
  const name = `${kind.kind}Overview`;
  const field = fieldNameOf(kind.kind);
  const { properties, required } = envelopeOf(kind, name);
  const insight = kinds.get(`${kind.kind}Insight`);
  const overview = object([...required, field, `${field}Insight`, "status"], {
    ...properties,
    [field]: specSchema(kind),
    [`${field}Insight`]: insight ? specSchema(insight) : anyObject,
    ...(kind.kind === "Zone" ? zoneState : proxyState),
  });
  return { [name]: overview, [`${name}List`]: pageOf(ref(name)) };
}

export function overviewPaths(kind: KindDefinition): Json {
  if (!kind.hasOverview) return {};
  const { lists, items } = overviewPathsOf(kind, "{mesh}", "{name}");
  const numbered = (id: string, index: number): string => `${id}${kind.kind}${index === 0 ? "" : index + 1}`;
  const page = (index: number): Json =>
    operation({
      id: numbered("overviews", index),
      tag: kind.kind,
      summary: `${kind.pluralDisplayName} with their insights and states`,
      parameters: listParameters(kind),
      answers: { "200": answer("A page of overviews", ref(`${kind.kind}OverviewList`)) },
      refusals: ["404"],
    });
  const one = (index: number): Json =>
    operation({
      id: numbered("overview", index),
      tag: kind.kind,
      summary: `A ${kind.singularDisplayName} with its insight and state`,
      answers: { "200": answer("The overview", ref(`${kind.kind}Overview`)) },
      refusals: ["404"],
    });
  return Object.assign(
    {},
    ...lists.map((url, index) => path(url, { get: page(index) })),
    ...items.map((url, index) => path(url, { get: one(index) })),
  );
}
