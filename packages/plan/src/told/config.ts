import { type EncodedResource, typeUrls } from "@meridian/envoy";
import { listText, resourceJson } from "@meridian/explain";
import type { ResourceStep } from "../types.ts";
import { type FieldDifference, fieldDifferences, valueText } from "./fields.ts";

/** What has been told of a step in other words already, and how its resources are called. */
export interface ConfigContext {
  /** `routes to benigno`, `cluster benigno v1`, `inbound of web`; the resource's own name where nothing better is known. */
  readonly title: (resource: EncodedResource) => string;
  /** Routes of this resource are told as shares of requests. */
  readonly areRoutesTold: (resource: EncodedResource) => boolean;
  /** mTLS of the mesh is told as such. */
  readonly isMtlsTold: boolean;
}

const fieldsAtMost = 3;

/**
 * What differs in one Envoy resource, as far as nothing better has been said; undefined: nothing. Knows no policy kind: a new one is
 * told by the fields that it sets.
 */
export function configLine(step: ResourceStep, context: ConfigContext): string | undefined {
  const { before, after } = step;
  const resource = after ?? before;
  if (!resource) return undefined;
  const title = context.title(resource);
  if (!before || !after) {
    // Clusters and routes come and go with routes; a listener is what an application sees.
    if (resource.typeUrl !== typeUrls.listener) return undefined;
    return `${title} ${after ? "is new" : "goes"}`;
  }
  if (resource.typeUrl === typeUrls.endpoint) return endpointLine(title, before, after);
  const fields = fieldDifferences(resourceJson(before), resourceJson(after)).filter(
    ({ path }) => !isTold(path, resource, context),
  );
  if (fields.length === 0) return undefined;
  const shown = fields.slice(0, fieldsAtMost).map(fieldText);
  const more = fields.length - shown.length;
  return `${title}: ${listText([...shown, ...(more > 0 ? [`${more} more ${more === 1 ? "field" : "fields"}`] : [])])}`;
}

function isTold(path: readonly string[], { typeUrl, name }: EncodedResource, context: ConfigContext): boolean {
  const resource = { typeUrl, name } as EncodedResource;
  if (path.some((part) => /\.rbac$/.test(part))) return true;
  if (context.isMtlsTold && path.some((part) => mtlsFields.has(part))) return true;
  if (!context.areRoutesTold(resource)) return false;
  return path.some((part) => routeFields.has(part)) || wholeRoutes.has(path.at(-1) ?? "") || path.at(-2) === "routes";
}

const mtlsFields = new Set(["transportSocket", "filterChains", "listenerFilters"]);
const routeFields = new Set(["cluster", "weightedClusters"]);
/** A listener that gets its first filters, or loses all, is one whose outbound is cut no more, or now. */
const wholeRoutes = new Set(["routes", "filters"]);

/** The end of a path says enough for a line; all of it is in the diff of the resource. */
function fieldText({ path, before, after }: FieldDifference): string {
  const telling = path.filter((part) => !/^(\d+|typedConfig|typedExtensionProtocolOptions|value)$/.test(part)).slice(-2);
  return `${telling.join(".")} ${valueText(after)}, was ${valueText(before)}`;
}

function endpointLine(title: string, before: EncodedResource, after: EncodedResource): string {
  const was = countEndpoints(before);
  const is = countEndpoints(after);
  if (was === is) return `${title}: other addresses, weights or priorities`;
  return `${title}: ${is} ${is === 1 ? "endpoint" : "endpoints"}, was ${was}`;
}

function countEndpoints(resource: EncodedResource): number {
  const { endpoints = [] } = resourceJson(resource) as {
    readonly endpoints?: readonly { readonly lbEndpoints?: readonly unknown[] }[];
  };
  return endpoints.reduce((sum, { lbEndpoints = [] }) => sum + lbEndpoints.length, 0);
}
