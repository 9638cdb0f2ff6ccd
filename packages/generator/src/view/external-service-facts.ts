import { type ExternalServiceSpec, keyText, type Resource, type Tags, tagNames } from "@meridian/model";
import { sortedTags } from "./tags.ts";

/** How proxies speak TLS to a server outside of the mesh. Which keys there are, never what they are. */
export interface ExternalTlsFacts {
  readonly hasCa: boolean;
  readonly hasCertificate: boolean;
  /** "" unless the user names one. */
  readonly serverName: string;
  readonly checksHostname: boolean;
  readonly allowRenegotiation: boolean;
}

/** One ExternalService: one endpoint of its service. */
export interface ExternalEndpoint {
  readonly name: string;
  /** `keyText` */
  readonly key: string;
  /** IP address, without brackets, or DNS name. */
  readonly address: string;
  readonly port: number;
  readonly tags: Tags;
  /** Absent: plain text. */
  readonly tls?: ExternalTlsFacts;
}

/** Undefined for one that names no service or no address, against all validation. */
export function externalEndpoint(resource: Resource<ExternalServiceSpec>): ExternalEndpoint | undefined {
  const { networking, tags } = resource.spec;
  const [, host, port] = /^(.*):(\d+)$/.exec(networking.address) ?? [];
  if (!tags[tagNames.service] || !host || !port) return undefined;
  const { tls } = networking;
  return {
    name: resource.name,
    key: keyText(resource),
    address: host.replace(/^\[(.*)\]$/, "$1"),
    port: Number(port),
    tags: sortedTags(tags),
    ...(tls?.enabled && {
      tls: {
        hasCa: tls.caCert !== undefined,
        hasCertificate: tls.clientCert !== undefined && tls.clientKey !== undefined,
        serverName: tls.serverName ?? "",
        checksHostname: tls.skipHostnameVerification !== true,
        allowRenegotiation: tls.allowRenegotiation === true,
      },
    }),
  };
}
