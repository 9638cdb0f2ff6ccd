import type { KindDefinition } from "../kind.ts";
import { meshInsightKind, serviceInsightKind } from "./aggregate-insights.ts";
import { dataplaneKind } from "./dataplane/index.ts";
import { externalServiceKind } from "./external-service.ts";
import { hostnameGeneratorKind } from "./hostname-generator.ts";
import { dataplaneInsightKind, zoneEgressInsightKind, zoneIngressInsightKind, zoneInsightKind } from "./insights.ts";
import { meshKind } from "./mesh/index.ts";
import { meshExternalServiceKind } from "./mesh-external-service.ts";
import { meshGatewayKind } from "./mesh-gateway/index.ts";
import { meshIdentityKind } from "./mesh-identity.ts";
import { meshMultiZoneServiceKind } from "./mesh-multi-zone-service.ts";
import { meshOpenTelemetryBackendKind } from "./mesh-open-telemetry-backend.ts";
import { meshServiceKind } from "./mesh-service.ts";
import { meshTrustKind } from "./mesh-trust.ts";
import { meshZoneAddressKind } from "./mesh-zone-address.ts";
import { globalSecretKind, secretKind } from "./secrets.ts";
import { virtualOutboundKind } from "./virtual-outbound.ts";
import { workloadKind } from "./workload.ts";
import { zoneKind } from "./zone.ts";
import { zoneEgressKind } from "./zone-egress.ts";
import { zoneIngressKind } from "./zone-ingress.ts";

/** Every kind that is no policy, in the order of the catalogue. An app puts them together with the policy kinds. */
export const coreKinds: readonly KindDefinition[] = [
  meshKind,
  dataplaneKind,
  dataplaneInsightKind,
  zoneKind,
  zoneInsightKind,
  zoneIngressKind,
  zoneIngressInsightKind,
  zoneEgressKind,
  zoneEgressInsightKind,
  secretKind,
  globalSecretKind,
  meshInsightKind,
  serviceInsightKind,
  externalServiceKind,
  virtualOutboundKind,
  meshGatewayKind,
  meshServiceKind,
  meshExternalServiceKind,
  meshMultiZoneServiceKind,
  hostnameGeneratorKind,
  meshIdentityKind,
  meshTrustKind,
  meshOpenTelemetryBackendKind,
  meshZoneAddressKind,
  workloadKind,
];
