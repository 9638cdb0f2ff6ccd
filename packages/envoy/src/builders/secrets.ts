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

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}
