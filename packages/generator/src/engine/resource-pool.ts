import { type EncodedResource, encodeResource } from "@meridian/envoy";
import type { Encoder } from "../parts.ts";
import { InternPool } from "../view/intern-pool.ts";

/**
 * Builds and encodes shared resources once: profiles that need the same get the same object, so that their proxies share patches
 * and bytes.
 */
export function pooledEncoder(): Encoder {
  const pool = new InternPool<EncodedResource>();
  return {
    encode: encodeResource,
    share: ({ typeUrl, inputs, origins, build, secrets }) =>
      pool.get(JSON.stringify([typeUrl, inputs, origins]), () => encodeResource(typeUrl, build(), origins, secrets)),
  };
}
