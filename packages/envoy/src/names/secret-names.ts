/** SDS names of what proxies need to reach services outside of the mesh. */

/** By the short names of the kinds: ExternalService and MeshExternalService. */
const owners = { ExternalService: "es", MeshExternalService: "extsvc" } as const;

export interface ExternalSecret {
  readonly kind: keyof typeof owners;
  readonly mesh: string;
  /** Of the resource. */
  readonly name: string;
  /** `ca`: whom to trust. `cert`: what to show, with its key. */
  readonly use: "ca" | "cert";
}

/** `es_ca:secret:default:billing-api`, beside `mesh_ca:secret:default` of the mesh. */
export function externalSecretName({ kind, mesh, name, use }: ExternalSecret): string {
  return `${owners[kind]}_${use}:secret:${mesh}:${name}`;
}

/** Undefined for any other name. */
export function parseExternalSecretName(text: string): ExternalSecret | undefined {
  const [, owner, use, mesh, name] = /^(es|extsvc)_(ca|cert):secret:([^:]*):(.*)$/.exec(text) ?? [];
  if (mesh === undefined || name === undefined) return undefined;
  const kind = owner === owners.ExternalService ? "ExternalService" : "MeshExternalService";
  return { kind, mesh, name, use: use === "ca" ? "ca" : "cert" };
}
