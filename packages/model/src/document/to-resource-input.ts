import type { KindDefinition, KindRegistry, ValidationContext } from "../kind.ts";
import { labelNames } from "../labels.ts";
import { compareText, type ResourceInput } from "../resource.ts";
import { validateLabels, validateResourceName } from "../rules/names.ts";
import type { Violation } from "../violation.ts";
import { conformToSchema } from "./conform.ts";
import { type Envelope, openEnvelope } from "./envelope.ts";
import { findMisfits } from "./find-misfits.ts";
import { lastingViolations } from "./lasting-violations.ts";
import { inPlaceOrder } from "./place-order.ts";
import { isObject, type JsonSchema } from "./schema-walk.ts";

/** What the place of a write says of the document: the URL of a PUT. A document that says otherwise is refused. */
export interface ExpectedKey {
  readonly kind?: string;
  readonly mesh?: string;
  readonly name?: string;
}

export type ResourceInputResult =
  | { readonly ok: ResourceInput; readonly warnings: readonly string[] }
  | {
      readonly violations: readonly Violation[];
      readonly warnings: readonly string[];
      /** Which resource it would be, where the document says so; with its spec, where that is right. */
      readonly known?: Omit<ResourceInput, "spec"> & { readonly spec?: unknown };
    };

/**
 * Makes a resource of a document: checks its envelope, its schema and the kind's own rules, and normalises it. Reports every
 * mistake at once; where the schema is broken, of the kind's own rules what holds however that is repaired. Never throws, whatever
 * the document holds.
 * A mesh that neither the document nor `expected` names is `default`.
 */
export function toResourceInput(document: unknown, registry: KindRegistry, expected: ExpectedKey = {}): ResourceInputResult {
  if (!isObject(document)) return { violations: [{ path: "", message: "must be an object" }], warnings: [] };
  const envelope = openEnvelope(document);
  const violations: Violation[] = [...envelope.violations];
  const kind = agreed(envelope.kind, expected.kind, envelope.kindPath, violations);
  const definition = kind === undefined ? undefined : registry.get(kind);
  if (kind === undefined) {
    if (!violations.some(({ path }) => path === envelope.kindPath)) {
      violations.push({ path: envelope.kindPath, message: "must be defined" });
    }
  } else if (!definition) violations.push({ path: envelope.kindPath, message: unknownKindMessage(kind, registry) });

  const name = agreed(envelope.name, expected.name, envelope.namePath, violations) ?? "";
  if (name !== "") violations.push(...validateResourceName(name, envelope.namePath));
  else if (!violations.some(({ path }) => path === envelope.namePath)) {
    violations.push({ path: envelope.namePath, message: "must be defined" });
  }
  const mesh = definition?.scope === "global" ? "" : meshOf(envelope, expected, violations);
  const isNamed = !violations.some(({ path }) => path === envelope.namePath || path === "mesh");
  violations.push(...validateLabels(envelope.labels, envelope.kindPath === "kind" ? "metadata.labels" : "labels"));
  if (!definition) return { violations, warnings: [] };

  const checked = checkSpec(definition, envelope, { mesh, name, labels: envelope.labels });
  violations.push(...checked.violations);
  const { warnings, spec } = checked;
  const identity = { kind: definition.kind, mesh, name, labels: envelope.labels };
  if (violations.length === 0) return { ok: { ...identity, spec }, warnings };
  return { violations, warnings, ...(isNamed && { known: checked.violations.length === 0 ? { ...identity, spec } : identity }) };
}

function meshOf(envelope: Envelope, expected: ExpectedKey, violations: Violation[]): string {
  const mesh = agreed(envelope.mesh, expected.mesh, "mesh", violations) ?? "default";
  violations.push(...validateResourceName(mesh, "mesh"));
  return mesh;
}

/** Document and URL must say the same; either may be silent. */
function agreed(
  written: string | undefined,
  wanted: string | undefined,
  path: string,
  violations: Violation[],
): string | undefined {
  if (wanted === undefined || wanted === "") return written;
  if (written !== undefined && written !== wanted) {
    const what = path === "kind" ? "type" : path.replace("metadata.", "");
    violations.push({ path, message: `${what} from the URL has to be the same as in body` });
  }
  return wanted;
}

interface CheckedSpec {
  readonly spec: unknown;
  readonly violations: readonly Violation[];
  readonly warnings: readonly string[];
}

function checkSpec(definition: KindDefinition, envelope: Envelope, context: ValidationContext): CheckedSpec {
  const { written, path, strayFields } = writtenSpec(definition, envelope);
  const schema = definition.schema as unknown as JsonSchema;
  const conformed = conformToSchema(written, schema, { style: definition.style, path });
  const unknownFields = [...strayFields, ...conformed.unknownFields];
  const warnings = unknownFields.map((field) => `unknown field "${field}" is ignored`);
  const violations = checkSpecValue(definition, conformed.value, context);
  if (violations.length > 0) return { spec: undefined, violations, warnings };
  const spec = definition.normalise?.(conformed.value) ?? conformed.value;
  return { spec, violations: [], warnings: [...warnings, ...(definition.warnings?.(spec, context) ?? [])] };
}

/**
 * Whether a resource that did not come from a document (from another control plane) is one that a document could have made: every
 * mistake, as `toResourceInput` reports them.
 */
export function checkResource(resource: ResourceInput, registry: KindRegistry): readonly Violation[] {
  const definition = registry.get(resource.kind);
  if (!definition) return [{ path: "type", message: unknownKindMessage(resource.kind, registry) }];
  return [
    ...validateResourceName(resource.name),
    ...(definition.scope === "mesh" ? validateResourceName(resource.mesh, "mesh") : []),
    ...validateLabels(resource.labels),
    ...checkSpecValue(definition, resource.spec, {
      mesh: resource.mesh,
      name: resource.labels[labelNames.displayName] ?? resource.name,
      labels: resource.labels,
    }),
  ];
}

function checkSpecValue(definition: KindDefinition, spec: unknown, context: ValidationContext): readonly Violation[] {
  const path = definition.style === "spec" ? "spec" : "";
  const misfits = findMisfits(definition, spec, path);
  if (misfits.length === 0) return definition.validate?.(spec, context) ?? [];
  const violations = [...misfits.map(({ violation }) => violation), ...lastingViolations(definition, spec, { misfits, context })];
  return inPlaceOrder(violations, spec, path);
}

/**
 * Where the spec was written: under `spec` for spec kinds and for everything on Kubernetes, at the top level for legacy kinds in
 * universal form; a legacy kind written under `spec` is understood too.
 */
function writtenSpec(definition: KindDefinition, envelope: Envelope) {
  const stray = Object.keys(envelope.fields).sort(compareText);
  if (definition.style === "spec") return { written: envelope.spec ?? {}, path: "spec", strayFields: stray };
  if (envelope.kindPath === "kind" || (envelope.spec !== undefined && stray.length === 0)) {
    return { written: envelope.spec ?? {}, path: "", strayFields: stray };
  }
  return { written: envelope.fields, path: "", strayFields: envelope.spec === undefined ? [] : ["spec"] };
}

function unknownKindMessage(kind: string, registry: KindRegistry): string {
  const normalised = kind.toLowerCase();
  const near = registry.all.find((definition) => {
    const names = [definition.kind, definition.path, definition.shortName ?? ""].map((known) => known.toLowerCase());
    return names.includes(normalised);
  });
  return near ? `unknown kind "${kind}": did you mean ${near.kind}?` : `unknown kind "${kind}"`;
}
