import { errorMessage, type Logger } from "@meridian/base";
import {
  type EncodedResource,
  type ExternalSecret,
  encodeResource,
  type GatewayCertificate,
  parseExternalSecretName,
  parseGatewayCertificateName,
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
import { gatewayCertificate, gatewayKey } from "./gateway-certificate.ts";
import { belongsTo, certificatesIn, readPrivateKey } from "./pem.ts";
import { SecretProblems } from "./secret-problems.ts";

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
 * CAs and client certificates for servers outside of the mesh, and certificates of gateways, as SDS resources: read once and kept until
 * something that they are made of changes. They travel to proxies only, never through a log, an error or the config that people can look at.
 */
export class ExternalSecrets {
  readonly #store: ResourceReader;
  readonly #logger: Logger;
  readonly #entries = new Map<string, Entry>();
  /** What cannot be had, by the resource that asks for it. */
  readonly problems = new SecretProblems();

  constructor(store: ResourceReader, logger: Logger) {
    this.#store = store;
    this.#logger = logger;
  }

  /** A resource changed. Returns the SDS names whose content may be another one now. */
  changed(key: ResourceKey): readonly string[] {
    const text = keyText(key);
    const names = [...this.#entries].filter(([, { madeFrom }]) => madeFrom.has(text)).map(([name]) => name);
    for (const name of names) {
      this.#entries.delete(name);
      const certificate = parseGatewayCertificateName(name);
      // Whoever still needs it asks again.
      if (certificate) this.problems.solved(keyText(gatewayKey(certificate)), name);
    }
    return names;
  }

  /** Undefined while it cannot be had; why is in the log. @throws what the store throws: then nobody knows. */
  get(name: string): Promise<EncodedResource | undefined> {
    const known = this.#entries.get(name);
    if (known) return known.secret;
    const external = parseExternalSecretName(name);
    const certificate = parseGatewayCertificateName(name);
    const owner = external ?? (certificate && gatewayKey(certificate));
    if (!owner) return Promise.resolve(undefined);
    const madeFrom = new Set([keyText(owner)]);
    const secret = certificate ? this.#loadCertificate(name, certificate, madeFrom) : this.#load(name, external, madeFrom);
    const entry: Entry = { madeFrom, secret };
    this.#entries.set(name, entry);
    entry.secret.catch(() => this.#entries.delete(name));
    return entry.secret;
  }

  async #load(sdsName: string, wanted: ExternalSecret | undefined, madeFrom: Set<string>): Promise<EncodedResource | undefined> {
    if (!wanted) return undefined;
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

  async #loadCertificate(
    sdsName: string,
    wanted: GatewayCertificate,
    madeFrom: Set<string>,
  ): Promise<EncodedResource | undefined> {
    const { mesh, gateway, port, hostname } = wanted;
    const owner = keyText(gatewayKey(wanted));
    try {
      const json = await gatewayCertificate(this.#store, sdsName, wanted, madeFrom);
      this.problems.solved(owner, sdsName);
      return encodeResource(typeUrls.secret, json, []);
    } catch (error) {
      const reason = errorMessage(error);
      this.problems.found(owner, sdsName, `listener ${port} ${hostname || "*"} takes no connections: ${reason}`);
      this.#logger.warn(
        { kind: "MeshGateway", mesh, name: gateway, port, hostname, reason },
        "TLS of a gateway's listener cannot be set up: connections to it fail until what it needs is there",
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
  if (certificatesIn(pem).length === 0) throw new Error("its CA is no PEM certificate");
  return validationContextSecret({ name, trustedCa: pem });
}

function shown(name: string, certificateChain: string, privateKey: string) {
  const [leaf] = certificatesIn(certificateChain);
  if (leaf === undefined) throw new Error("its client certificate is no PEM certificate");
  const key = readPrivateKey(privateKey);
  if (!key) throw new Error("its client key is no PEM private key");
  if (!belongsTo(key, leaf)) throw new Error("its client key does not belong to its client certificate");
  return tlsCertificateSecret({ name, certificateChain, privateKey });
}
