import { MeridianError } from "@meridian/base";
import type { ResourceKey, Violation } from "@meridian/model";

/** A user's mistake in one request of a batch. */
export interface RequestViolation extends Violation {
  /** Index of the request in the batch. */
  readonly request: number;
}

/** The batch cannot be admitted; nothing was written. A retry of the same cannot help, except where a message says so. */
export class ValidationFailed extends MeridianError<"VALIDATION_FAILED"> {
  /** The peer's title for the first mistake: `Failed to create a resource`, `Could not process a resource`, … */
  readonly title: string;
  /** All mistakes, in the order of the requests. */
  readonly violations: readonly RequestViolation[];

  constructor(title: string, violations: readonly RequestViolation[]) {
    super("VALIDATION_FAILED", `${title}: ${violations.map(({ path, message }) => `${path}: ${message}`).join("; ")}`);
    this.title = title;
    this.violations = violations;
  }
}

/** The mesh of the resource does not exist. */
export class MeshNotFound extends MeridianError<"MESH_NOT_FOUND"> {
  readonly title = "Failed to retrieve Mesh";
  readonly mesh: string;

  constructor(mesh: string) {
    super("MESH_NOT_FOUND", `mesh "${mesh}" does not exist: create it first, or name another one`);
    this.mesh = mesh;
  }
}

/** Users cannot write this kind at this control plane. */
export class ReadOnlyKind extends MeridianError<"READ_ONLY_KIND"> {
  readonly title = "Method not allowed";

  constructor(reason: string) {
    super("READ_ONLY_KIND", reason);
  }
}

/** There is nothing to delete. */
export class ResourceNotFound extends MeridianError<"NOT_FOUND"> {
  readonly title = "Could not delete a resource";
  readonly key: ResourceKey;

  constructor(key: ResourceKey) {
    super("NOT_FOUND", `${key.kind} "${key.name}" does not exist${key.mesh === "" ? "" : ` in mesh "${key.mesh}"`}`);
    this.key = key;
  }
}
