import { type Labels, labelNames, type ResourceInput } from "@meridian/model";

/** Who a resource is wherever it was copied to: its name where it was made, its zone, its namespace. */
export interface ServiceIdentity {
  readonly name: string;
  readonly namespace: string;
  readonly zone: string;
  readonly mesh: string;
}

type Named = Pick<ResourceInput, "name" | "mesh" | "labels">;

export function identityOf({ name, mesh, labels }: Named): ServiceIdentity {
  return {
    name: labels[labelNames.displayName] ?? name,
    namespace: labels[labelNames.namespace] ?? "",
    zone: labels[labelNames.zone] ?? "",
    mesh,
  };
}

/**
 * The labels that selectors look at: a resource that was not copied answers to its own name as `kuma.io/display-name`, too, so that one
 * selector finds the service in its own zone and in the others.
 */
export function selectableLabels({ name, mesh, labels }: Named): Labels {
  return { [labelNames.displayName]: name, [labelNames.mesh]: mesh, ...labels };
}

/** Whether every wanted label is there with that value; nothing wanted matches everything. */
export function hasLabels(labels: Labels, wanted: Labels): boolean {
  for (const name of Object.keys(wanted)) if (labels[name] !== wanted[name]) return false;
  return true;
}

/** Made in this zone (or this global), not copied from another control plane. */
export function isLocal({ labels }: Pick<ResourceInput, "labels">): boolean {
  return labels[labelNames.origin] !== "global";
}
