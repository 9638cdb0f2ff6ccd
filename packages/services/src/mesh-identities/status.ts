import type { Resource } from "@meridian/model";
import type { Condition } from "../status.ts";

/** What a zone says of a MeshIdentity: of its own proxies only, so each zone has its own. */
export interface MeshIdentityStatus {
  readonly conditions: readonly Condition[];
  /** SHA-256, hex, of the CA that all proxies believe: only certificates of this one are shown. Absent: none is yet. */
  readonly trustedCa?: string;
}

/** Where a CA that a zone makes for a MeshIdentity is kept, as Secrets of the mesh. */
export const identityCaSecrets = {
  certificate: (identity: string): string => `${identity}-root-ca`,
  privateKey: (identity: string): string => `${identity}-private-key`,
} as const;

/**
 * Whether proxies may show certificates of a MeshIdentity. Once they may, they go on: what made it possible can be away for a while,
 * and nobody should lose an identity for that.
 */
export function isReady({ status }: Pick<Resource, "status">): boolean {
  const { conditions = [] } = (status ?? {}) as Partial<MeshIdentityStatus>;
  return conditions.some(({ type, status: state }) => type === "Ready" && state === "True");
}
