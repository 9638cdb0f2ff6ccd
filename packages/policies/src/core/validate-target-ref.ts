import { type TargetRef, type TargetRefKind, type Violation, validateMatch, validateTags } from "@meridian/model";

export interface TargetRefRules {
  readonly kinds: readonly TargetRefKind[];
  /** The policy has `from` or `rules`, so a Dataplane reference may name one inbound. Default false. */
  readonly inboundPolicy?: boolean;
  /** A MeshGateway reference may pick listeners by tags. Default false. */
  readonly gatewayTags?: boolean;
}

type Field = "name" | "namespace" | "mesh" | "labels" | "tags" | "sectionName" | "proxyTypes";

const namedFields: readonly Field[] = ["name", "namespace", "labels"];

/** Which fields make sense for which kind (reference: resources.md section 6). `mesh` is reserved: for none. */
const fieldsOfKind: Readonly<Record<TargetRefKind, readonly Field[]>> = {
  Mesh: ["name", "proxyTypes"],
  MeshSubset: ["tags", "proxyTypes"],
  MeshGateway: ["name", "tags"],
  MeshService: [...namedFields, "sectionName"],
  MeshExternalService: namedFields,
  MeshMultiZoneService: [...namedFields, "sectionName"],
  MeshServiceSubset: ["name", "tags"],
  MeshHTTPRoute: namedFields,
  Dataplane: [...namedFields, "sectionName"],
};

const allFields: readonly Field[] = ["name", "mesh", "tags", "labels", "namespace", "sectionName", "proxyTypes"];

/** Characters of a name; also those of a `kuma.io/service` value made from a Kubernetes service (`web_ns_svc_80`). */
const nameCharacters = /^[0-9a-z.\-_]*$/;

/** Every mistake of a reference, at `path`. The kind comes first: with a wrong one, nothing can be said about the rest. */
export function validateTargetRef(path: string, ref: TargetRef, rules: TargetRefRules): readonly Violation[] {
  if (!rules.kinds.includes(ref.kind)) return [{ path: `${path}.kind`, message: `value '${ref.kind}' is not supported` }];
  const allowed = fieldsOfKind[ref.kind];
  const forbidden = allFields
    .filter((field) => isSet(ref[field]) && !(allowed.includes(field) && isAllowed(field, ref, rules)))
    .map((field) => ({ path: `${path}.${field}`, message: `must not be set with kind ${ref.kind}` }));
  return [...forbidden, ...validateName(path, ref), ...validateFields(path, ref, rules)];
}

function isAllowed(field: Field, ref: TargetRef, rules: TargetRefRules): boolean {
  return ref.kind !== "MeshGateway" || field !== "tags" || rules.gatewayTags === true;
}

function validateName(path: string, ref: TargetRef): readonly Violation[] {
  const where = `${path}.name`;
  if (ref.kind === "Mesh") {
    return ref.name ? [{ path: where, message: "using name with kind Mesh is not yet supported" }] : [];
  }
  if (!fieldsOfKind[ref.kind].includes("name")) return [];
  if (!nameCharacters.test(ref.name ?? "")) {
    const message = "invalid characters: must consist of lower case alphanumeric characters, '-', '.' and '_'.";
    return [{ path: where, message }];
  }
  if (ref.name || ref.kind === "Dataplane") return [];
  if (!fieldsOfKind[ref.kind].includes("labels")) return [{ path: where, message: `must be set with kind ${ref.kind}` }];
  return isSet(ref.labels) ? [] : [{ path: where, message: `name or labels must be set when kind is ${ref.kind}` }];
}

function validateFields(path: string, ref: TargetRef, rules: TargetRefRules): readonly Violation[] {
  const violations: Violation[] = [];
  const takesLabels = fieldsOfKind[ref.kind].includes("labels");
  if (takesLabels && isSet(ref.labels) && (isSet(ref.name) || isSet(ref.namespace))) {
    violations.push({ path: `${path}.labels`, message: "either labels or name and namespace must be specified" });
  }
  if (ref.kind === "Dataplane" && isSet(ref.sectionName) && !rules.inboundPolicy) {
    violations.push({ path: `${path}.sectionName`, message: "can only be used with inbound policies" });
  }
  if (ref.kind === "MeshService" && isSet(ref.labels) && isSet(ref.sectionName)) {
    violations.push({ path: `${path}.sectionName`, message: "sectionName should not be combined with labels" });
  }
  if (ref.proxyTypes?.length === 0 && fieldsOfKind[ref.kind].includes("proxyTypes")) {
    violations.push({ path: `${path}.proxyTypes`, message: "must not be empty" });
  }
  if (ref.kind === "MeshSubset") violations.push(...validateTags(`${path}.tags`, ref.tags, { requireTag: false }));
  if (ref.kind === "MeshServiceSubset") violations.push(...validateMatch(`${path}.tags`, ref.tags, { requireTag: false }));
  return violations;
}

/** An empty text, map or list counts as absent. */
function isSet(value: TargetRef[Field]): boolean {
  return value !== undefined && (typeof value === "string" ? value !== "" : Object.keys(value).length > 0);
}

/** What a writer should know of a top-level reference. */
export function topLevelWarnings(ref: TargetRef | undefined): readonly string[] {
  if (ref?.kind === "MeshService") {
    return ["MeshService value for 'targetRef.kind' is deprecated, use MeshSubset with 'kuma.io/service' tag instead"];
  }
  if (ref?.kind === "MeshServiceSubset") {
    return ["MeshServiceSubset value for 'targetRef.kind' is deprecated, use MeshSubset with 'kuma.io/service' tag instead"];
  }
  if (ref?.kind === "MeshSubset") {
    return ["MeshSubset value for 'targetRef.kind' is deprecated, use Dataplane with 'labels' instead"];
  }
  return [];
}
