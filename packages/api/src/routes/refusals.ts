import {
  MeshNotFound,
  ReadOnlyKind,
  type RequestViolation,
  ResourceNotFound,
  type UnreadWrite,
  ValidationFailed,
  type WriteRequest,
} from "@meridian/admission";
import type { ResourceInputResult, Violation } from "@meridian/model";

/**
 * What admission refused, as violations of the requests of a batch: a batch of one is refused with an error of its own kind, which
 * in a batch is a mistake like any other. Undefined: the error is no refusal.
 */
export function refusalsOf(error: unknown): readonly RequestViolation[] | undefined {
  if (error instanceof ValidationFailed) return error.violations;
  if (error instanceof MeshNotFound) return [{ request: 0, path: "mesh", message: error.message }];
  if (error instanceof ReadOnlyKind) return [{ request: 0, path: "type", message: error.message }];
  if (error instanceof ResourceNotFound) return [{ request: 0, path: "name", message: error.message }];
  return undefined;
}

/** What admission can judge of a document that no resource could be made of. */
export function asUnread({ known }: Extract<ResourceInputResult, { violations: unknown }>): WriteRequest | UnreadWrite {
  if (!known) return { op: "unread" };
  const { spec, ...resource } = known;
  return spec === undefined ? { op: "unread", resource } : { op: "put", resource: { ...resource, spec } };
}

/** Refusals of a document beside what is wrong with it anyway: one complaint about a place is enough. */
export function beside(violations: readonly Violation[], refusals: readonly RequestViolation[]): readonly RequestViolation[] {
  const places = new Set(violations.map(({ path }) => path));
  return refusals.filter(({ path }) => !places.has(path));
}
