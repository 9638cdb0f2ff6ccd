import { type TSchema, Type } from "@sinclair/typebox";
import { fillDefaults } from "../document/fill-defaults.ts";
import { base64Text, portNumber, type SpecOf, stringEnum } from "../fragments.ts";
import type { KindDefinition, ValidationContext } from "../kind.ts";
import { serviceNameWarnings, validateDnsLabelName } from "../rules/names.ts";
import { isDomainName, isIpAddress } from "../rules/network.ts";
import { at, type Violation } from "../violation.ts";

const optional = <S extends TSchema>(schema: S) => Type.Optional(schema);
const range = { minimum: 1, maximum: 65_535 } as const;
/** Ascending; `TLSAuto` leaves it to Envoy. */
const tlsVersions = ["TLSAuto", "TLS10", "TLS11", "TLS12", "TLS13"] as const;

const keyMaterial = (description: string) =>
  optional(
    Type.Object(
      {
        inline: optional(base64Text("The data itself, base64.")),
        inlineString: optional(Type.String({ description: "The data itself, as text." })),
        secret: optional(Type.String({ description: "Name of a Secret of the mesh." })),
      },
      { description: `${description} Exactly one of inline, inlineString, secret.` },
    ),
  );

const verificationSchema = Type.Object({
  mode: optional(
    stringEnum(["Secured", "SkipSAN", "SkipCA", "SkipAll"], { default: "Secured", description: "What is not verified." }),
  ),
  serverName: optional(Type.String({ description: "Server name to ask for. Default: the endpoint's address." })),
  caCert: keyMaterial("Certificates of the CAs to trust."),
  clientCert: keyMaterial("Certificate to show."),
  clientKey: keyMaterial("Its key."),
  subjectAltNames: optional(
    Type.Array(
      Type.Object({
        type: optional(stringEnum(["Exact", "Prefix"], { default: "Exact", description: "How the name is compared." })),
        value: Type.String({ description: "Name to find in the certificate." }),
      }),
      { description: "Names of which the certificate must have one." },
    ),
  ),
});

const tlsSchema = Type.Object({
  enabled: optional(Type.Boolean({ default: false, description: "Connect with TLS." })),
  allowRenegotiation: optional(Type.Boolean({ default: false, description: "Not recommended." })),
  version: optional(
    Type.Object({
      min: optional(stringEnum(tlsVersions, { default: "TLSAuto", description: "Lowest version." })),
      max: optional(stringEnum(tlsVersions, { default: "TLSAuto", description: "Highest version." })),
    }),
  ),
  verification: optional(verificationSchema),
});

export const meshExternalServiceSchema = Type.Object({
  match: Type.Object({
    type: optional(
      stringEnum(["HostnameGenerator"], { default: "HostnameGenerator", description: "Where its name comes from." }),
    ),
    port: portNumber("Port that clients use.", range),
    protocol: optional(stringEnum(["tcp", "grpc", "http", "http2"], { default: "tcp", description: "What is spoken." })),
  }),
  endpoints: optional(
    Type.Array(
      Type.Object({
        address: Type.String({ minLength: 1, description: "IP address or DNS name." }),
        port: portNumber("Port of the endpoint.", range),
        priority: optional(
          Type.Integer({ minimum: 0, maximum: 128, description: "Used when none of a lower number is healthy." }),
        ),
      }),
      { description: "Where requests go." },
    ),
  ),
  tls: optional(tlsSchema),
  extension: optional(
    Type.Object({
      type: Type.String({ description: "Name of the extension." }),
      config: optional(Type.Unknown({ description: "Its own configuration." })),
    }),
  ),
});

export type MeshExternalServiceSpec = SpecOf<typeof meshExternalServiceSchema>;
type Tls = NonNullable<MeshExternalServiceSpec["tls"]>;

/** Source of the rules: resources.md section 3. With an extension, endpoints and TLS are its business. */
function validateMeshExternalService(spec: MeshExternalServiceSpec, { name }: ValidationContext): readonly Violation[] {
  const { endpoints = [], tls, extension } = spec;
  const named = validateDnsLabelName(name);
  if (extension) {
    return [...named, ...(extension.type === "" ? [{ path: "spec.extension.type", message: "must not be empty" }] : [])];
  }
  const wrong = endpoints.flatMap(({ address }, index) =>
    isIpAddress(address) || isDomainName(address)
      ? []
      : [{ path: `${at("spec.endpoints", index)}.address`, message: "address has to be a valid IP or hostname" }],
  );
  return [...named, ...wrong, ...(tls ? validateTls("spec.tls", tls) : [])];
}

function validateTls(path: string, { version = {}, verification = {} }: Tls): readonly Violation[] {
  const { min = "TLSAuto", max = "TLSAuto" } = version;
  const isEmptyRange = max !== "TLSAuto" && tlsVersions.indexOf(min) > tlsVersions.indexOf(max);
  const where = `${path}.verification`;
  const { clientCert, clientKey } = verification;
  return [
    ...(isEmptyRange ? [{ path: `${path}.version.min`, message: "min version must be lower than max" }] : []),
    ...(clientCert && !clientKey ? [{ path: `${where}.clientKey`, message: "must be defined when clientCert is defined" }] : []),
    ...(clientKey && !clientCert ? [{ path: `${where}.clientCert`, message: "must be defined when clientKey is defined" }] : []),
    ...(["caCert", "clientCert", "clientKey"] as const).flatMap((field) =>
      validateSource(`${where}.${field}`, verification[field]),
    ),
  ];
}

function validateSource(path: string, source: object | undefined): readonly Violation[] {
  if (!source || Object.keys(source).length === 1) return [];
  return [{ path, message: "must have exactly one defined: inline, inlineString, secret" }];
}

/** Something outside of the mesh that services in it talk to. */
export const meshExternalServiceKind: KindDefinition<MeshExternalServiceSpec> = {
  kind: "MeshExternalService",
  path: "meshexternalservices",
  shortName: "extsvc",
  singularDisplayName: "Mesh External Service",
  pluralDisplayName: "Mesh External Services",
  scope: "mesh",
  style: "spec",
  category: "core",
  sync: { globalToZone: true, zoneToGlobal: true },
  includeInFederation: true,
  schema: meshExternalServiceSchema,
  validate: validateMeshExternalService,
  normalise: (spec) => fillDefaults(meshExternalServiceSchema, spec),
  warnings: ({ extension }, { name }) => [
    ...serviceNameWarnings("MeshExternalService", name),
    ...(extension ? ["spec.extension: extensions are not applied to proxies yet: there is nobody to answer requests"] : []),
  ],
  example: `type: MeshExternalService
mesh: default
name: payments
spec:
  match:
    type: HostnameGenerator
    port: 443
    protocol: http
  endpoints:
    - address: payments.example.com
      port: 443
  tls:
    enabled: true
    verification:
      serverName: payments.example.com
`,
};
