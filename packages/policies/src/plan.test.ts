import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { encodeMessage } from "@meridian/envoy";
import type { Resource } from "@meridian/model";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { InboundSubject, OutboundSubject, PermissionPlan, ProxySubject, RoutePlan } from "./core/types.ts";
import { planOutbound, planPermission } from "./plan.ts";
import { policies, policyKinds } from "./policies.ts";
import { documentsIn, inbound, outbound, policiesFrom, proxy, readBack } from "./testing/policies.ts";

/** First document of a golden input: what is asked. The others are the policies of the mesh. */
interface Question {
  readonly proxy?: Partial<ProxySubject>;
  readonly outbound?: OutboundSubject;
  readonly inbound?: InboundSubject;
}

function answer(question: Question, all: readonly Resource[]): RoutePlan | "cut" | PermissionPlan {
  const ofKind = (kind: string) => all.filter((policy) => policy.kind === kind);
  const subject = proxy(question.proxy);
  if (question.inbound) {
    return planPermission({
      subject,
      inbound: question.inbound,
      trafficPermissions: ofKind("TrafficPermission"),
      meshTrafficPermissions: ofKind("MeshTrafficPermission"),
      mesh: subject.mesh,
    });
  }
  return planOutbound({
    subject,
    outbound: question.outbound ?? outbound("backend"),
    policiesOf: ofKind,
    meshHasTrafficRoutes: ofKind("TrafficRoute").length > 0,
    backendOf: () => undefined,
  });
}

/** Every piece of a plan must be a valid Envoy message: the codec throws on unknown fields and enum names. */
function expectEnvoyKnows(plan: RoutePlan | "cut" | PermissionPlan): void {
  if (plan === "cut") return;
  if ("rbac" in plan) {
    const type =
      plan.placement === "http" ? "envoy.extensions.filters.http.rbac.v3.RBAC" : "envoy.extensions.filters.network.rbac.v3.RBAC";
    encodeMessage(type, plan.rbac);
    return;
  }
  encodeMessage("envoy.config.cluster.v3.Cluster", plan.cluster);
  for (const { route, mirrors = [] } of plan.entries) {
    encodeMessage("envoy.config.route.v3.Route", route);
    for (const { runtimeFraction } of mirrors)
      encodeMessage("envoy.config.core.v3.RuntimeFractionalPercent", runtimeFraction ?? {});
  }
}

describe("golden plans", () => {
  const folder = join(import.meta.dirname, "golden");
  const cases = readdirSync(folder).filter((file) => file.endsWith(".in.yaml"));

  it.each(cases)("%s", (file) => {
    const text = readFileSync(join(folder, file), "utf8");
    const [question] = documentsIn(text);
    const all = policiesFrom(text.slice(text.indexOf("\n---\n") + 5));
    const plan = answer(question as Question, all);

    expectEnvoyKnows(plan);
    const golden = join(folder, file.replace(".in.yaml", ".out.json"));
    const actual = `${JSON.stringify(plan, null, 2)}\n`;
    if (process.env["UPDATE_GOLDEN"] === "1") writeFileSync(golden, actual);
    expect(actual).toBe(readFileSync(golden, "utf8"));

    // The order in which policies come from a store never shows.
    const shuffles = fc.shuffledSubarray([...all], { minLength: all.length, maxLength: all.length });
    fc.assert(
      fc.property(shuffles, (shuffled) => {
        expect(answer(question as Question, shuffled)).toEqual(plan);
      }),
      { numRuns: 20 },
    );
  });
});

describe("without policies", () => {
  it("leads an outbound where its tags say", () => {
    const tags = { "kuma.io/service": "backend", version: "v2" };
    const plan = answer({ outbound: outbound("backend", { tags }) }, []);
    expect(plan).toEqual({
      entries: [
        {
          route: {
            name: "9Zuf5Tg79OuZcQITwBbQykxAk2u4fRKrwYn3//AL4Yo=",
            match: { prefix: "/" },
            route: { timeout: "0s" },
          },
          destinations: [{ weight: 1, tags }],
        },
      ],
      cluster: {},
      origins: [],
    });
  });

  it("lets nobody in", () => {
    expect(answer({ inbound: inbound("backend") }, [])).toEqual({ placement: "http", rbac: { rules: {} }, origins: [] });
  });
});

describe("policies", () => {
  it("have unique orders, and stand in their order", () => {
    const orders = policies.map(({ order }) => order);
    expect([...new Set(orders)].sort((a, b) => a - b)).toEqual(orders);
  });

  it.each(policyKinds.map((definition) => [definition.kind, definition] as const))(
    "%s has a valid example, that reads back as it was stored",
    (kind, definition) => {
      const examples = policiesFrom(definition.example);
      expect(examples.map((policy) => policy.kind)).toEqual([kind]);
      for (const example of examples) expect(readBack(example)?.spec).toEqual(example.spec);
    },
  );
});
