import type { MeshSpec, Resource, ResourceInput, ResourceKey } from "@meridian/model";
import type { Place } from "@meridian/services";
import type { State } from "../state/state.ts";

/** What becomes of one resource besides its status. */
export type Wish = { readonly op: "keep" } | { readonly op: "put"; readonly resource: ResourceInput } | { readonly op: "delete" };

export const keep: Wish = { op: "keep" };

export interface Context {
  readonly state: State;
  readonly place: Place;
  readonly nowMs: number;
  /** How long a generated resource outlives the last data plane behind it. Milliseconds. */
  readonly graceMs: number;
  /** Asks for this key to be looked at again. */
  readonly lookAgain: (key: ResourceKey, afterMs: number) => void;
}

/** Absent labels are those that go. */
export function withLabels(resource: Resource, changes: Readonly<Record<string, string | undefined>>): ResourceInput {
  const { kind, mesh, name, spec } = resource;
  const labels: Record<string, string> = {};
  for (const [label, value] of Object.entries({ ...resource.labels, ...changes })) if (value !== undefined) labels[label] = value;
  return { kind, mesh, name, labels, spec };
}

export function usesTls(mesh: MeshSpec | undefined): boolean {
  return Boolean(mesh?.mtls?.enabledBackend);
}
