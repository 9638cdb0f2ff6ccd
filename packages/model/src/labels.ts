/** Well-known labels and tags (reference: multizone.md section 3). Kuma's names, so that existing YAML and tools work. */
export const labelNames = {
  mesh: "kuma.io/mesh",
  origin: "kuma.io/origin",
  zone: "kuma.io/zone",
  env: "kuma.io/env",
  displayName: "kuma.io/display-name",
  namespace: "k8s.kuma.io/namespace",
  policyRole: "kuma.io/policy-role",
  proxyType: "kuma.io/proxy-type",
  managedBy: "kuma.io/managed-by",
  workload: "kuma.io/workload",
  effect: "kuma.io/effect",
} as const;

/** Whose a policy is: the operator's, of those who offer a service, of those who use one, of those who run a workload. */
export const policyRoles = ["system", "producer", "consumer", "workload-owner"] as const;
export type PolicyRole = (typeof policyRoles)[number];

/** A policy without the label is the operator's (reference: resources.md section 6, "Roles"); so is one with an unknown role. */
export function policyRoleOf(labels: Readonly<Record<string, string>>): PolicyRole {
  return policyRoles.find((role) => role === labels[labelNames.policyRole]) ?? "system";
}

export const tagNames = {
  service: "kuma.io/service",
  zone: "kuma.io/zone",
  protocol: "kuma.io/protocol",
  instance: "kuma.io/instance",
  /** Of a destination in another mesh. */
  mesh: "kuma.io/mesh",
} as const;

export type Tags = Readonly<Record<string, string>>;
