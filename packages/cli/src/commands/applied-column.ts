import { ApiFailure, type Client, type ResourceKindAnswer } from "@meridian/client";
import type { PolicyStatus } from "@meridian/model";
import { isPolicy } from "../is-policy.ts";
import type { Column } from "../output/columns.ts";
import { appliedText } from "../output/policy-status.ts";
import type { TextStyle } from "../output/style.ts";

/** One policy, or a page of them as `get` lists it. */
interface Wanted {
  readonly mesh?: string;
  readonly name?: string;
  readonly size?: number;
  readonly offset?: string;
}

/** Of the proxies that each policy applies to, how many hold it. None for other kinds, and where the control plane cannot tell. */
export async function appliedColumn(
  client: Client,
  kind: ResourceKindAnswer,
  { mesh, name, ...query }: Wanted,
  style: TextStyle,
): Promise<readonly Column[]> {
  if (!isPolicy(kind)) return [];
  const at = { path: kind.path, ...(mesh !== undefined && { mesh }) };
  try {
    const statuses =
      name === undefined ? (await client.policyStatuses(at, query)).items : [await client.policyStatus({ ...at, name })];
    const byKey = new Map(statuses.map((status) => [keyOf(status), status]));
    return [{ title: "APPLIED", read: (item) => cell(byKey.get(keyOf(item)), style) }];
  } catch (error) {
    // A control plane of another make.
    if (error instanceof ApiFailure && error.status === 404) return [];
    throw error;
  }
}

function keyOf({ mesh = "", name }: { readonly mesh?: string; readonly name: string }): string {
  return `${mesh}/${name}`;
}

function cell(status: PolicyStatus | undefined, style: TextStyle): string {
  return status ? appliedText(status, style) : "-";
}
