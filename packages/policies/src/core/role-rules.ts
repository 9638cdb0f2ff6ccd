import {
  at,
  labelNames,
  policyRoleOf,
  policyRoles,
  type TargetRef,
  type ValidationContext,
  type Violation,
} from "@meridian/model";

const systemOnly: readonly TargetRef["kind"][] = ["MeshGateway", "MeshHTTPRoute"];

/** Gateways and routes are shared, so only the operator's policies may be about them (reference: resources.md section 6, "Roles"). */
export function validateRole(spec: unknown, { labels }: Pick<ValidationContext, "labels">): readonly Violation[] {
  const { targetRef } = spec as { readonly targetRef?: TargetRef };
  const role = policyRoleOf(labels);
  if (role === "system" || !targetRef || !systemOnly.includes(targetRef.kind)) return [];
  return [
    { path: "spec.targetRef.kind", message: `value '${targetRef.kind}' is not supported for policies with the role ${role}` },
  ];
}

/** A role that nobody knows counts as none, which gives a policy more power than its author may want. */
export function roleWarnings(labels: ValidationContext["labels"]): readonly string[] {
  const written = labels[labelNames.policyRole];
  if (written === undefined || policyRoles.some((role) => role === written)) return [];
  return [
    `${at("labels", labelNames.policyRole)} "${written}" is not known, so it counts as system: use ${policyRoles.join(", ")}`,
  ];
}
