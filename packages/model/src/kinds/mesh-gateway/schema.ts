import { Type } from "@sinclair/typebox";
import {
  dataSourceSchema,
  portNumber,
  type SpecOf,
  selectorSchema,
  stringEnum,
  stringMap,
  type Unchecked,
} from "../../fragments.ts";

/** `NONE` is the zero value of the peer's enums: it can be written, and counts as absent. */
const tlsSchema = Type.Object(
  {
    mode: stringEnum(["NONE", "TERMINATE", "PASSTHROUGH"], { description: "Where TLS ends: here, or at the destination." }),
    certificates: Type.Optional(
      Type.Array(dataSourceSchema, { description: "For TERMINATE: key and certificate in one; one RSA, one ECDSA at most." }),
    ),
    options: Type.Optional(Type.Object({}, { description: "Nothing yet." })),
  },
  { description: "TLS of the listener." },
);

const listenerSchema = Type.Object({
  hostname: Type.Optional(
    Type.String({ description: "Requests for this host, or, after `*.`, for all below it. Default: for every host." }),
  ),
  port: portNumber("Port on which it listens; shared by listeners of one protocol for different hosts."),
  protocol: stringEnum(["NONE", "TCP", "TLS", "HTTP", "HTTPS"], { description: "What clients speak." }),
  tls: Type.Optional(tlsSchema),
  tags: Type.Optional(stringMap("Tags of the listener: routes and policies select it by them.")),
  crossMesh: Type.Optional(Type.Boolean({ description: "For proxies of other meshes only. Default false." })),
  resources: Type.Optional(
    Type.Object(
      {
        connectionLimit: Type.Optional(
          Type.Integer({ minimum: 0, maximum: 4_294_967_295, description: "Connections at a time; 0 is no limit." }),
        ),
      },
      { description: "What clients may take up." },
    ),
  ),
});

export const meshGatewaySchema = Type.Object({
  selectors: Type.Optional(
    Type.Array(selectorSchema, { description: "Proxies, by their gateway tags; each names `kuma.io/service`." }),
  ),
  tags: Type.Optional(stringMap("Tags of all listeners.")),
  conf: Type.Object(
    { listeners: Type.Array(listenerSchema, { description: "Where clients come in." }) },
    { description: "What the gateway offers." },
  ),
});

export type MeshGatewaySpec = SpecOf<typeof meshGatewaySchema>;
export type GatewayListener = SpecOf<typeof listenerSchema>;
export type UncheckedListener = Unchecked<GatewayListener>;
