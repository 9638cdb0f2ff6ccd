import { keyText, type Labels, parseDuration, type Resource } from "@meridian/model";
import { type PolicyNote, policyKri } from "@meridian/policies";
import { type MeshIdentity, meshIdentitiesFor, spiffeIdOf } from "@meridian/services";
import type { MeshView } from "../view/mesh-view.ts";
import type { ShownIdentity } from "./proxy-tls.ts";

/** What a MeshIdentity makes of one proxy. */
export interface ProxyIdentity {
  readonly resource: Resource;
  /** Name of its certificate. */
  readonly kri: string;
  readonly spiffeId: string;
  /** The SPIRE agent beside the proxy issues the certificate; absent: the zone does. */
  readonly spire?: { readonly connectTimeoutMs: number };
}

const defaultSpireTimeoutMs = 1_000;

/**
 * Who a proxy is by the best MeshIdentity that selects it, may be shown, and can give it an id; undefined: by the mesh's own CA
 * (reference: policies-envoy.md section 19).
 */
export function proxyIdentity(view: MeshView, mesh: string, labels: Labels): ProxyIdentity | undefined {
  for (const identity of meshIdentitiesFor(labels, view.identities(mesh))) {
    const id = spiffeIdOf(identity, labels);
    if ("ok" in id) return { ...providedBy(identity), spiffeId: id.ok };
  }
  return undefined;
}

/** What clusters and listeners refer to. The SPIRE agent knows a certificate by its SPIFFE id. */
export function shownIdentity({ kri, spiffeId, spire }: ProxyIdentity): ShownIdentity {
  return spire ? { certificate: spiffeId, isOfSpire: true } : { certificate: kri };
}

/** Why MeshIdentities that select a proxy do nothing for it: they are not in use yet, or a label that its id is made of is missing. */
export function identityNotes(view: MeshView, mesh: string, { labels }: { readonly labels: Labels }): readonly PolicyNote[] {
  const waiting = view.waitingIdentities(mesh).filter(({ identity, problem }) => problem && selects(identity, labels));
  const nameless = meshIdentitiesFor(labels, view.identities(mesh)).flatMap((identity): readonly PolicyNote[] => {
    const id = spiffeIdOf(identity, labels);
    if ("ok" in id) return [];
    return [{ policy: keyText(identity.resource), message: `a data plane gets no SPIFFE id: ${id.problem}` }];
  });
  const notInUse = waiting.map(({ identity, problem }) => ({
    policy: keyText(identity.resource),
    message: `not in use: ${problem}`,
  }));
  return [...notInUse, ...nameless];
}

function selects(identity: MeshIdentity, labels: Labels): boolean {
  return meshIdentitiesFor(labels, [identity]).length > 0;
}

function providedBy({ resource }: MeshIdentity): Omit<ProxyIdentity, "spiffeId"> {
  const { provider } = resource.spec;
  const timeout = provider?.spire?.agent?.timeout;
  const connectTimeoutMs = (timeout !== undefined && parseDuration(timeout)) || defaultSpireTimeoutMs;
  return {
    resource,
    kri: policyKri("mid", resource),
    ...(provider?.type === "Spire" && { spire: { connectTimeoutMs } }),
  };
}
