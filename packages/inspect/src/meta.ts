import { coreKinds, createKindRegistry, kri, type Labels, type Resource } from "@meridian/model";
import { policyKinds } from "@meridian/policies";

const kinds = createKindRegistry([...coreKinds, ...policyKinds]);

/** Names a resource in an answer. */
export interface Meta {
  readonly type: string;
  readonly mesh: string;
  readonly name: string;
  readonly labels: Labels;
}

export function metaOf({ kind, mesh, name, labels }: Resource): Meta {
  return { type: kind, mesh, name, labels };
}

/** Of a kind that has a short name: policies of the targetRef generation, data planes, services. */
export function kriOf(resource: Resource, section = ""): string {
  return kri(resource, kinds, section) ?? "";
}

/** Each resource once, in order of first appearance. */
export function distinct<R extends Resource>(resources: readonly R[]): readonly R[] {
  return [...new Map(resources.map((resource) => [`${resource.kind}/${resource.name}`, resource])).values()];
}
