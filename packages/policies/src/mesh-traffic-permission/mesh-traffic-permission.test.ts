import type { Tags } from "@meridian/model";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fitsRule, fromRules } from "../core/from-rules.ts";
import { fitsTags } from "../core/selectors.ts";
import { inboundPolicyReach } from "../plan.ts";
import { policiesFrom, violationsOf, warningsOf } from "../testing/policies.ts";
import { fromRbac } from "./from.ts";
import type { Action } from "./schema.ts";

const value = fc.constantFrom("a", "b", "c");
const tags = fc.record({ "kuma.io/service": value, zone: value, version: value }, { requiredKeys: [] }) as fc.Arbitrary<Tags>;
const item = fc.record({ tags, item: fc.constantFrom<Action>("Allow", "Deny", "AllowWithShadowDeny") });

interface Principal {
  readonly any?: boolean;
  readonly notId?: Principal;
  readonly andIds?: { readonly ids: readonly Principal[] };
  readonly orIds?: { readonly ids: readonly Principal[] };
  readonly authenticated?: { readonly principalName: { readonly exact?: string; readonly prefix?: string } };
}

/** Envoy's evaluation of a principal (rbac.proto, Principal), for a client whose certificate has the URI SANs of its tags. */
function fits(principal: Principal, sans: readonly string[]): boolean {
  if (principal.notId) return !fits(principal.notId, sans);
  if (principal.andIds) return principal.andIds.ids.every((id) => fits(id, sans));
  if (principal.orIds) return principal.orIds.ids.some((id) => fits(id, sans));
  const name = principal.authenticated?.principalName;
  if (name) return sans.some((san) => san === name.exact || (name.prefix !== undefined && san.startsWith(name.prefix)));
  return principal.any === true;
}

function sansOf(client: Tags): readonly string[] {
  return Object.entries(client).map(([key, text]) =>
    key === "kuma.io/service" ? `spiffe://default/${text}` : `kuma://${key}/${text}`,
  );
}

function passes(rules: unknown, client: Tags): boolean {
  const { policies = {} } = (rules ?? {}) as { policies?: Record<string, { principals: readonly Principal[] }> };
  return Object.values(policies).some(({ principals }) => principals.some((principal) => fits(principal, sansOf(client))));
}

describe("from", () => {
  it("lets the last entry that fits a client decide, in RBAC as in disjoint rules", () => {
    fc.assert(
      fc.property(fc.array(item, { maxLength: 6 }), tags, (items, client) => {
        const decision = items.findLast((entry) => fitsTags(entry.tags, client))?.item ?? "Deny";
        const rbac = fromRbac(items, "default");
        expect(passes(rbac["rules"], client)).toBe(decision !== "Deny");
        expect(passes(rbac["shadowRules"], client)).toBe(decision === "AllowWithShadowDeny");

        const rules = fromRules(items).filter((rule) => fitsRule(rule, client));
        expect(rules.length).toBeLessThanOrEqual(1);
        expect(rules[0]?.items.at(-1) ?? "Deny").toBe(decision);
      }),
      { numRuns: 2000 },
    );
  });

  it("says everybody where everybody may", () => {
    const rbac = fromRbac(
      [
        { tags: { "kuma.io/service": "web" }, item: "Allow" },
        { tags: {}, item: "Allow" },
      ],
      "default",
    );
    expect(rbac).toEqual({
      rules: { policies: { MeshTrafficPermission: { permissions: [{ any: true }], principals: [{ any: true }] } } },
    });
  });
});

describe("validation", () => {
  const document = (spec: string) => `{type: MeshTrafficPermission, mesh: default, name: p, spec: ${spec}}`;

  it.each([
    ["{}", ["spec: at least one of 'from' or 'rules' has to be defined"]],
    [
      "{targetRef: {kind: MeshHTTPRoute, name: r}, from: [{targetRef: {kind: Mesh}, default: {action: Allow}}]}",
      ["spec.targetRef.kind: value 'MeshHTTPRoute' is not supported"],
    ],
    [
      "{from: [{targetRef: {kind: Dataplane}, default: {action: Allow}}]}",
      ["spec.from[0].targetRef.kind: value 'Dataplane' is not supported"],
    ],
    [
      "{from: [{targetRef: {kind: Mesh}, default: {action: Maybe}}]}",
      ["spec.from[0].default.action: in body should be one of [Allow Deny AllowWithShadowDeny]"],
    ],
    ["{from: [{targetRef: {kind: Mesh}}]}", ["spec.from[0].default: in body is required"]],
    [
      "{from: [{targetRef: {kind: Mesh}, default: {action: Allow}}], rules: [{default: {allow: [{spiffeID: {type: Exact, value: spiffe://a/b}}]}}]}",
      ["spec: fields 'to' and 'from' must be empty when 'rules' is defined"],
    ],
    ["{rules: [{default: {}}]}", ["spec.rules[0]: must have at least one defined: allow, allowWithShadowDeny, deny"]],
    [
      "{rules: [{default: {allow: [{}, {spiffeID: {type: Exact, value: web}}], deny: [{sni: {type: Exact, value: '-'}}]}}]}",
      [
        "spec.rules[0].deny[0].sni.value: must be a valid DNS name",
        "spec.rules[0].allow[0]: must have at least one defined: spiffeID, sni",
        "spec.rules[0].allow[1].spiffeID.value: must be a valid SPIFFE ID: spiffe://<trust domain>/<path>",
      ],
    ],
  ])("%s", (spec, expected) => {
    expect(violationsOf(document(spec))).toEqual(expected);
  });

  it("warns of what is deprecated", () => {
    const from = "from: [{targetRef: {kind: MeshService, name: web}, default: {action: Allow}}]";
    expect(warningsOf(document(`{targetRef: {kind: MeshService, name: backend}, ${from}}`))).toEqual([
      "'from' field is deprecated and will be removed in 3.0, use 'rules' with MeshIdentity (spiffeId) instead",
      "MeshService value for 'from[].targetRef.kind' is deprecated, use MeshSubset with 'kuma.io/service' instead",
      "MeshService value for 'targetRef.kind' is deprecated, use MeshSubset with 'kuma.io/service' tag instead",
    ]);
  });
});

describe("reach", () => {
  const from = "from: [{targetRef: {kind: Mesh}, default: {action: Allow}}]";
  it.each([
    ["{kind: MeshSubset, tags: {kuma.io/service: backend, version: v1}}", ["backend"]],
    ["{kind: MeshService, name: backend}", ["backend"]],
    ["{kind: MeshSubset, tags: {version: v1}}", "any"],
    ["{kind: Dataplane, labels: {app: x}}", "any"],
    ["{kind: Mesh}", "any"],
  ])("%s", (ref, services) => {
    const [policy] = policiesFrom(`{type: MeshTrafficPermission, mesh: default, name: p, spec: {targetRef: ${ref}, ${from}}}`);
    expect(policy && inboundPolicyReach(policy)).toEqual({ services });
  });
});
