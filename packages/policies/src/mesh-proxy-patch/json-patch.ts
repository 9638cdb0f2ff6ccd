import { at, type Violation } from "@meridian/model";
import type { JsonPatch } from "./schema.ts";

/** Which fields an operation takes (RFC 6902 section 4). */
export function validateJsonPatches(path: string, patches: readonly JsonPatch[]): readonly Violation[] {
  return patches.flatMap((patch, index) => {
    const where = at(path, index);
    return [
      ...validateField(`${where}.from`, patch.from, { field: "from", op: patch.op, ops: ["move", "copy"] }),
      ...validateField(`${where}.value`, patch.value, { field: "value", op: patch.op, ops: ["add", "replace"] }),
      ...validatePointer(`${where}.path`, patch),
    ];
  });
}

interface FieldRule {
  readonly field: string;
  readonly op: string;
  /** Operations that take the field, and need it. */
  readonly ops: readonly string[];
}

function validateField(path: string, value: unknown, { field, op, ops }: FieldRule): readonly Violation[] {
  const isTaken = ops.includes(op);
  if (isTaken === (value !== undefined)) return [];
  const list = ops.map((name) => `"${name}"`).join(", ");
  const problem = isTaken ? "must not be empty" : "is allowed only";
  return [{ path, message: `"${field}" ${problem} when "op" is one of [${list}]` }];
}

function validatePointer(path: string, { op, path: pointer }: JsonPatch): readonly Violation[] {
  const violations: Violation[] = [];
  if (pointer !== "" && !pointer.startsWith("/")) violations.push({ path, message: "must be a JSON pointer: it starts with /" });
  if (op === "remove" && (pointer === "" || pointer === "/")) violations.push({ path, message: "root path cannot be removed" });
  return violations;
}
