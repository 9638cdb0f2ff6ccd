import type { KindDefinition } from "../../kind.ts";
import { type Tags, tagNames } from "../../labels.ts";
import { at } from "../../violation.ts";
import { dataSourceWarnings } from "../data-source.ts";
import { type GatewayListener, type MeshGatewaySpec, meshGatewaySchema } from "./schema.ts";
import { validateMeshGateway } from "./validate.ts";

/** What a builtin gateway listens for. */
export const meshGatewayKind: KindDefinition<MeshGatewaySpec> = {
  kind: "MeshGateway",
  path: "meshgateways",
  shortName: "mgw",
  singularDisplayName: "Mesh Gateway",
  pluralDisplayName: "Mesh Gateways",
  scope: "mesh",
  style: "legacy",
  category: "core",
  hasPolicyStatus: true,
  sync: { globalToZone: true, zoneToGlobal: true },
  includeInFederation: true,
  schema: meshGatewaySchema,
  validate: validateMeshGateway,
  warnings: ({ selectors = [], conf }) => [
    ...conf.listeners.flatMap(listenerWarnings),
    ...(conf.listeners.some(({ crossMesh }) => crossMesh) && !namesService(selectors[0]?.match) ? [namelessGateway] : []),
  ],
  example: `type: MeshGateway
mesh: default
name: edge
selectors:
  - match:
      kuma.io/service: edge
tags:
  tier: public
conf:
  listeners:
    - port: 8080
      protocol: HTTP
      hostname: "*.shop.example"
      tags:
        door: plain
    - port: 8443
      protocol: HTTPS
      hostname: shop.example
      tls:
        mode: TERMINATE
        certificates:
          - secret: shop-cert
      resources:
        connectionLimit: 10000
`,
};

const namelessGateway = "selectors[0].match: other meshes get a host name only for gateways whose kuma.io/service is named here";

/** `*` is no name. */
function namesService(match: Tags = {}): boolean {
  return !(match[tagNames.service] ?? "*").includes("*");
}

function listenerWarnings({ tls, crossMesh, protocol }: GatewayListener, index: number): readonly string[] {
  const path = at("conf.listeners", index);
  const certificates = (tls?.certificates ?? []).flatMap((certificate, each) =>
    dataSourceWarnings(at(`${path}.tls.certificates`, each), certificate),
  );
  const left =
    crossMesh && protocol !== "HTTP" ? [`${path}.crossMesh: other meshes come to listeners for HTTP only: it is left out`] : [];
  return [...certificates, ...left];
}
