import { compareText, type KindDefinition } from "@meridian/model";
import type { FastifyInstance } from "fastify";
import { hasPolicyStatus, whyReadOnly } from "../kinds.ts";
import type { ApiDeps } from "../ports.ts";

/** What the control plane is, and what it knows: `/`, `/who-am-i`, `/config`, `/policies`, `/_resources`. */
export function generalRoutes(app: FastifyInstance, deps: ApiDeps): void {
  const storeless = { isStoreless: true };
  app.get("/", { config: { ...storeless, isPublic: true } }, async () => ({
    clusterId: deps.info.clusterId,
    gui: "",
    hostname: deps.info.hostname,
    instanceId: deps.info.instanceId,
    product: deps.info.product,
    version: deps.info.version,
    // Beyond the peer: what kind of control plane answers, and how its link to the global is.
    mode: deps.mode,
    ...(deps.zone !== undefined && { zone: deps.zone }),
    ...(deps.linkState && { link: deps.linkState() }),
  }));
  app.get("/who-am-i", { config: storeless }, async (request) => ({ name: request.user.name, groups: request.user.groups }));
  app.get("/config", { config: storeless }, async (_request, reply) =>
    reply.header("content-type", "application/json").send(JSON.stringify(deps.effectiveConfig())),
  );
  const policies = { policies: describePolicies(deps) };
  app.get("/policies", { config: storeless }, async () => policies);
  const resources = { resources: describeKinds(deps) };
  app.get("/_resources", { config: storeless }, async () => resources);
}

function describePolicies(deps: ApiDeps): readonly object[] {
  return byName(deps.kinds.all)
    .filter((kind) => kind.category === "policy")
    .map((kind) => ({
      name: kind.kind,
      readOnly: whyReadOnly(kind, deps) !== undefined,
      path: kind.path,
      singularDisplayName: kind.singularDisplayName,
      pluralDisplayName: kind.pluralDisplayName,
      isExperimental: false,
      isTargetRefBased: kind.policy?.isTargetRef ?? false,
      isInbound: (kind.policy?.hasFrom ?? false) || (kind.policy?.hasRules ?? false),
      isOutbound: kind.policy?.hasTo ?? false,
    }));
}

function describeKinds(deps: ApiDeps): readonly object[] {
  return byName(deps.kinds.all).map((kind) => ({
    name: kind.kind,
    path: kind.path,
    scope: kind.scope === "mesh" ? "Mesh" : "Global",
    ...(kind.shortName !== undefined && { shortName: kind.shortName }),
    singularDisplayName: kind.singularDisplayName,
    pluralDisplayName: kind.pluralDisplayName,
    readOnly: isReadOnlyHere(kind, deps),
    includeInFederation: kind.includeInFederation ?? false,
    // Beyond the peer, for our own tools, which know no kinds.
    category: kind.category,
    ...(kind.zoneOwned && { zoneOwned: true }),
    ...(hasPolicyStatus(kind) && { hasPolicyStatus: true }),
    ...(kind.policy && {
      policy: {
        hasToTargetRef: kind.policy.hasTo ?? false,
        hasFromTargetRef: kind.policy.hasFrom ?? false,
        hasRulesTargetRef: kind.policy.hasRules ?? false,
        isTargetRef: kind.policy.isTargetRef,
        isFromAsRules: kind.policy.isFromAsRules ?? false,
      },
    }),
  }));
}

/** The peer's quirk, which its tools rely on: everything on a federated zone, and at a global not even zone-owned kinds. */
function isReadOnlyHere(kind: KindDefinition, { mode, readOnly }: ApiDeps): boolean {
  return readOnly === true || mode === "zone" || kind.category === "insight";
}

function byName(kinds: readonly KindDefinition[]): readonly KindDefinition[] {
  return [...kinds].sort((a, b) => compareText(a.kind, b.kind));
}
