import { keyText, parseKeyText, type Resource } from "@meridian/model";
import fc from "fast-check";
import type { ProxyDescription, ViewChange } from "../types.ts";
import { anyMeshLoadBalancingStrategy } from "./arbitrary-balancing.ts";
import { anyGatewayResource } from "./arbitrary-gateway.ts";
import { anyIdentity } from "./arbitrary-identities.ts";
import { anyFaultInjection, anyMeshFaultInjection, anyMeshRateLimit, anyRateLimit } from "./arbitrary-limits.ts";
import { anyMesh } from "./arbitrary-mesh.ts";
import { anyName } from "./arbitrary-names.ts";
import {
  anyMeshAccessLog,
  anyMeshMetric,
  anyMeshTrace,
  anyOpenTelemetryBackend,
  anyTrafficLog,
  anyTrafficTrace,
} from "./arbitrary-observability.ts";
import { anyExternalService, anyMeshExternalService, anyPolicyOnOutside, anyZoneEgress } from "./arbitrary-outside.ts";
import { anyMeshTrafficPermission, anyTrafficPermission } from "./arbitrary-permissions.ts";
import { anyDataplane, anyIngress } from "./arbitrary-proxies.ts";
import { anyLegacyResilience, anyMeshResilience } from "./arbitrary-resilience.ts";
import { anyMeshHttpRoute, anyTrafficRoute } from "./arbitrary-routes.ts";
import {
  anyMeshService,
  anyMeshZoneAddress,
  anyMultiZoneService,
  anyPolicyOnServices,
  anyRouteOfServices,
} from "./arbitrary-services.ts";
import { anyShape } from "./arbitrary-shapes.ts";
import { proxies } from "./arbitrary-world.ts";
import { mesh } from "./resources.ts";

/** Whatever a view may hold; weighted by how much of the generator a kind moves. */
export const anyResource: fc.Arbitrary<Resource> = fc.oneof(
  { weight: 3, arbitrary: anyMesh },
  { weight: 10, arbitrary: anyGatewayResource },
  { weight: 6, arbitrary: anyDataplane },
  { weight: 3, arbitrary: anyIngress },
  { weight: 1, arbitrary: anyMeshAccessLog },
  { weight: 1, arbitrary: anyOpenTelemetryBackend },
  { weight: 1, arbitrary: anyTrafficLog },
  { weight: 1, arbitrary: anyMeshTrace },
  { weight: 1, arbitrary: anyTrafficTrace },
  { weight: 1, arbitrary: anyMeshMetric },
  { weight: 3, arbitrary: anyTrafficRoute },
  { weight: 2, arbitrary: anyTrafficPermission },
  { weight: 2, arbitrary: anyMeshHttpRoute },
  { weight: 4, arbitrary: anyLegacyResilience },
  { weight: 4, arbitrary: anyMeshResilience },
  { weight: 2, arbitrary: anyMeshTrafficPermission },
  { weight: 2, arbitrary: anyMeshLoadBalancingStrategy },
  { weight: 3, arbitrary: anyShape },
  { weight: 1, arbitrary: anyRateLimit },
  { weight: 1, arbitrary: anyFaultInjection },
  { weight: 1, arbitrary: anyMeshRateLimit },
  { weight: 1, arbitrary: anyMeshFaultInjection },
  { weight: 3, arbitrary: anyName },
  { weight: 3, arbitrary: anyIdentity },
  { weight: 1, arbitrary: anyMeshZoneAddress },
  { weight: 4, arbitrary: anyMeshService },
  { weight: 2, arbitrary: anyMultiZoneService },
  { weight: 2, arbitrary: anyRouteOfServices },
  { weight: 1, arbitrary: anyPolicyOnServices },
  { weight: 2, arbitrary: anyZoneEgress },
  { weight: 2, arbitrary: anyExternalService },
  { weight: 2, arbitrary: anyMeshExternalService },
  { weight: 1, arbitrary: anyPolicyOnOutside },
);

const anyChange: fc.Arbitrary<ViewChange> = fc.oneof(
  { weight: 3, arbitrary: anyResource.map((put) => ({ op: "put", resource: put }) as const) },
  { weight: 1, arbitrary: anyResource.map((gone) => ({ op: "delete", key: parseKeyText(keyText(gone)) }) as const) },
);

export type Move =
  | { readonly type: "attach"; readonly proxy: ProxyDescription }
  | { readonly type: "detach"; readonly proxy: ProxyDescription }
  | { readonly type: "apply"; readonly changes: readonly ViewChange[] };

const anyProxy = fc.constantFrom(...proxies);
const anyMove: fc.Arbitrary<Move> = fc.oneof(
  { weight: 2, arbitrary: anyProxy.map((proxy): Move => ({ type: "attach", proxy })) },
  { weight: 1, arbitrary: anyProxy.map((proxy): Move => ({ type: "detach", proxy })) },
  {
    weight: 9,
    arbitrary: fc.array(anyChange, { minLength: 1, maxLength: 4 }).map((changes): Move => ({ type: "apply", changes })),
  },
);

/** Begins with a mesh and all proxies attached, so that most moves matter. */
export const anyMoves: fc.Arbitrary<readonly Move[]> = fc
  .tuple(fc.array(anyDataplane, { minLength: 3, maxLength: 6 }), fc.array(anyMove, { minLength: 1, maxLength: 25 }))
  .map(([start, moves]) => [
    { type: "apply", changes: [mesh("default"), ...start].map((each) => ({ op: "put", resource: each })) },
    ...proxies.map((proxy): Move => ({ type: "attach", proxy })),
    ...moves,
  ]);
