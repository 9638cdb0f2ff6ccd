import { at, type Violation } from "@meridian/model";
import { validateEnvoyYaml, validateWholeEnvoyYaml } from "../core/fragments/envoy-yaml.ts";
import { topLevelKinds } from "../core/fragments/target-kinds.ts";
import { validateTargetRef } from "../core/validate-target-ref.ts";
import { validateJsonPatches } from "./json-patch.ts";
import type { JsonPatch, MeshProxyPatchSpec, Modification } from "./schema.ts";

/** Paths and texts: resources.md section 7. */
export function validateMeshProxyPatch({ targetRef, default: conf = {} }: MeshProxyPatchSpec): readonly Violation[] {
  const path = "spec.default.appendModifications";
  const modifications = conf.appendModifications ?? [];
  return [
    ...(targetRef ? validateTargetRef("spec.targetRef", targetRef, { kinds: topLevelKinds }) : []),
    ...(modifications.length === 0 ? [{ path, message: "must not be empty" }] : []),
    ...modifications.flatMap((modification, index) => validateModification(at(path, index), modification)),
  ];
}

/** The Envoy message of each target's `value`. */
const typeOfTarget = {
  cluster: "envoy.config.cluster.v3.Cluster",
  listener: "envoy.config.listener.v3.Listener",
  virtualHost: "envoy.config.route.v3.VirtualHost",
  networkFilter: "envoy.config.listener.v3.Filter",
  httpFilter: "envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter",
} as const;
type Target = keyof typeof typeOfTarget;
const targets = Object.keys(typeOfTarget) as readonly Target[];

function validateModification(path: string, modification: Modification): readonly Violation[] {
  const [target, ...others] = targets.filter((candidate) => modification[candidate] !== undefined);
  const change = target && modification[target];
  if (!change || others.length > 0) {
    const count = target ? others.length + 1 : 0;
    const message = `exactly one modification can be defined at a time. Currently, ${count} modifications are defined`;
    return [{ path, message }];
  }
  return validateChange(`${path}.${target}`, target, change);
}

interface Change {
  readonly operation: string;
  readonly match?: { readonly name?: string | undefined } | undefined;
  readonly value?: string | undefined;
  readonly jsonPatches?: readonly JsonPatch[] | undefined;
}

function validateChange(path: string, target: Target, change: Change): readonly Violation[] {
  switch (change.operation) {
    case "Remove":
      return change.value === undefined ? [] : [{ path: `${path}.value`, message: "must not be defined" }];
    case "Patch":
      return [...validateFilterName(path, target, change), ...validatePatch(path, target, change)];
    default:
      return [...validatePlace(path, target, change), ...validateNew(`${path}.value`, target, change.value)];
  }
}

/** A patch of a filter needs to know which. */
function validateFilterName(path: string, target: Target, { match }: Change): readonly Violation[] {
  const isFilter = target === "networkFilter" || target === "httpFilter";
  return isFilter && match?.name === undefined ? [{ path: `${path}.match.name`, message: "must be defined" }] : [];
}

/** Something new has no match of its own; a filter that is put beside another names that one. */
function validatePlace(path: string, target: Target, { operation, match }: Change): readonly Violation[] {
  if (operation === "Add") {
    if (target !== "virtualHost") return match ? [{ path: `${path}.match`, message: "must not be defined" }] : [];
    return match?.name === undefined ? [] : [{ path: `${path}.match.name`, message: "must not be defined" }];
  }
  if (match?.name !== undefined || (operation !== "AddBefore" && operation !== "AddAfter")) return [];
  const place = operation === "AddBefore" ? "before" : "after";
  const message = `must be defined. You need to pick a filter ${place} which this one will be added`;
  return [{ path: `${path}.match.name`, message }];
}

function validateNew(path: string, target: Target, value: string | undefined): readonly Violation[] {
  if (value === undefined) return [{ path, message: "must be defined" }];
  return validateWholeEnvoyYaml(path, value, typeOfTarget[target]);
}

function validatePatch(path: string, target: Target, { value, jsonPatches = [] }: Change): readonly Violation[] {
  if (value === undefined) {
    if (jsonPatches.length > 0) return validateJsonPatches(`${path}.jsonPatches`, jsonPatches);
    return [{ path, message: `${target} must have exactly one defined: value, jsonPatches` }];
  }
  if (jsonPatches.length > 0) return [{ path, message: `${target} must have only one type defined: value, jsonPatches` }];
  return validateEnvoyYaml(`${path}.value`, value, typeOfTarget[target]);
}
