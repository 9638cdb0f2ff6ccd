import type { Resource } from "@meridian/model";
import { describe, expect, it } from "vitest";
import type { BackendRef } from "../core/fragments/backend-ref.ts";
import type { FoundBackend } from "../core/inputs.ts";
import type { OutboundSubject, Protocol } from "../core/types.ts";
import { type BackendInput, resolveMirror, resolveRefs } from "./backends.ts";

/** Port 80 of `orders` and of `carts`, and 5432 of `db`, are there. */
const found: Readonly<Record<string, FoundBackend>> = {
  "orders:80": backend("orders", 80, "http"),
  "carts:80": backend("carts", 80, "http"),
  "carts:81": backend("carts", 81, "grpc"),
  "db:5432": backend("db", 5432, "tcp"),
};

function backend(name: string, port: number, protocol: Protocol): FoundBackend {
  return { tags: { "kuma.io/service": `${name}_msvc_${port}` }, backend: { kind: "MeshService", name, port }, protocol };
}

const orders: Resource = {
  ...{ kind: "MeshService", mesh: "default", name: "orders", labels: {}, spec: {}, version: 1 },
  ...{ creationTime: "2026-01-01T00:00:00Z", modificationTime: "2026-01-01T00:00:00Z" },
};
const toReal: OutboundSubject = {
  ...{ tags: { "kuma.io/service": "orders_msvc_80" }, service: "orders", protocol: "http", resource: orders, port: "http" },
  backend: { kind: "MeshService", name: "orders", port: 80 },
};
const toTags: OutboundSubject = { tags: { "kuma.io/service": "orders" }, service: "orders", protocol: "http" };

function input(outbound: OutboundSubject): BackendInput {
  return { outbound, backendOf: ({ name, port }) => found[`${name}:${port ?? (name === "db" ? 5432 : "")}`] };
}

function named(name: string, more: Partial<BackendRef> = {}): BackendRef {
  return { kind: "MeshService", name, weight: 1, ...more };
}

/** Cluster → weight. */
function split(refs: readonly BackendRef[], outbound = toReal, carried: "http" | "tcp" = "http") {
  const { destinations, idle, problems } = resolveRefs(refs, input(outbound), carried);
  return {
    weights: destinations.map(({ tags, weight }) => [tags["kuma.io/service"], weight]),
    idle: idle.map(({ tags }) => tags["kuma.io/service"]),
    problems,
  };
}

describe("the backends of a rule for a real service", () => {
  it("are the outbound itself where there are none", () => {
    expect(split([])).toEqual({ weights: [["orders_msvc_80", 1]], idle: [], problems: [] });
  });

  it("share by weight, one that is named twice adds up, and one of weight 0 is kept ready", () => {
    const refs = [
      named("orders", { port: 80, weight: 3 }),
      named("carts", { port: 80, weight: 0 }),
      named("orders", { port: 80 }),
    ];
    expect(split(refs)).toEqual({ weights: [["orders_msvc_80", 4]], idle: ["carts_msvc_80"], problems: [] });
  });

  it("without a port are the port of the outbound", () => {
    expect(split([named("carts")]).weights).toEqual([["carts_msvc_80", 1]]);
  });

  it("that are missing, or speak no HTTP, get no traffic, and the policy is told", () => {
    const refs = [named("orders", { port: 80 }), named("nobody", { port: 80 }), named("db", { port: 5432 })];
    expect(split(refs)).toEqual({
      weights: [["orders_msvc_80", 1]],
      idle: [],
      problems: [
        "backend MeshService nobody, port 80 is no destination of the mesh: it gets no traffic",
        "backend MeshService db, port 5432 speaks tcp, where HTTP cannot go: it gets no traffic",
      ],
    });
    expect(split(refs.slice(2), toReal, "tcp").weights).toEqual([["db_msvc_5432", 1]]);
  });

  it("may be subsets of a service that is known by tags", () => {
    const subset = { kind: "MeshServiceSubset", name: "orders", tags: { version: "v2" }, weight: 1 } as const;
    const tags = { "kuma.io/service": "orders", version: "v2" };
    expect(resolveRefs([subset], input(toReal), "http").destinations).toEqual([{ tags, weight: 1 }]);
  });
});

describe("an outbound by tags", () => {
  it("stays with tags, unless a reference says more than a name", () => {
    expect(split([named("carts")], toTags).weights).toEqual([["carts", 1]]);
    expect(split([named("carts", { port: 81 })], toTags).weights).toEqual([["carts_msvc_81", 1]]);
  });
});

it("a mirror that is missing is named, too", () => {
  expect(resolveMirror(named("carts", { port: 80 }), input(toReal))).toMatchObject({
    destination: { backend: { name: "carts" } },
  });
  expect(resolveMirror(named("x", { port: 1 }), input(toReal))).toHaveProperty("problem");
});
