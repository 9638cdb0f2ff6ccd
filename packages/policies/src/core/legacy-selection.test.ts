import type { Resource } from "@meridian/model";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { policiesFrom, proxy } from "../testing/policies.ts";
import {
  type SourceDestinationSpec,
  selectAllForInbound,
  selectForInbound,
  selectForProxy,
  selectForService,
} from "./legacy-selection.ts";
import { compareRanks, rankOf } from "./selectors.ts";

function permission(name: string, source: string, destination: string): string {
  return `---
{type: TrafficPermission, mesh: default, name: ${name}, sources: [{match: ${source}}], destinations: [{match: ${destination}}]}
`;
}

function select(yaml: string, service = "backend"): string | undefined {
  const policies = policiesFrom(yaml) as readonly Resource<SourceDestinationSpec>[];
  return selectForService(proxy(), service, policies)?.name;
}

describe("rank", () => {
  it("counts tags first, then exact ones", () => {
    const wildcard = rankOf({ service: "web", version: "*" });
    expect(compareRanks(wildcard, rankOf({ service: "web" }))).toBeGreaterThan(0);
    expect(compareRanks(wildcard, rankOf({ service: "web", version: "v1" }))).toBeLessThan(0);
  });
});

describe("policy of an outbound", () => {
  const any = '{kuma.io/service: "*"}';
  const web = "{kuma.io/service: web}";
  const backend = "{kuma.io/service: backend}";

  it("is the most specific one, source and destination added up", () => {
    expect(select(permission("all", any, any) + permission("to-backend", any, backend))).toBe("to-backend");
    expect(select(permission("exact", web, backend) + permission("to-backend", any, backend))).toBe("exact");
    expect(
      select(permission("zonal", '{kuma.io/service: web, kuma.io/zone: "*"}', any) + permission("to-backend", any, backend)),
    ).toBe("zonal");
  });

  it("is absent when no source or destination fits", () => {
    expect(select(permission("other", "{kuma.io/service: api}", any))).toBeUndefined();
    expect(select(permission("other", any, "{kuma.io/service: api}"))).toBeUndefined();
    expect(select(permission("needs-a-tag", '{team: "*"}', any))).toBeUndefined();
  });

  it("is the later created one at equal rank, then the one with the smaller name", () => {
    expect(select(permission("t1", any, backend) + permission("t2", any, backend))).toBe("t2");
    const [a, b] = policiesFrom(permission("a", any, any) + permission("b", any, any));
    if (!a || !b) throw new Error("two policies expected");
    const sameAge = [b, { ...a, creationTime: b.creationTime }] as readonly Resource<SourceDestinationSpec>[];
    expect(selectForService(proxy(), "backend", sameAge)?.name).toBe("a");
  });

  it("compares times, not their texts", () => {
    const [a, b] = policiesFrom(permission("a", any, any) + permission("b", any, any));
    if (!a || !b) throw new Error("two policies expected");
    const older = { ...a, creationTime: "2024-01-01T10:00:00Z" };
    const younger = { ...b, creationTime: "2024-01-01T10:00:00.5Z" };
    const policies = [younger, older] as readonly Resource<SourceDestinationSpec>[];
    expect(selectForService(proxy(), "backend", policies)?.name).toBe("b");
  });
});

describe("policy of an inbound", () => {
  it("does not look at sources", () => {
    const policies = policiesFrom(
      permission("from-web", "{kuma.io/service: web, kuma.io/zone: east}", '{kuma.io/service: "*"}') +
        permission("to-backend", '{kuma.io/service: "*"}', "{kuma.io/service: backend}"),
    ) as readonly Resource<SourceDestinationSpec>[];
    expect(selectForInbound({ "kuma.io/service": "backend" }, policies)?.name).toBe("to-backend");
  });
});

describe("policies that act side by side", () => {
  it("are all that fit the inbound, the most specific source first, younger before older", () => {
    const policies = policiesFrom(
      permission("any", '{kuma.io/service: "*"}', '{kuma.io/service: "*"}') +
        permission("old", "{kuma.io/service: web}", "{kuma.io/service: backend}") +
        permission("young", "{kuma.io/service: api}", '{kuma.io/service: "*"}') +
        permission("elsewhere", "{kuma.io/service: web}", "{kuma.io/service: orders}"),
    ) as readonly Resource<SourceDestinationSpec>[];
    const selected = selectAllForInbound({ "kuma.io/service": "backend" }, policies);
    expect(selected.map(({ name }) => name)).toEqual(["young", "old", "any"]);
    expect(selectAllForInbound({ "kuma.io/service": "backend" }, policies.toReversed())).toEqual(selected);
  });
});

describe("policy of a proxy", () => {
  const trace = (name: string, selectors: string) =>
    `---\n{type: ProxyTemplate, mesh: default, name: ${name}, selectors: ${selectors}, conf: {imports: [default-proxy]}}\n`;
  const select = (yaml: string) => selectForProxy([{ "kuma.io/service": "web" }], policiesFrom(yaml) as never[])?.name;

  it("is the most specific one; one without selectors comes last", () => {
    expect(select(trace("all", "[]"))).toBe("all");
    expect(select(trace("any", '[{match: {kuma.io/service: "*"}}]') + trace("all", "[]"))).toBe("any");
    expect(select(trace("web", "[{match: {kuma.io/service: web}}]") + trace("any", '[{match: {kuma.io/service: "*"}}]'))).toBe(
      "web",
    );
    expect(select(trace("api", "[{match: {kuma.io/service: api}}]"))).toBeUndefined();
  });
});

describe("a law", () => {
  const value = fc.constantFrom("*", "web", "backend");
  const match = fc.record(
    { "kuma.io/service": value, "kuma.io/zone": fc.constantFrom("*", "east", "west") },
    { requiredKeys: ["kuma.io/service"] },
  );
  const policy = fc.record({
    name: fc.constantFrom("a", "b", "c", "d", "e"),
    minute: fc.constantFrom("00", "01"),
    sources: fc.array(
      match.map((tags) => ({ match: tags })),
      { minLength: 1, maxLength: 2 },
    ),
    destinations: fc.array(
      match.map((tags) => ({ match: tags })),
      { minLength: 1, maxLength: 2 },
    ),
  });
  const policies = fc.uniqueArray(policy, { selector: ({ name }) => name }).map((list) =>
    list.map(({ name, minute, sources, destinations }): Resource<SourceDestinationSpec> => {
      const creationTime = `2024-01-01T10:${minute}:00Z`;
      return {
        kind: "TrafficRoute",
        mesh: "default",
        name,
        labels: {},
        spec: { sources, destinations },
        version: 1,
        creationTime,
        modificationTime: creationTime,
      };
    }),
  );

  it("is that the order of the list does not matter", () => {
    fc.assert(
      fc.property(policies, (list) => {
        expect(selectForService(proxy(), "backend", list.toReversed())).toBe(selectForService(proxy(), "backend", list));
      }),
    );
  });
});
