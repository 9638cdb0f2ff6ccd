import { at, type Violation } from "@meridian/model";
import { validatePeerMatch } from "../core/fragments/peer-match.ts";
import { validateTargetRef } from "../core/validate-target-ref.ts";
import type { MeshTrafficPermissionSpec } from "./schema.ts";

/** Paths and texts: resources.md sections 6, 7 and 10. */
export function validateMeshTrafficPermission(spec: MeshTrafficPermissionSpec): readonly Violation[] {
  const { targetRef, from = [], rules = [] } = spec;
  const kinds = ["Mesh", "MeshSubset", "MeshService", "MeshServiceSubset"] as const;
  return [
    ...(targetRef ? validateTargetRef("spec.targetRef", targetRef, { kinds: [...kinds, "Dataplane"], inboundPolicy: true }) : []),
    ...validateLists(from.length, rules.length),
    ...from.flatMap((item, index) => validateTargetRef(`${at("spec.from", index)}.targetRef`, item.targetRef, { kinds })),
    ...rules.flatMap((rule, index) => validateRule(at("spec.rules", index), rule.default)),
  ];
}

function validateLists(fromCount: number, ruleCount: number): readonly Violation[] {
  if (fromCount > 0 && ruleCount > 0) {
    return [{ path: "spec", message: "fields 'to' and 'from' must be empty when 'rules' is defined" }];
  }
  return fromCount + ruleCount > 0 ? [] : [{ path: "spec", message: "at least one of 'from' or 'rules' has to be defined" }];
}

type RuleConf = NonNullable<MeshTrafficPermissionSpec["rules"]>[number]["default"];

/** The peer names the lists right below the rule, without `default`. */
function validateRule(path: string, conf: RuleConf): readonly Violation[] {
  const lists = ["deny", "allow", "allowWithShadowDeny"] as const;
  if (lists.every((list) => !conf[list]?.length)) {
    return [{ path, message: "must have at least one defined: allow, allowWithShadowDeny, deny" }];
  }
  return lists.flatMap((list) =>
    (conf[list] ?? []).flatMap((match, index) => validatePeerMatch(at(`${path}.${list}`, index), match)),
  );
}
