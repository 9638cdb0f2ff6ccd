import type { Client } from "@meridian/client";
import { usageFailure } from "./failure.ts";
import { resolveKind } from "./kind-names.ts";

export interface ResourceName {
  readonly type: string;
  readonly mesh?: string;
  readonly name: string;
}

/**
 * Reads values like `traffic-route/canary` or `traffic-route/default/canary`.
 * @param from.flag as users type it. @param from.mesh of names without one.
 * @throws CommandFailure (usage)
 */
export async function readResourceNames(
  client: Client,
  texts: readonly string[],
  from: { readonly flag: string; readonly mesh: string },
): Promise<readonly ResourceName[]> {
  const names: ResourceName[] = [];
  for (const text of texts) {
    const parts = text.split("/");
    const [typedKind = "", ...rest] = parts;
    const name = rest.at(-1);
    if (!typedKind || !name || parts.length > 3) {
      throw usageFailure(
        `${from.flag} ${text} names no resource`,
        `Use a form like ${from.flag} traffic-route/canary or traffic-route/default/canary`,
      );
    }
    const kind = await resolveKind(client, typedKind);
    const mesh = rest.length === 2 ? (rest[0] ?? from.mesh) : from.mesh;
    names.push({ type: kind.name, ...(kind.scope === "Mesh" && { mesh }), name });
  }
  return names;
}
