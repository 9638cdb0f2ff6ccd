import { describe, expect, it } from "vitest";
import { destinationTagSets, outboundPolicyReach, planOutbound } from "../plan.ts";
import { outbound, policiesFrom, proxy, violationsOf } from "../testing/policies.ts";

const lists = 'sources: [{match: {kuma.io/service: "*"}}], destinations: [{match: {kuma.io/service: backend}}]';
const document = (conf: string) => `{type: TrafficRoute, mesh: default, name: r, ${lists}, conf: ${conf}}`;
const to = "destination: {kuma.io/service: backend}";
const notModifiable = "host header and HTTP/2 pseudo-headers are not allowed to be modified";

describe("validation", () => {
  it("names every mistake of the selectors", () => {
    const yaml = `{type: TrafficRoute, mesh: default, name: r, sources: [{match: {team: a*}}], destinations: [{match: {kuma.io/service: a, version: v1}}]}`;
    expect(violationsOf(yaml)).toEqual([
      'sources[0].match["team"]: tag value must consist of alphanumeric characters, dots, dashes, slashes and underscores or be "*"',
      'sources[0].match: mandatory tag "kuma.io/service" is missing',
      'destinations[0].match["version"]: tag "version" is not allowed',
      'destinations[0].match: must consist of exactly one tag "kuma.io/service"',
      "conf: cannot be empty",
    ]);
    expect(violationsOf("{type: TrafficRoute, mesh: default, name: r, conf: {destination: {kuma.io/service: a}}}")).toEqual([
      "sources: must have at least one element",
      "destinations: must have at least one element",
    ]);
  });

  it.each([
    ["{}", ['conf: requires either "destination" or "split"']],
    ["{split: []}", ['conf: requires either "destination" or "split"']],
    [`{${to}, split: [{weight: 1, ${to}}]}`, ['conf: "split" cannot be defined at the same time as "destination"']],
    [
      `{split: [{${to}}]}`,
      ["conf.split[0].weight: needs to be defined", "conf.split: there must be at least one split entry with weight above 0"],
    ],
    [`{split: [{weight: 0, ${to}}]}`, ["conf.split: there must be at least one split entry with weight above 0"]],
    [
      "{split: [{weight: 1}]}",
      [
        "conf.split[0].destination: must have at least one tag",
        'conf.split[0].destination: mandatory tag "kuma.io/service" is missing',
      ],
    ],
    ["{destination: {version: v1}}", ['conf.destination: mandatory tag "kuma.io/service" is missing']],
    [
      `{${to}, http: [{${to}}]}`,
      ['conf.http[0].match: must be present and contain at least one of the elements: "method", "path" or "headers"'],
    ],
    [
      `{${to}, http: [{match: {method: {}, path: {prefix: ""}, headers: {a: {regex: ""}, "": {exact: x}}}}]}`,
      [
        'conf.http[0].match.method: cannot be empty. Available options: "exact", "split" or "regex"',
        "conf.http[0].match.path.prefix: cannot be empty",
        'conf.http[0].match.headers[""]: cannot be empty',
        'conf.http[0].match.headers["a"].regex: cannot be empty',
        'conf.http[0]: requires either "destination" or "split"',
      ],
    ],
    [
      `{${to}, http: [{match: {path: {exact: ""}}, modify: {path: {}, host: {}}, ${to}}]}`,
      [
        'conf.http[0].modify.path: either "rewritePrefix" or "regex" has to be set',
        'conf.http[0].modify.host: either "value" or "fromPath" has to be set',
      ],
    ],
    [
      `{${to}, http: [{match: {path: {exact: /a}}, modify: {path: {rewritePrefix: ""}, host: {fromPath: {}}}, ${to}}]}`,
      [
        "conf.http[0].modify.path.rewritePrefix: cannot be empty",
        "conf.http[0].modify.path.rewritePrefix: can only be set when .http.match.path.prefix is not empty",
        "conf.http[0].modify.host.fromPath.pattern: cannot be empty",
        "conf.http[0].modify.host.fromPath.substitution: cannot be empty",
      ],
    ],
    [
      `{${to}, http: [{match: {path: {exact: /a}}, modify: {path: {regex: {}}, host: {value: ""}, requestHeaders: {add: [{}, {name: Host, value: x}]}, responseHeaders: {remove: [{}, {name: ":path"}]}}, ${to}}]}`,
      [
        "conf.http[0].modify.path.regex.pattern: cannot be empty",
        "conf.http[0].modify.path.regex.substitution: cannot be empty",
        "conf.http[0].modify.host.value: cannot be empty",
        "conf.http[0].modify.requestHeaders.add[0].name: cannot be empty",
        "conf.http[0].modify.requestHeaders.add[0].value: cannot be empty",
        `conf.http[0].modify.requestHeaders.add[1].name: ${notModifiable}`,
        "conf.http[0].modify.responseHeaders.remove[0].name: cannot be empty",
        `conf.http[0].modify.responseHeaders.remove[1].name: ${notModifiable}`,
      ],
    ],
    [
      `{${to}, loadBalancer: {leastRequest: {choiceCount: 1}}}`,
      ["conf.loadBalancer.leastRequest.choiceCount: value must be greater than or equal to 2"],
    ],
    [`{${to}, loadBalancer: {ringHash: {}}}`, ["conf.loadBalancer.ringHash.hashFunction: must have a valid hash function"]],
    [`{${to}, loadBalancer: {}}`, []],
    [`{${to}, loadBalancer: {leastRequest: {choiceCount: 0}}}`, []],
  ])("%s", (conf, expected) => {
    expect(violationsOf(document(conf))).toEqual(expected);
  });
});

describe("http modifications", () => {
  it("become Envoy's", () => {
    const http = `{match: {path: {regex: "/a/.*"}}, modify: {path: {regex: {pattern: "^/a", substitution: /b}}, host: {fromPath: {pattern: "^/(.*)", substitution: '\\1'}},
      requestHeaders: {add: [{name: a, value: b, append: true}], remove: [{name: c}]}}, ${to}}`;
    const plan = planOutbound({
      subject: proxy(),
      outbound: outbound("backend"),
      policiesOf: (kind) =>
        kind === "TrafficRoute" ? policiesFrom(document(`{${to}, loadBalancer: {maglev: {}}, http: [${http}]}`)) : [],
      meshHasTrafficRoutes: true,
      backendOf: () => undefined,
    });
    expect(plan).toMatchObject({
      cluster: { lbPolicy: "MAGLEV" },
      entries: [
        {
          route: {
            match: { safeRegex: { regex: "/a/.*" } },
            route: {
              timeout: "0s",
              regexRewrite: { pattern: { regex: "^/a" }, substitution: "/b" },
              hostRewritePathRegex: { pattern: { regex: "^/(.*)" }, substitution: "\\1" },
            },
            requestHeadersToAdd: [{ header: { key: "a", value: "b" }, appendAction: "APPEND_IF_EXISTS_OR_ADD" }],
            requestHeadersToRemove: ["c"],
          },
        },
        { route: { match: { prefix: "/" } } },
      ],
    });
  });
});

it("tells which outbounds it reaches and which tag sets it asks for", () => {
  const [canary] = policiesFrom(
    document(
      `{http: [{match: {path: {prefix: /a}}, destination: {kuma.io/service: api}}], split: [{weight: 1, destination: {kuma.io/service: "*", version: v1, team: "*"}}, {weight: 0, destination: {kuma.io/service: backend, version: v2}}]}`,
    ),
  );
  if (!canary) throw new Error("a policy expected");
  expect(outboundPolicyReach(canary)).toEqual({ services: ["backend"] });
  expect(destinationTagSets(canary)).toEqual([
    { "kuma.io/service": "*", version: "v1" },
    { "kuma.io/service": "api" },
    { "kuma.io/service": "backend", version: "v2" },
  ]);
});
