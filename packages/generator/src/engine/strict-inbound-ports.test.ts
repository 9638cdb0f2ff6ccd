import { typeUrls } from "@meridian/envoy";
import type { Resource } from "@meridian/model";
import { expect, test } from "vitest";
import { type DataplaneOptions, dataplane, mesh, resource, sidecar } from "../testing/resources.ts";
import type { ViewChange } from "../types.ts";
import { createConfigEngine } from "./engine.ts";

// What a redirect hands over that no inbound takes: in plain text, past the permissions, to any port of the application.

const feature = "feature-strict-inbound-ports";
const way = "inbound:passthrough:ipv4";
const redirect = { redirectPortInbound: 15_006, redirectPortOutbound: 15_001, ipFamilyMode: "IPv4" };
const inbound = [80, 81].map((port) => ({ port, servicePort: 8080, tags: { "kuma.io/service": "web" } }));

function meshTls(mode: "Strict" | "Permissive"): Resource {
  return resource("MeshTLS", "default", "tls", { targetRef: { kind: "Mesh" }, rules: [{ default: { mode } }] });
}

interface Host {
  readonly inbound?: DataplaneOptions["inbound"];
  readonly features?: readonly string[];
}

/** Whether what no inbound takes is passed on to the workload. Its listener is there in any case. */
function isOpen(resources: readonly Resource[], host: Host = {}): boolean {
  const engine = createConfigEngine({ zone: "west" });
  const web = dataplane({ name: "web-1", address: "10.0.1.7", inbound: host.inbound ?? inbound, transparentProxying: redirect });
  engine.apply([...resources, web].map((each): ViewChange => ({ op: "put", resource: each })));
  const config = engine.attach(sidecar("default", "web-1", host.features ?? [feature])).resources;
  expect(config.get(typeUrls.listener)?.has(way)).toBe(true);
  return config.get(typeUrls.cluster)?.has(way) ?? false;
}

test("where inbounds take the TLS of the mesh alone, no other port of the application is open", () => {
  expect(isOpen([mesh("default", "STRICT")])).toBe(false);
  expect(isOpen([mesh("default", "PERMISSIVE"), meshTls("Strict")])).toBe(false);
});

test("other ports stay open without mTLS, in PERMISSIVE mode, of gateways, and where the proxy does not ask for it", () => {
  expect(isOpen([mesh("default", "off")])).toBe(true);
  expect(isOpen([mesh("default", "PERMISSIVE")])).toBe(true);
  expect(isOpen([mesh("default", "STRICT"), meshTls("Permissive")])).toBe(true);
  expect(isOpen([mesh("default", "STRICT")], { inbound: [] })).toBe(true);
  expect(isOpen([mesh("default", "STRICT")], { features: [] })).toBe(true);
});
