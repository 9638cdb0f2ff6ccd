import { typed } from "./basics.ts";
import type { Secret } from "./types.ts";

export interface TlsCertificateSecretOptions {
  readonly name: string;
  /** PEM, leaf first. */
  readonly certificateChain: string;
  readonly privateKey: string;
}

/** A certificate with its key for SDS (secret.proto). */
export function tlsCertificateSecret(options: TlsCertificateSecretOptions): Secret {
  return {
    name: options.name,
    tlsCertificate: {
      certificateChain: { inlineBytes: base64(options.certificateChain) },
      privateKey: { inlineBytes: base64(options.privateKey) },
    },
  };
}

export interface ValidationContextSecretOptions {
  readonly name: string;
  /** PEM of one or more CAs; more than one while a CA is replaced. */
  readonly trustedCa: string;
}

/** The CAs that peers are checked against, for SDS. */
export function validationContextSecret(options: ValidationContextSecretOptions): Secret {
  return { name: options.name, validationContext: { trustedCa: { inlineBytes: base64(options.trustedCa) } } };
}

export interface TrustBundle {
  readonly trustDomain: string;
  /** PEM of its CAs. */
  readonly pem: string;
}

/**
 * The CAs of several trust domains, each good for SPIFFE ids of its own domain only (tls_spiffe_validator_config.proto). Who may be
 * met within a domain is up to the SAN matchers of the context that asks for this secret: Envoy checks both.
 * @param bundles distinct domains, at least one: Envoy refuses none.
 */
export function spiffeTrustSecret(name: string, bundles: readonly TrustBundle[]): Secret {
  const trustDomains = bundles.map(({ trustDomain, pem }) => ({
    name: trustDomain,
    trustBundle: { inlineBytes: base64(pem) },
  }));
  const typedConfig = typed("envoy.extensions.transport_sockets.tls.v3.SPIFFECertValidatorConfig", { trustDomains });
  return { name, validationContext: { customValidatorConfig: { name: "envoy.tls.cert_validator.spiffe", typedConfig } } };
}

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}
