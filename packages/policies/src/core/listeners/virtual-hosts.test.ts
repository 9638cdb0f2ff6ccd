import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { RouteEntry } from "../types.ts";
import { commonHosts, compareHosts, coversHost } from "./host-names.ts";
import type { HostedRule } from "./types.ts";
import { virtualHosts } from "./virtual-hosts.ts";

const entry = (name: string): RouteEntry => ({ route: { name }, destinations: [] });

function rule(name: string, path: string, hostname?: string): HostedRule {
  const type = path.endsWith("*") ? "PathPrefix" : "Exact";
  return {
    match: { path: { type, value: path.replace("*", "") } },
    entries: [entry(name)],
    ...(hostname !== undefined && { hostname }),
  };
}

/** `host: names of its routes, in order`. */
function routed(own: string, others: readonly string[], rules: readonly HostedRule[]): readonly string[] {
  return virtualHosts(own, others, rules).map(({ hostname, entries }) =>
    `${hostname}: ${entries.map(({ route }) => route["name"]).join(" ")}`.trimEnd(),
  );
}

describe("virtual hosts", () => {
  it("are the listener's own, routed or not", () => {
    expect(routed("*.shop", [], [])).toEqual(["*.shop:"]);
    expect(routed("*", [], [rule("all", "/*")])).toEqual(["*: all"]);
  });

  it("are those of rules that are narrower than the listener, with the rules for all hosts by the order of matches", () => {
    const rules = [rule("all", "/*"), rule("all-exact", "/a"), rule("www", "/*", "www.shop"), rule("www-a", "/a*", "www.shop")];
    expect(routed("*.shop", [], rules)).toEqual(["www.shop: all-exact www-a www all", "*.shop: all-exact all"]);
  });

  it("have rules for wider patterns behind their own, the narrowest first", () => {
    const rules = [
      rule("wide", "/a", "*.b"),
      rule("wider", "/a", "*"),
      rule("own", "/*", "x.a.b"),
      rule("narrow", "/a", "*.a.b"),
    ];
    expect(routed("*", [], rules)).toEqual([
      "x.a.b: wider own narrow wide",
      "*.a.b: narrow wider wide",
      "*.b: wide wider",
      "*: wider",
    ]);
  });

  it("leave out what the listener does not take in, and take what is wider than it as for all its hosts", () => {
    const rules = [rule("elsewhere", "/*", "other"), rule("wide", "/*", "*.example")];
    expect(routed("*.shop.example", [], rules)).toEqual(["*.shop.example: wide"]);
    expect(routed("www.shop", [], [rule("all", "/*", "*")])).toEqual(["www.shop: all"]);
  });

  it("leave hosts to the listener of the port that is more specific about them", () => {
    const rules = [rule("www", "/*", "www.shop"), rule("wide", "/*", "*.shop"), rule("other", "/*", "other")];
    expect(routed("*", ["*.shop"], rules)).toEqual(["other: other", "*:"]);
    expect(routed("*.shop", ["*"], rules)).toEqual(["www.shop: www wide", "*.shop: wide"]);
  });
});

describe("laws of host patterns", () => {
  const name = fc.constantFrom("a", "b", "a.b", "c.a.b", "d.b");
  const pattern = fc.oneof(
    name,
    name.map((each) => `*.${each}`),
    fc.constant("*"),
  );

  it("of two that cover a host, one covers the other, and the more specific one is the covered one", () => {
    fc.assert(
      fc.property(pattern, pattern, name, (a, b, host) => {
        if (!coversHost(a, host) || !coversHost(b, host)) return;
        const narrow = commonHosts(a, b);
        expect(narrow).toBe(compareHosts(a, b) >= 0 ? a : b);
      }),
    );
  });

  it("a request finds the same routes in whatever order rules are listed, up to equal matches", () => {
    const anyRule = fc.tuple(fc.nat(9), fc.constantFrom("/", "/a", "/a*", "/*"), fc.option(pattern, { nil: undefined }));
    fc.assert(
      fc.property(
        fc.uniqueArray(anyRule, { selector: ([, path, host]) => `${path} ${host}`, maxLength: 6 }),
        pattern,
        (list, own) => {
          const rules = list.map(([id, path, host]) => rule(`${id}${path}${host ?? ""}`, path, host));
          const hosts = (each: readonly HostedRule[]) =>
            virtualHosts(own, [], each).map(({ hostname, entries }) => [hostname, entries.length]);
          expect(hosts(rules)).toEqual(hosts(rules.toReversed()));
          for (const { hostname } of virtualHosts(own, [], rules)) expect(coversHost(own, hostname)).toBe(true);
        },
      ),
    );
  });
});
