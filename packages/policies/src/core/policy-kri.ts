import { labelNames, type Resource } from "@meridian/model";

/**
 * The KRI of a policy (reference: rest-api.md 3.2): names what it does in Envoy's logs, stats and metadata.
 * @param shortName of its kind. `kri` of the model takes it from a registry, which policies are part of themselves.
 */
export function policyKri(shortName: string, { mesh, name, labels }: Resource): string {
  const zone = labels[labelNames.zone] ?? "";
  const namespace = labels[labelNames.namespace] ?? "";
  return ["kri", shortName, mesh, zone, namespace, labels[labelNames.displayName] ?? name, ""].join("_");
}
