import { MeshNotFound, ReadOnlyKind, type RequestViolation, ResourceNotFound, ValidationFailed } from "@meridian/admission";

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
