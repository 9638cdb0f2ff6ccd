import { createPrivateKey, X509Certificate } from "node:crypto";
import { errorMessage, type Logger } from "@meridian/base";
import {
  type EncodedResource,
  type ExternalSecret,
  encodeResource,
  parseExternalSecretName,
  tlsCertificateSecret,
  typeUrls,
  validationContextSecret,
} from "@meridian/envoy";
import {
  type DataSource,
  type ExternalServiceSpec,
  keyText,
  type MeshExternalServiceSpec,
  type Resource,
  type ResourceKey,
} from "@meridian/model";
import type { ResourceReader } from "@meridian/store";
import { readDataSource } from "./data-source.ts";

/** Where the keys of one external service come from. */
interface Sources {
  readonly caCert?: DataSource | undefined;
  readonly clientCert?: DataSource | undefined;
  readonly clientKey?: DataSource | undefined;
}

interface Entry {
  /** `keyText` of what it was made from. */
  readonly madeFrom: Set<string>;
  readonly secret: Promise<EncodedResource | undefined>;
}

/**
 * CAs and client certificates for servers outside of the mesh, as SDS resources: read once and kept until something that they are
 * made of changes. They travel to proxies only, never through a log, an error or the config that people can look at.
 */
export class ExternalSecrets {
  readonly #store: ResourceReader;
  readonly #logger: Logger;
  readonly #entries = new Map<string, Entry>();

  constructor(store: ResourceReader, logger: Logger) {
    this.#store = store;
    this.#logger = logger;
  }

  /** A resource changed. Returns the SDS names whose content may be another one now. */
  changed(key: ResourceKey): readonly string[] {
    const text = keyText(key);
    const names = [...this.#entries].filter(([, { madeFrom }]) => madeFrom.has(text)).map(([name]) => name);
    for (const name of names) this.#entries.delete(name);
    return names;
  }

  /** Undefined while it cannot be had; why is in the log. @throws what the store throws: then nobody knows. */
  get(name: string): Promise<EncodedResource | undefined> {
    const known = this.#entries.get(name);
    if (known) return known.secret;
    const wanted = parseExternalSecretName(name);
    if (!wanted) return Promise.resolve(undefined);
    const { kind, mesh } = wanted;
    const madeFrom = new Set([keyText({ kind, mesh, name: wanted.name })]);
    const entry: Entry = { madeFrom, secret: this.#load(name, wanted, madeFrom) };
    this.#entries.set(name, entry);
    entry.secret.catch(() => this.#entries.delete(name));
    return entry.secret;
  }

  async #load(sdsName: string, wanted: ExternalSecret, madeFrom: Set<string>): Promise<EncodedResource | undefined> {
    const { kind, mesh, name, use } = wanted;
    const resource = await this.#store.get({ kind, mesh, name });
    if (!resource) return undefined;
    const sources = sourcesOf(resource);
    const fields = use === "ca" ? (["caCert"] as const) : (["clientCert", "clientKey"] as const);
    for (const field of fields) {
      const secret = sources[field]?.secret;
      if (secret !== undefined) madeFrom.add(keyText({ kind: "Secret", mesh, name: secret }));
    }
    const read = (field: keyof Sources) =>
      readDataSource(this.#store, { mesh, source: sources[field], purpose: `${field} of ${kind} ${name} of mesh ${mesh}` });
    try {
      const json =
        use === "ca" ? trusted(sdsName, await read("caCert")) : shown(sdsName, await read("clientCert"), await read("clientKey"));
      return encodeResource(typeUrls.secret, json, []);
    } catch (error) {
      this.#logger.warn(
        { kind, mesh, name, reason: errorMessage(error) },
        "TLS to an external service cannot be set up: requests to it fail until what it needs is there",
      );
      return undefined;
    }
  }
}

function sourcesOf({ kind, spec }: Resource): Sources {
  if (kind === "ExternalService") return (spec as ExternalServiceSpec).networking.tls ?? {};
  return (spec as MeshExternalServiceSpec).tls?.verification ?? {};
}

/** Looked at before it goes out: what Envoy refuses would be a rejected update of the proxy. @throws Error without the text in it. */
function trusted(name: string, pem: string) {
  if (certificatesIn(pem) === 0) throw new Error("its CA is no PEM certificate");
  return validationContextSecret({ name, trustedCa: pem });
}

function shown(name: string, certificateChain: string, privateKey: string) {
  if (certificatesIn(certificateChain) === 0) throw new Error("its client certificate is no PEM certificate");
  if (!new X509Certificate(certificateChain).checkPrivateKey(readKey(privateKey))) {
    throw new Error("its client key does not belong to its client certificate");
  }
  return tlsCertificateSecret({ name, certificateChain, privateKey });
}

function readKey(pem: string) {
  try {
    return createPrivateKey(pem);
  } catch {
    throw new Error("its client key is no PEM private key");
  }
}

/** How many there are; 0 as soon as one is none. */
function certificatesIn(pem: string): number {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [];
  try {
    for (const block of blocks) new X509Certificate(block);
    return blocks.length;
  } catch {
    return 0;
  }
}
