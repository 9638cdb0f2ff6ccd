import { type EncodedResource, filterChain, outboundListener, typeUrls } from "@meridian/envoy";
import type { Encoder, PartFilters } from "../parts.ts";
import type { OutboundFacts } from "../view/dataplane-facts.ts";
import { sortedEntries } from "../view/tags.ts";

/** The listener of one outbound, around what its part says is to be done with connections (reference: policies-envoy.md 0.4). */
export function partListener(encoder: Encoder, { address, port, tags }: OutboundFacts, filters: PartFilters): EncodedResource {
  return encoder.share({
    typeUrl: typeUrls.listener,
    inputs: [address, port, sortedEntries(tags), ...filters.inputs],
    origins: filters.origins,
    build: () => outboundListener({ address, port, tags, filterChains: [filterChain({ filters: filters.build() })] }),
  });
}
