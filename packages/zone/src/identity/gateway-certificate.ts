import { type GatewayCertificate, type Secret, tlsCertificateSecret } from "@meridian/envoy";
import { keyText, type MeshGatewaySpec, type ResourceKey } from "@meridian/model";
import type { ResourceReader } from "@meridian/store";
import { readDataSource } from "./data-source.ts";
import { belongsTo, certificatesIn, privateKeyIn, readPrivateKey } from "./pem.ts";

export function gatewayKey({ mesh, gateway }: GatewayCertificate): ResourceKey {
  return { kind: "MeshGateway", mesh, name: gateway };
}

/**
 * The certificate of a gateway's listener: chain and key in one text, in any order (reference: resources-legacy.md section 14).
 * @param madeFrom takes the keys of what it is made of.
 * @throws Error saying what is missing, without any of the text in it.
 */
export async function gatewayCertificate(
  store: ResourceReader,
  sdsName: string,
  wanted: GatewayCertificate,
  madeFrom: Set<string>,
): Promise<Secret> {
  const { mesh, port, hostname, index } = wanted;
  const gateway = await store.get<MeshGatewaySpec>(gatewayKey(wanted));
  const listener = gateway?.spec.conf.listeners.find((each) => each.port === port && (each.hostname ?? "") === hostname);
  const source = listener?.tls?.certificates?.[index];
  if (source?.secret !== undefined) madeFrom.add(keyText({ kind: "Secret", mesh, name: source.secret }));
  const pem = await readDataSource(store, { mesh, source, purpose: `certificate ${index}` });
  const chain = certificatesIn(pem);
  const key = readPrivateKey(privateKeyIn(pem) ?? "");
  const [leaf] = chain;
  if (leaf === undefined) throw new Error(`certificate ${index} is no PEM certificate`);
  if (!key) throw new Error(`certificate ${index} has no PEM private key beside it`);
  if (!belongsTo(key, leaf)) throw new Error(`the key of certificate ${index} does not belong to it`);
  return tlsCertificateSecret({
    name: sdsName,
    certificateChain: chain.join("\n"),
    privateKey: privateKeyIn(pem) ?? "",
  });
}
