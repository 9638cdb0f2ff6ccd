import { labelNames } from "@meridian/model";
import type { Candidate, Document } from "./candidate.ts";

/** Say where a resource lived; its new home computes its own. */
const placeLabels: readonly string[] = [labelNames.origin, labelNames.zone, labelNames.env, labelNames.namespace];
/** Computed by whoever holds the resource. */
const computedFields: readonly string[] = ["creationTime", "modificationTime", "kri", "status"];

/** The document as this control plane shall store it: the same resource, without what belongs to its old place. */
export function cleanDocument(candidate: Candidate): Document {
  const { document } = candidate;
  const labels = without(candidate.labels, placeLabels);
  if (candidate.shape === "universal") {
    return { ...without(document, [...computedFields, "labels"]), name: plainName(candidate), ...given("labels", labels) };
  }
  const { apiVersion, kind, type, mesh, spec, data } = document;
  const metadata = { name: plainName(candidate), ...given("labels", labels) };
  const fields = { apiVersion, kind, type, mesh, metadata, spec, data };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

/** Kubernetes keeps `name.namespace` as the name where REST shows it; the name that users know is in a label. */
export function plainName({ name, labels }: Candidate): string {
  const original = labels[labelNames.displayName];
  const namespace = labels[labelNames.namespace];
  return original !== undefined && namespace !== undefined && name === `${original}.${namespace}` ? original : name;
}

function given(field: string, labels: Readonly<Record<string, unknown>>): Document {
  return Object.keys(labels).length === 0 ? {} : { [field]: labels };
}

function without(fields: Document, names: readonly string[]): Document {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => !names.includes(name)));
}
