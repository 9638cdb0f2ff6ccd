import type { Resource } from "@meridian/model";
import { expect, it } from "vitest";
import { orderRules, type RuleEntry } from "./rule-list.ts";

function policy(name: string, rules: readonly RuleEntry<string>[]): Resource<{ readonly rules: readonly RuleEntry<string>[] }> {
  const time = "2024-01-01T10:00:00Z";
  return {
    kind: "MeshTimeout",
    mesh: "default",
    name,
    labels: {},
    spec: { rules },
    version: 1,
    creationTime: time,
    modificationTime: time,
  };
}

it("puts the most specific match first, and weaker policies before stronger ones", () => {
  const exact = { type: "Exact", value: "spiffe://default/web" } as const;
  const prefix = { type: "Prefix", value: "spiffe://default/" } as const;
  const sni = { type: "Exact", value: "web.mesh" } as const;
  const ordered = orderRules([
    policy("a", [{ default: "a-any" }, { matches: [{ spiffeID: prefix }, { spiffeID: exact }], default: "a" }]),
    policy("b", [
      { default: "b-any" },
      { matches: [{ sni }], default: "b-sni" },
      { matches: [{ spiffeID: prefix, sni }], default: "b-both" },
    ]),
  ]);
  expect(ordered.map(({ conf, match }) => [conf, match?.spiffeID?.type])).toEqual([
    ["a", "Exact"],
    ["b-both", "Prefix"],
    ["a", "Prefix"],
    ["b-sni", undefined],
    ["b-any", undefined],
    ["a-any", undefined],
  ]);
});
