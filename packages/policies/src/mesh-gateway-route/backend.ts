import { type Tags, type Unchecked, type Violation, validateMatch } from "@meridian/model";
import type { GatewayBackend } from "./schema.ts";

/** A destination: tags as in a selector, the service among them. */
export function validateBackend(path: string, backend: Unchecked<GatewayBackend> | undefined): readonly Violation[] {
  if (!backend) return [{ path, message: "cannot be empty" }];
  return validateMatch(path, backend.destination as Tags | undefined, { requireService: true });
}
