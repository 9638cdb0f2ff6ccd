import { type SpecOf, selectorSchema, type Tags, type Unchecked, type Violation, validateSelectors } from "@meridian/model";
import { Type } from "@sinclair/typebox";

/** The two lists of a source/destination policy, to spread into its schema. */
export function sourceDestinationFields(descriptions: { readonly sources: string; readonly destinations: string }) {
  return {
    sources: Type.Optional(Type.Array(selectorSchema, { description: descriptions.sources })),
    destinations: Type.Optional(Type.Array(selectorSchema, { description: descriptions.destinations })),
  };
}

/** The lists of a policy about outbound traffic. */
export const outboundFields = sourceDestinationFields({
  sources: "Proxies whose outbound traffic this is about; each selector names `kuma.io/service`, `*` for any.",
  destinations: "Services that the traffic is for; each selector names `kuma.io/service` and nothing else.",
});

const listsSchema = Type.Object(outboundFields);
type Lists = Unchecked<SpecOf<typeof listsSchema>>;

/** `sources` with the service, `destinations` with the service only (reference: resources-legacy.md 0.1). */
export function validateOutboundLists(spec: Lists): readonly Violation[] {
  return [
    ...validateSelectors("sources", selectors(spec.sources), { requireService: true }),
    ...validateSelectors("destinations", selectors(spec.destinations), { requireService: true, onlyService: true }),
  ];
}

/** Any tag in either list, but at least one. */
export function validateInboundLists(spec: Lists): readonly Violation[] {
  return [
    ...validateSelectors("sources", selectors(spec.sources)),
    ...validateSelectors("destinations", selectors(spec.destinations)),
  ];
}

/** `Unchecked` makes the values of a map optional; the schema check has already seen to it that they are texts. */
export function selectors(list: unknown): readonly { readonly match?: Tags | undefined }[] | undefined {
  return list as readonly { readonly match?: Tags | undefined }[] | undefined;
}
