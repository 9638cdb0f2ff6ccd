import type { ProtoJson } from "../route.ts";

/**
 * Merges as protobuf does (Message.MergeFrom), in proto JSON: messages deep, repeated fields appended, everything else replaced. A
 * duration is one value. An Any of another type replaces the one that is there.
 */
export function mergeMessage(base: ProtoJson, patch: ProtoJson): ProtoJson {
  const merged: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(patch)) merged[key] = mergeField(base[key], value);
  return merged;
}

function mergeField(base: unknown, patch: unknown): unknown {
  if (Array.isArray(base) && Array.isArray(patch)) return [...base, ...patch];
  if (!isMessage(base) || !isMessage(patch)) return patch;
  const type = patch["@type"];
  return type !== undefined && base["@type"] !== type ? patch : mergeMessage(base, patch);
}

function isMessage(value: unknown): value is ProtoJson {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
