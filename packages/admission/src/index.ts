export { createAdmission } from "./admission.ts";
export { checkConstraints } from "./dataplane.ts";
export { MeshNotFound, ReadOnlyKind, type RequestViolation, ResourceNotFound, ValidationFailed } from "./errors.ts";
export type {
  Admission,
  AdmissionDeps,
  Admitted,
  CaOptions,
  ControlPlaneRole,
  DefaultOptions,
  PkiPort,
  Prepared,
  PrepareOptions,
  TokenOptions,
  UnreadWrite,
  WriteRequest,
  WriteSource,
} from "./ports.ts";
export { readOnlyReason } from "./read-only.ts";
export { secretNames, secretOf, secretText, serialOf } from "./secrets.ts";
