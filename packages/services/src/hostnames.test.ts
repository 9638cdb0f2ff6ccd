import type { HostnameGeneratorSpec, Labels, Resource } from "@meridian/model";
import { expect, it } from "vitest";
import { hostnameOf, hostnameStatus, names, readGenerator, renderHostnames } from "./hostnames.ts";

const stamp = { version: 1, creationTime: "2026-01-01T00:00:00Z", modificationTime: "2026-01-01T00:00:00Z" };

function generator(name: string, spec: HostnameGeneratorSpec) {
  return readGenerator({ kind: "HostnameGenerator", mesh: "", name, labels: {}, spec, ...stamp });
}

function service(kind: string, name: string, labels: Labels = {}): Resource {
  return { kind, mesh: "prod", name, labels, spec: {}, ...stamp };
}

const copy = service("MeshService", "web-hash", {
  "kuma.io/display-name": "web",
  "kuma.io/zone": "east",
  "k8s.kuma.io/namespace": "shop",
  "kuma.io/origin": "global",
  "statefulset.kubernetes.io/pod-name": "web-0",
});

it.each([
  ["{{ .DisplayName }}.svc.{{ .Zone }}.mesh.local", "web.svc.east.mesh.local"],
  ["{{ .Name }}.{{ .Namespace }}.{{ .Mesh }}", "web-hash.shop.prod"],
  ['{{ label "statefulset.kubernetes.io/pod-name" }}.{{ label "kuma.io/display-name" }}.mesh', "web-0.web.mesh"],
])("renders %s", (template, expected) => {
  expect(hostnameOf(generator("g", { selector: { meshService: {} }, template }), copy)).toEqual({ ok: expected });
});

it.each([
  ['{{ label "team" }}.mesh', 'there is no label "team"'],
  ["{{ .DisplayName }}..mesh", '"web..mesh" is not a DNS name'],
  ["{{ .DisplayName", "unclosed action: {{ .DisplayName"],
])("says what is wrong with %s", (template, problem) => {
  const broken = generator("g", { selector: { meshService: {} }, template });
  expect(hostnameOf(broken, copy)).toEqual({ problem });
  expect(hostnameStatus(renderHostnames([broken], copy), () => undefined)).toEqual({
    addresses: [],
    hostnameGenerators: [
      {
        hostnameGeneratorRef: { coreName: "g" },
        conditions: [{ type: "Generated", status: "False", reason: "TemplateError", message: problem }],
      },
    ],
  });
});

it("a service of its own zone answers to its name and mesh as if they were labels", () => {
  const byName = generator("g", {
    selector: { meshService: { matchLabels: { "kuma.io/display-name": "web", "kuma.io/mesh": "prod" } } },
    template: "{{ .DisplayName }}.a",
  });
  expect(names(byName, service("MeshService", "web"))).toBe(true);
  expect(names(byName, service("MeshService", "db"))).toBe(false);
  expect(names(byName, service("MeshExternalService", "web"))).toBe(false);
});

it("an extension makes its names elsewhere", () => {
  const extended = generator("g", { selector: { meshService: {} }, template: "a", extension: { type: "Route53" } });
  expect(names(extended, copy)).toBe(false);
});

it("a name that an older service has is refused to the younger, and said to be", () => {
  const both = ["b", "a"].map((name) => generator(name, { selector: { meshService: {} }, template: `${name}.mesh` }));
  const status = hostnameStatus(renderHostnames(both, copy), (hostname) =>
    hostname === "a.mesh" ? "MeshService/prod/x" : undefined,
  );
  expect(status.addresses).toEqual([
    { hostname: "b.mesh", origin: "HostnameGenerator", hostnameGeneratorRef: { coreName: "b" } },
  ]);
  expect(
    status.hostnameGenerators.map(({ hostnameGeneratorRef, conditions }) => [hostnameGeneratorRef.coreName, conditions[0]]),
  ).toEqual([
    [
      "a",
      {
        type: "Generated",
        status: "False",
        reason: "Collision",
        message: "a.mesh belongs to MeshService/prod/x, which is older",
      },
    ],
    ["b", { type: "Generated", status: "True", reason: "Generated", message: "" }],
  ]);
});
