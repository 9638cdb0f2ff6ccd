export { type Admission, createAdmission } from "./admission.ts";
export { checkConstraints } from "./dataplane.ts";
export type { DefaultOptions } from "./defaults.ts";
export { MeshNotFound, ReadOnlyKind, type RequestViolation, ResourceNotFound, ValidationFailed } from "./errors.ts";
export type {
  AdmissionDeps,
  Admitted,
  CaOptions,
  ControlPlaneRole,
  PkiPort,
  Prepared,
  PrepareOptions,
  TokenOptions,
  WriteRequest,
  WriteSource,
} from "./ports.ts";
export { readOnlyReason } from "./read-only.ts";
export { secretNames, secretOf, secretText, serialOf } from "./secrets.ts";
