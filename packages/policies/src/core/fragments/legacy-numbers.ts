import type { Violation } from "@meridian/model";
import { Type } from "@sinclair/typebox";

const maxUint32 = 4_294_967_295;

/** A `uint32` of a legacy kind. */
export function uint32(description: string) {
  return Type.Integer({ minimum: 0, maximum: maxUint32, description });
}

/** A share of the requests in percent, with decimals. `validateRequestShare` checks its range. */
export function requestShare(description: string) {
  return Type.Number({ description });
}

/** A `requestShare` must be there, from 0 to 100. */
export function validateRequestShare(path: string, share: number | undefined): readonly Violation[] {
  if (share === undefined) return [{ path, message: "cannot be empty" }];
  return isPercentage(share) ? [] : [{ path, message: "has to be in [0.0 - 100.0] range" }];
}

export function isPercentage(value: number): boolean {
  return value >= 0 && value <= 100;
}
