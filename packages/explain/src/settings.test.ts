import { expect, it } from "vitest";
import { ask, dataplane, fromPolicy, mesh, permission, resource, route, toPolicy, zone } from "./testing/mesh.ts";

const world = [
  mesh(),
  zone("east"),
  dataplane("magnanimo-1", { service: "magnanimo", calls: ["benigno"], host: 1 }),
  dataplane("benigno-1", { service: "benigno", version: "v1", host: 3 }),
  permission("everybody", "*", "*"),
];

/** `name value (where; origin)` of every setting about one topic. */
function settingsOf({ settings }: ReturnType<typeof ask>, about: string): readonly string[] {
  return settings
    .filter((setting) => setting.about === about)
    .map(({ name, value, where, origin, policies }) => `${name} ${value} (${where}; ${policies.join(" ") || origin})`);
}

it("timeouts are those of the policy that sets them, else defaults", () => {
  const timeout = toPolicy("MeshTimeout", "quick", { connectionTimeout: "2s", http: { requestTimeout: "3s" } });
  const before = settingsOf(ask(world), "timeouts");
  expect(before).toContain("connect timeout 5s (cluster; default)");
  expect(before).toContain("request timeout none (route; default)");
  const after = settingsOf(ask([...world, timeout]), "timeouts");
  expect(after).toContain("connect timeout 2s (cluster; MeshTimeout/default/quick)");
  expect(after).toContain("request timeout 3s (route; MeshTimeout/default/quick)");
  expect(after).toContain("connect timeout 5s (server's cluster; default)");
});

it("of several policies each is named for what it alone makes different", () => {
  const general = resource("MeshTimeout", "general", {
    targetRef: { kind: "Mesh" },
    to: [{ targetRef: { kind: "Mesh" }, default: { connectionTimeout: "9s", http: { requestTimeout: "9s" } } }],
  });
  const special = toPolicy("MeshTimeout", "special", { http: { requestTimeout: "3s" } });
  const timeouts = settingsOf(ask([...world, general, special]), "timeouts");
  expect(timeouts).toContain("connect timeout 9s (cluster; MeshTimeout/default/general)");
  expect(timeouts).toContain("request timeout 3s (route; MeshTimeout/default/special)");
});

it("policies that say the same are named together", () => {
  const same = (name: string) => toPolicy("MeshTimeout", name, { http: { requestTimeout: "3s" } });
  expect(settingsOf(ask([...world, same("a"), same("b")]), "timeouts")).toContain(
    "request timeout 3s (route; MeshTimeout/default/a MeshTimeout/default/b)",
  );
});

it("retries, circuit breakers, outlier detection and health checks are told", () => {
  const explained = ask([
    ...world,
    toPolicy("MeshRetry", "again", { http: { numRetries: 3, retryOn: ["5xx"] } }),
    toPolicy("MeshCircuitBreaker", "breaker", {
      connectionLimits: { maxConnections: 7 },
      outlierDetection: { interval: "4s", detectors: { totalFailures: { consecutive: 6 } } },
    }),
    toPolicy("MeshHealthCheck", "checked", { interval: "8s", timeout: "1s", http: { path: "/health" } }),
  ]);
  expect(settingsOf(explained, "retries")).toContain("retries 3 (route; MeshRetry/default/again)");
  expect(settingsOf(explained, "circuit breakers")).toEqual([
    "max connections 7 (cluster; MeshCircuitBreaker/default/breaker)",
    "max pending requests 1024 (cluster; envoy)",
    "max requests 1024 (cluster; envoy)",
    "max retries 3 (cluster; envoy)",
  ]);
  expect(settingsOf(explained, "outlier detection")).toEqual([
    "consecutive 5xx 6 (cluster; MeshCircuitBreaker/default/breaker)",
    "interval 4s (cluster; MeshCircuitBreaker/default/breaker)",
  ]);
  expect(settingsOf(explained, "health checks")).toContain("HTTP path /health (cluster; MeshHealthCheck/default/checked)");
});

it("policies of the older generation are told alike", () => {
  const sources = [{ match: { "kuma.io/service": "*" } }];
  const destinations = [{ match: { "kuma.io/service": "benigno" } }];
  const explained = ask([
    ...world,
    resource("Timeout", "older", { sources, destinations, conf: { connectTimeout: "4s", http: { requestTimeout: "6s" } } }),
    resource("Retry", "older", { sources, destinations, conf: { http: { numRetries: 2 } } }),
  ]);
  expect(settingsOf(explained, "timeouts")).toContain("connect timeout 4s (cluster; Timeout/default/older)");
  expect(settingsOf(explained, "timeouts")).toContain("request timeout 6s (route; Timeout/default/older)");
  expect(settingsOf(explained, "retries")).toContain("retries 2 (route; Retry/default/older)");
});

it("limits and faults are those for this client, not for others", () => {
  const limit = (num: number) => ({ local: { http: { requestRate: { num, interval: "1s" } } } });
  const explained = ask([
    ...world,
    fromPolicy("MeshRateLimit", "limit-other", "generoso", limit(3)),
    fromPolicy("MeshRateLimit", "limit-mine", "magnanimo", limit(5)),
    fromPolicy("MeshFaultInjection", "fault-other", "generoso", { http: [{ abort: { httpStatus: 500, percentage: 10 } }] }),
    fromPolicy("MeshFaultInjection", "fault-mine", "magnanimo", { http: [{ delay: { value: "2s", percentage: 25 } }] }),
  ]);
  expect(settingsOf(explained, "faults")).toEqual([
    "delay 2s (server's listener; MeshFaultInjection/default/fault-mine)",
    "delay share 25 % (server's listener; MeshFaultInjection/default/fault-mine)",
  ]);
  expect(settingsOf(explained, "rate limits")).toEqual(["rate 5 per 1s (server's route; MeshRateLimit/default/limit-mine)"]);
});

it("a FaultInjection of the older generation for others is none of this client's", () => {
  const fault = (client: string, httpStatus: number) =>
    resource("FaultInjection", `for-${client}`, {
      sources: [{ match: { "kuma.io/service": client } }],
      destinations: [{ match: { "kuma.io/service": "benigno", "kuma.io/protocol": "http" } }],
      conf: { abort: { httpStatus, percentage: 5 } },
    });
  const faults = settingsOf(ask([...world, fault("generoso", 500), fault("magnanimo", 503)]), "faults");
  expect(faults).toEqual([
    "abort with status 503 (server's listener; FaultInjection/default/for-magnanimo)",
    "abort share 5 % (server's listener; FaultInjection/default/for-magnanimo)",
  ]);
});

it("the destination with the largest share stands for all; without a server only the client's side is told", () => {
  const explained = ask([...world, route("canary", { v1: 10, v2: 90 })]);
  expect(explained.steps.at(-1)?.title).toBe("in force on the way to benigno v2");
  expect([...new Set(explained.settings.map(({ where }) => where))]).toEqual(["client's listener", "route", "cluster"]);
});
