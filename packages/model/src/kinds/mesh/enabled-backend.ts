import type { MeshSpec } from "./schema.ts";

type CaBackend = NonNullable<NonNullable<MeshSpec["mtls"]>["backends"]>[number];

/**
 * The CA of a mesh. Undefined: the mesh has no mTLS. An `enabledBackend` that is not among the backends is refused on write; where it
 * comes otherwise it counts as none, as for the peer.
 */
export function enabledCaBackend({ mtls }: Pick<MeshSpec, "mtls">): CaBackend | undefined {
  const enabled = mtls?.enabledBackend;
  return enabled ? mtls.backends?.find(({ name }) => name === enabled) : undefined;
}
