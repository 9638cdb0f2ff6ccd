import { type EncodedResource, outboundListenerName, typeUrls } from "@meridian/envoy";
import type { Encoder, PartListener } from "../parts.ts";
import type { OutboundFacts } from "../view/outbound-list.ts";
import { sortedEntries } from "../view/tags.ts";

export function partListenerName({ address, port }: OutboundFacts, { name }: PartListener): string {
  return name ?? outboundListenerName(address, port);
}

/** The listener of one outbound, with what its part says is to be done with connections. Undefined: a policy removes it. */
export function partListener(encoder: Encoder, place: OutboundFacts, listener: PartListener): EncodedResource | undefined {
  const { address, port, tags, bindToPort, by } = place;
  if (listener.isRemoved(partListenerName(place, listener))) return undefined;
  return encoder.share({
    typeUrl: typeUrls.listener,
    inputs: [address, port, sortedEntries(tags), bindToPort, ...listener.inputs],
    origins: by === undefined ? listener.origins : [...listener.origins, by].sort(),
    build: () => listener.build(place),
    ...(listener.secrets && { secrets: listener.secrets }),
  });
}
