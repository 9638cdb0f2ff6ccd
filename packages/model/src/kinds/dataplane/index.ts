import type { KindDefinition } from "../../kind.ts";
import { listenerWarnings } from "./listeners.ts";
import { type DataplaneSpec, dataplaneSchema } from "./schema.ts";
import { validateDataplane } from "./validate.ts";

export const dataplaneKind: KindDefinition<DataplaneSpec> = {
  kind: "Dataplane",
  path: "dataplanes",
  shortName: "dp",
  singularDisplayName: "Dataplane",
  pluralDisplayName: "Dataplanes",
  scope: "mesh",
  style: "legacy",
  category: "core",
  zoneOwned: true,
  hasOverview: true,
  sync: { zoneToGlobal: true },
  schema: dataplaneSchema,
  example: `type: Dataplane
mesh: default
name: orders-1
networking:
  address: 10.1.0.5
  advertisedAddress: 203.0.113.5
  admin:
    port: 9901
  inbound:
    - name: main
      port: 15080
      servicePort: 8080
      tags:
        kuma.io/service: orders
        kuma.io/protocol: http
        version: v1
      serviceProbe:
        tcp: {}
        interval: 5s
  outbound:
    - port: 10001
      tags:
        kuma.io/service: db
    - port: 10002
      backendRef:
        kind: MeshService
        name: payments
        port: 80
`,
  validate: validateDataplane,
  warnings: listenerWarnings,
};
