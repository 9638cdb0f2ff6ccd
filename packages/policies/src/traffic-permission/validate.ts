import { type Tags, type Unchecked, type Violation, validateSelectors } from "@meridian/model";
import type { TrafficPermissionSpec } from "./schema.ts";

/** Any tag will do in either list (reference: resources-legacy.md 0.1). */
export function validateTrafficPermission(spec: Unchecked<TrafficPermissionSpec>): readonly Violation[] {
  const { sources, destinations } = spec as { readonly [List in "sources" | "destinations"]?: Selectors };
  return [...validateSelectors("sources", sources), ...validateSelectors("destinations", destinations)];
}

type Selectors = readonly { readonly match?: Tags | undefined }[];
