import { keyText, labelNames, parseKeyText, type Rejection, type Resource, type Revision } from "@meridian/model";
import type { Nack } from "@meridian/xds";
import type { ProxySession } from "./proxy-session.ts";

export interface RejectionFacts {
  /** The resource that the config was generated from, by `keyText`; undefined when it is gone. */
  readonly resourceOf: (key: string) => Resource | undefined;
  /** The policies that it is put down to, as the zone knows them. */
  readonly origins: readonly string[];
  /** The refused generation in the users' revisions. */
  readonly revision: Revision;
  readonly nowMs: number;
}

/** A NACK in terms of users: which proxy, which policies, which revision. */
export function describeRejection({ proxy }: ProxySession, nack: Nack, facts: RejectionFacts): Rejection {
  const policies = facts.origins.map((origin) => displayed(origin, facts.resourceOf(origin)));
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

export interface BlameFacts extends Pick<RejectionFacts, "resourceOf"> {
  /** The oldest generation that the proxy had not acknowledged. */
  readonly owed: Revision;
  /** Whom the same was put down to before. */
  readonly known: readonly string[];
}

/**
 * The policies behind a refusal, under the names that they have in the zone. Those that changed since the proxy's last good config
 * caused it, with those that the same was put down to before, as long as they have a part in it; where there are none (a proxy that
 * just connected), all that shaped the refused resources are named.
 */
export function blamedPolicies(nack: Nack, { resourceOf, owed, known }: BlameFacts): readonly string[] {
  const origins = [...new Set(nack.resources.flatMap((resource) => resource.origins))].sort();
  const before = origins.filter((origin) => known.includes(origin));
  if (nack.isRepeated && before.length > 0) return before;
  const caused = origins.filter((origin) => before.includes(origin) || (resourceOf(origin)?.version ?? 0) >= owed);
  return caused.length > 0 ? caused : origins;
}

/** As its writer knows it. */
function displayed(origin: string, policy: Resource | undefined): string {
  const name = policy?.labels[labelNames.displayName];
  return name === undefined ? origin : keyText({ ...parseKeyText(origin), name });
}
