import { type KindRegistry, type Resource, type ResourceKey, renderResource } from "@meridian/model";
import type { HistoryChange } from "@meridian/store";
import { mayAccess } from "../http/access.ts";
import type { User } from "../ports.ts";

/** One change of the log as the API shows it. */
export interface ChangeView {
  readonly op: "put" | "delete";
  readonly outcome: HistoryChange["outcome"];
  readonly type: string;
  readonly mesh?: string;
  readonly name: string;
}

export function changeView({ outcome, key }: Pick<HistoryChange, "outcome" | "key">): ChangeView {
  return { op: outcome === "deleted" ? "delete" : "put", outcome, ...keyView(key) };
}

export function keyView({ kind, mesh, name }: ResourceKey): {
  readonly type: string;
  readonly mesh?: string;
  readonly name: string;
} {
  return { type: kind, ...(mesh !== "" && { mesh }), name };
}

/** Renders a resource of the log for a user: a secret shows its content only to those who may read it. */
export function loggedResource(resource: Resource, kinds: KindRegistry, user: User): object {
  const kind = kinds.get(resource.kind);
  // A kind that this version no longer knows is still history.
  if (!kind) return { type: resource.kind, mesh: resource.mesh, name: resource.name, labels: resource.labels };
  return renderResource(mayAccess(user, kind) ? resource : { ...resource, spec: {} }, kinds);
}
