import { labelNames } from "../labels.ts";
import type { Labels } from "../resource.ts";
import { at, type Violation } from "../violation.ts";
import { isObject } from "./schema-walk.ts";

/** A document taken apart, before its kind is known. */
export interface Envelope {
  readonly kind: string | undefined;
  /** Where the kind was named: `type` or `kind`. */
  readonly kindPath: "type" | "kind";
  readonly mesh: string | undefined;
  readonly name: string | undefined;
  readonly namePath: string;
  readonly labels: Labels;
  /** Fields beside the envelope's own: the spec of a legacy kind in universal form. */
  readonly fields: Readonly<Record<string, unknown>>;
  /** The value of `spec`, if the document has one. */
  readonly spec: unknown;
  readonly violations: readonly Violation[];
}

export const apiVersion = "kuma.io/v1alpha1";
export const defaultNamespace = "kuma-system";
/** `type` of the Kubernetes Secrets that hold a Secret or a GlobalSecret. */
export const secretTypes = { Secret: "system.kuma.io/secret", GlobalSecret: "system.kuma.io/global-secret" } as const;

/** What the server computes and users send back: read past, without a warning. */
const universalFields = new Set([
  "apiVersion",
  "type",
  "mesh",
  "name",
  "creationTime",
  "modificationTime",
  "labels",
  "kri",
  "spec",
  "status",
]);
const kubernetesFields = new Set(["apiVersion", "kind", "metadata", "mesh", "spec", "status"]);

/**
 * Both shapes: universal (`type`, `name`, `mesh`) and Kubernetes (`apiVersion`, `kind`, `metadata`). Insights have a field `metadata`
 * of their own, and some examples of the peer's documentation put an `apiVersion` over the universal form: neither alone decides.
 */
export function openEnvelope(document: Readonly<Record<string, unknown>>): Envelope {
  const isUniversal = "type" in document && !("apiVersion" in document && ("kind" in document || "metadata" in document));
  const isKubernetes = !isUniversal && ("apiVersion" in document || "metadata" in document);
  return isKubernetes ? openKubernetes(document) : openUniversal(document);
}

function openUniversal(document: Readonly<Record<string, unknown>>): Envelope {
  const violations: Violation[] = [];
  return {
    kind: text(document.type, "type", violations),
    kindPath: "type",
    mesh: text(document.mesh, "mesh", violations),
    name: text(document.name, "name", violations),
    namePath: "name",
    labels: labelsOf(document.labels, "labels", violations),
    fields: without(document, universalFields),
    spec: document.spec,
    violations,
  };
}

function openKubernetes(document: Readonly<Record<string, unknown>>): Envelope {
  if (document.apiVersion === "v1" && document.kind === "Secret") return openKubernetesSecret(document);
  const violations: Violation[] = [];
  if (document.apiVersion !== apiVersion) violations.push({ path: "apiVersion", message: `must be ${apiVersion}` });
  const metadata = metadataOf(document, violations);
  return {
    kind: text(document.kind, "kind", violations),
    kindPath: "kind",
    mesh: text(document.mesh, "mesh", violations) ?? metadata.labels[labelNames.mesh],
    name: metadata.name,
    namePath: "metadata.name",
    labels: metadata.labels,
    fields: without(document, kubernetesFields),
    spec: document.spec,
    violations,
  };
}

/** On Kubernetes Secrets and GlobalSecrets are core Secrets of a type of their own, with the data under `value`. */
function openKubernetesSecret(document: Readonly<Record<string, unknown>>): Envelope {
  const violations: Violation[] = [];
  const metadata = metadataOf(document, violations);
  const isGlobal = document.type === secretTypes.GlobalSecret;
  if (!isGlobal && document.type !== secretTypes.Secret) {
    violations.push({ path: "type", message: `must be ${secretTypes.Secret} or ${secretTypes.GlobalSecret}` });
  }
  const data = isObject(document.data) ? document.data.value : undefined;
  return {
    kind: isGlobal ? "GlobalSecret" : "Secret",
    kindPath: "kind",
    mesh: isGlobal ? undefined : metadata.labels[labelNames.mesh],
    name: metadata.name,
    namePath: "metadata.name",
    labels: metadata.labels,
    fields: {},
    spec: data === undefined ? {} : { data },
    violations,
  };
}

function metadataOf(document: Readonly<Record<string, unknown>>, violations: Violation[]) {
  const metadata = isObject(document.metadata) ? document.metadata : {};
  if (!isObject(document.metadata)) violations.push({ path: "metadata", message: "must be an object" });
  const labels = labelsOf(metadata.labels, "metadata.labels", violations);
  const namespace = text(metadata.namespace, "metadata.namespace", violations) ?? "";
  // The system namespace is where a control plane keeps resources that belong to no namespace of a user.
  const isUsers = namespace !== "" && namespace !== defaultNamespace;
  return {
    name: text(metadata.name, "metadata.name", violations),
    labels: isUsers ? { ...labels, [labelNames.namespace]: namespace } : labels,
  };
}

function text(value: unknown, path: string, violations: Violation[]): string | undefined {
  if (value === undefined || value === null || value === "") return undefined;
  if (typeof value === "string") return value;
  violations.push({
    path,
    message: `must be of type string, not ${Array.isArray(value) ? "array" : typeof value}: put it in quotes`,
  });
  return undefined;
}

function labelsOf(value: unknown, path: string, violations: Violation[]): Labels {
  if (value === undefined || value === null) return {};
  if (!isObject(value)) {
    violations.push({ path, message: "must be an object" });
    return {};
  }
  const entries: [string, string][] = [];
  for (const [key, label] of Object.entries(value)) {
    const known = label === "" ? "" : text(label, at(path, key), violations);
    if (known !== undefined) entries.push([key, known]);
  }
  return Object.fromEntries(entries);
}

function without(document: Readonly<Record<string, unknown>>, fields: ReadonlySet<string>) {
  return Object.fromEntries(Object.entries(document).filter(([key]) => !fields.has(key)));
}
