/** Something that a policy asks of a target that cannot have it: an HTTP route of a TCP service, a backend that is missing. */
export interface PolicyNote {
  /** `keyText`. */
  readonly policy: string;
  readonly message: string;
}
