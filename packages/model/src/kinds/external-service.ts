import { Type } from "@sinclair/typebox";
import { dataSourceSchema, type SpecOf, stringMap, type Unchecked } from "../fragments.ts";
import type { KindDefinition } from "../kind.ts";
import { type Tags, tagNames } from "../labels.ts";
import { isDomainName, isIpAddress, validatePort } from "../rules/network.ts";
import { validateTags } from "../rules/tags.ts";
import { at, type Violation } from "../violation.ts";
import { dataSourceWarnings, isEmptyDataSource } from "./data-source.ts";

const source = (description: string) => Type.Optional({ ...dataSourceSchema, description });

const tlsSchema = Type.Object(
  {
    enabled: Type.Optional(Type.Boolean({ description: "Speak TLS to the service. Default false." })),
    caCert: source("CA that the service's certificate must come from. Absent: the certificate is not checked."),
    clientCert: source("Certificate of the client, for a service that asks for one; with `clientKey`."),
    clientKey: source("Key of `clientCert`."),
    allowRenegotiation: Type.Optional(
      Type.Boolean({ description: "Allow TLS renegotiation, which is not safe. Default false." }),
    ),
    serverName: Type.Optional(Type.String({ description: "Name for SNI and in the certificate. Default: the host." })),
    skipHostnameVerification: Type.Optional(
      Type.Boolean({ description: "Do not look for the host in the certificate. Default false." }),
    ),
  },
  { description: "TLS from the mesh to the service." },
);

export const externalServiceSchema = Type.Object({
  networking: Type.Object(
    {
      address: Type.String({ description: "`host:port`; an IPv6 address in brackets." }),
      tls: Type.Optional(tlsSchema),
      disableHostDNSEntry: Type.Optional(
        Type.Boolean({ description: "Give the host itself no address in the mesh's DNS. Default false." }),
      ),
    },
    { description: "Where the service is." },
  ),
  tags: stringMap("Tags of the service: `kuma.io/service`; `kuma.io/protocol` and `kuma.io/zone` if need be."),
});

export type ExternalServiceSpec = SpecOf<typeof externalServiceSchema>;
type Networking = Unchecked<ExternalServiceSpec["networking"]>;

/** Source of rules and words: resources-legacy.md section 13. */
function validateExternalService(spec: Unchecked<ExternalServiceSpec>): readonly Violation[] {
  const { networking } = spec;
  const tags = (spec.tags ?? {}) as Tags;
  const violations = networking ? validateNetworking(networking) : [{ path: "networking", message: "should have networking" }];
  const service = tags[tagNames.service];
  const isAddress = service !== undefined && service !== "" && service === networking?.address;
  return [
    ...violations,
    ...validateTags("tags", tags, { requireService: true, checkProtocol: true }),
    ...(isAddress ? [{ path: at("tags", tagNames.service), message: "cannot be the same as networking.address" }] : []),
  ];
}

function validateNetworking({ address, tls }: Networking): readonly Violation[] {
  const violations: Violation[] = [...validateAddress("networking.address", address ?? "")];
  if (tls?.serverName === "") violations.push({ path: "networking.tls.serverName", message: "cannot be empty" });
  for (const field of sourceFields) {
    const data = tls?.[field];
    if (data && isEmptyDataSource(data)) {
      violations.push({ path: `networking.tls.${field}`, message: "data source cannot be empty" });
    }
  }
  return violations;
}

const sourceFields = ["caCert", "clientCert", "clientKey"] as const;

/** What is wrong with host and with port is said apart, at one path. */
function validateAddress(path: string, address: string): readonly Violation[] {
  if (address === "") return [{ path, message: "address can't be empty" }];
  const parts = /^(\[[^[\]]*\]|[^:[\]]*):([^:[\]]*)$/.exec(address);
  const [, host = "", port = ""] = parts ?? [];
  const bareHost = host.startsWith("[") ? host.slice(1, -1) : host;
  const isNumber = /^\d+$/.test(port);
  const messages = [
    ...(parts ? [] : ["unable to parse address"]),
    ...(isIpAddress(bareHost) || isDomainName(bareHost) ? [] : ["address has to be a valid IP address or a domain name"]),
    ...(isNumber ? [] : ["unable to parse port in address"]),
  ];
  return [...messages.map((message) => ({ path, message })), ...validatePort(path, isNumber ? Number(port) : 0)];
}

/** What can be written, as the peer lets people write it, and protects less than it seems to. */
function tlsWarnings({
  caCert,
  clientCert,
  clientKey,
}: NonNullable<ExternalServiceSpec["networking"]["tls"]>): readonly string[] {
  return [
    ...(caCert ? [] : ["networking.tls has no caCert: the certificate of the server is not checked"]),
    ...((clientCert === undefined) === (clientKey === undefined)
      ? []
      : ["networking.tls: no certificate is shown to the server without both, clientCert and clientKey"]),
  ];
}

/** A service outside of the mesh that proxies reach by its name in the mesh. */
export const externalServiceKind: KindDefinition<ExternalServiceSpec> = {
  kind: "ExternalService",
  path: "external-services",
  singularDisplayName: "External Service",
  pluralDisplayName: "External Services",
  scope: "mesh",
  style: "legacy",
  category: "core",
  sync: { globalToZone: true },
  includeInFederation: true,
  schema: externalServiceSchema,
  validate: validateExternalService,
  warnings: ({ networking: { tls } }) => [
    ...sourceFields.flatMap((field) => dataSourceWarnings(`networking.tls.${field}`, tls?.[field])),
    ...(tls?.enabled ? tlsWarnings(tls) : []),
  ],
  example: `type: ExternalService
mesh: default
name: billing-api
tags:
  kuma.io/service: billing
  kuma.io/protocol: http
networking:
  address: api.billing.example:443
  tls:
    enabled: true
    caCert:
      secret: billing-ca
    serverName: api.billing.example
`,
};
