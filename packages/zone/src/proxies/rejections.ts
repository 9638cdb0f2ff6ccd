import { keyText, labelNames, parseKeyText, type Rejection, type Resource, type Revision } from "@meridian/model";
import type { Nack } from "@meridian/xds";
import type { ProxySession } from "./proxy-session.ts";

export interface RejectionFacts {
  /** The resource that the config was generated from, by `keyText`; undefined when it is gone. */
  readonly resourceOf: (key: string) => Resource | undefined;
  /** The oldest generation that the proxy had not acknowledged. */
  readonly owed: Revision;
  /** The refused generation in the users' revisions. */
  readonly revision: Revision;
  readonly nowMs: number;
}

/** A NACK in terms of users: which proxy, which policies, which revision. */
export function describeRejection({ proxy }: ProxySession, nack: Nack, facts: RejectionFacts): Rejection {
  const policies = blamedPolicies(nack, facts).map((origin) => displayed(origin, facts.resourceOf(origin)));
  return {
    mesh: proxy.description.mesh,
    proxy: proxy.description.name,
    typeUrl: nack.typeUrl,
    resources: nack.resources.map((resource) => resource.name),
    message: nack.message,
    policies,
    revision: facts.revision,
    time: new Date(facts.nowMs).toISOString(),
  };
}

/**
 * The policies behind a refusal, under the names that they have in the zone. Those that changed since the proxy's last good config
 * caused it; where none did (a proxy that just connected), all that shaped the refused resources are named.
 */
export function blamedPolicies(nack: Nack, { resourceOf, owed }: Pick<RejectionFacts, "resourceOf" | "owed">): readonly string[] {
  const origins = [...new Set(nack.resources.flatMap((resource) => resource.origins))].sort();
  const changed = origins.filter((origin) => (resourceOf(origin)?.version ?? 0) >= owed);
  return changed.length > 0 ? changed : origins;
}

/** As its writer knows it. */
function displayed(origin: string, policy: Resource | undefined): string {
  const name = policy?.labels[labelNames.displayName];
  return name === undefined ? origin : keyText({ ...parseKeyText(origin), name });
}
