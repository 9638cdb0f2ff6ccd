import { type ExternalServiceSpec, type ResourceInput, type Tags, tagNames, type Violation } from "@meridian/model";
import type { BatchView } from "./batch-view.ts";

/** As much of a RateLimit as this rule looks at. */
interface RateLimitSpec {
  readonly destinations?: readonly { readonly match?: Tags }[];
}

/**
 * Clients limit themselves towards an external service, of which they know nothing but its name: a RateLimit for one may name no
 * other tag. Asked of both kinds, and of both in one batch. Two writers at the same moment can still get past it; then such a limit
 * only limits nothing. Source: resources-legacy.md sections 9 and 13.
 */
export async function checkRateLimits(resource: ResourceInput, view: BatchView): Promise<readonly Violation[]> {
  if (resource.kind === "RateLimit") return checkRateLimit(resource as ResourceInput<RateLimitSpec>, view);
  if (resource.kind === "ExternalService") return checkExternalService(resource as ResourceInput<ExternalServiceSpec>, view);
  return [];
}

async function checkRateLimit({ mesh, spec }: ResourceInput<RateLimitSpec>, view: BatchView): Promise<readonly Violation[]> {
  const narrow = narrowServices(spec);
  if (narrow.length === 0) return [];
  const externals = await view.resultingAll<ExternalServiceSpec>("ExternalService", mesh);
  const isHit = externals.some((external) => isAmong(external.spec.tags[tagNames.service], narrow));
  const message = `RateLimit applied to external service only supports ${tagNames.service} as destination match`;
  return isHit ? [{ path: "ratelimit", message }] : [];
}

async function checkExternalService(
  { mesh, spec }: ResourceInput<ExternalServiceSpec>,
  view: BatchView,
): Promise<readonly Violation[]> {
  const limits = await view.resultingAll<RateLimitSpec>("RateLimit", mesh);
  const service = spec.tags[tagNames.service];
  return limits
    .filter((limit) => isAmong(service, narrowServices(limit.spec)))
    .map(({ name }) => ({
      path: "externalservice",
      message: `ExternalService would match RateLimit '${name}' which includes incompatible destination matches`,
    }));
}

/** Services, `*` for any, of destinations that name other tags too. */
function narrowServices({ destinations = [] }: RateLimitSpec): readonly string[] {
  return destinations.flatMap(({ match = {} }) => {
    const service = match[tagNames.service];
    return service !== undefined && Object.keys(match).length > 1 ? service : [];
  });
}

function isAmong(service: string | undefined, narrow: readonly string[]): boolean {
  return service !== undefined && (narrow.includes("*") || narrow.includes(service));
}
