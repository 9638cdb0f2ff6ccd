import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { typeUrls } from "../encoded.ts";
import { decodeMessage, encodeMessage } from "./codec.ts";
import { decodeDeltaRequest, decodeDiscoveryRequest, deltaResponseBody, discoveryResponseBody, withNonce } from "./discovery.ts";
import { encodeResource } from "./resource.ts";

const node = {
  id: "default.web-1",
  cluster: "web",
  metadata: { "dataplane.proxyType": "dataplane", features: ["feature-delta-grpc"], version: { kumaDp: { version: "2.14.3" } } },
  userAgentName: "envoy",
  userAgentBuildVersion: { version: { majorNumber: 1, minorNumber: 40 }, metadata: { "ssl.version": "BoringSSL" } },
  extensions: [{ name: "envoy.filters.http.router", category: "envoy.filters.http" }],
};

const assignment = (clusterName: string, port: number): object => ({
  clusterName,
  endpoints: [{ lbEndpoints: [{ endpoint: { address: { socketAddress: { address: "10.0.0.1", portValue: port } } } }] }],
});

describe("requests", () => {
  it("reads what the codec wrote: delta", () => {
    const bytes = encodeMessage("envoy.service.discovery.v3.DeltaDiscoveryRequest", {
      node,
      typeUrl: typeUrls.cluster,
      resourceNamesSubscribe: ["*", "a"],
      resourceNamesUnsubscribe: ["b"],
      initialResourceVersions: { a: "1", c: "2" },
      responseNonce: "7",
      errorDetail: { code: 13, message: "no such cluster" },
    });
    expect(decodeDeltaRequest(bytes)).toEqual({
      node: { id: "default.web-1", cluster: "web", metadata: node.metadata, userAgentName: "envoy", userAgentVersion: "1.40.0" },
      typeUrl: typeUrls.cluster,
      resourceNamesSubscribe: ["*", "a"],
      resourceNamesUnsubscribe: ["b"],
      initialResourceVersions: new Map([
        ["a", "1"],
        ["c", "2"],
      ]),
      responseNonce: "7",
      errorDetail: { code: 13, message: "no such cluster" },
    });
  });

  it("reads what the codec wrote: state of the world", () => {
    const bytes = encodeMessage("envoy.service.discovery.v3.DiscoveryRequest", {
      versionInfo: "3",
      resourceNames: ["a", "b"],
      typeUrl: typeUrls.endpoint,
      responseNonce: "9",
    });
    expect(decodeDiscoveryRequest(bytes)).toEqual({
      node: undefined,
      typeUrl: typeUrls.endpoint,
      resourceNames: ["a", "b"],
      versionInfo: "3",
      responseNonce: "9",
      errorDetail: undefined,
    });
  });

  it("throws on anything else, and never hangs", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        try {
          decodeDeltaRequest(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(Error);
        }
      }),
    );
  });
});

describe("responses", () => {
  const names = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 300 }), { maxLength: 5 });

  it("decode as a DeltaDiscoveryResponse", () => {
    fc.assert(
      fc.property(names, names, fc.string({ maxLength: 20 }), (changed, removedNames, nonce) => {
        const resources = changed.map((name, index) => encodeResource(typeUrls.endpoint, assignment(name, index + 1), []));
        const body = deltaResponseBody({
          typeUrl: typeUrls.endpoint,
          resources,
          removedNames,
          systemVersionInfo: "5",
          controlPlaneId: "cp",
        });
        const bytes = withNonce(body, nonce);
        expect(decodeMessage("envoy.service.discovery.v3.DeltaDiscoveryResponse", bytes)).toEqual({
          systemVersionInfo: "5",
          typeUrl: typeUrls.endpoint,
          ...(changed.length > 0 && {
            resources: changed.map((name, index) => ({
              name,
              version: resources[index]?.version,
              resource: { "@type": typeUrls.endpoint, ...assignment(name, index + 1) },
            })),
          }),
          ...(removedNames.length > 0 && { removedResources: removedNames }),
          nonce,
          controlPlane: { identifier: "cp" },
        });
      }),
    );
  });

  it("decode as a DiscoveryResponse", () => {
    const resources = ["a", "b"].map((name) => encodeResource(typeUrls.endpoint, assignment(name, 80), []));
    const body = discoveryResponseBody({ typeUrl: typeUrls.endpoint, versionInfo: "v", resources, controlPlaneId: "cp" });
    expect(decodeMessage("envoy.service.discovery.v3.DiscoveryResponse", withNonce(body, "n"))).toEqual({
      versionInfo: "v",
      typeUrl: typeUrls.endpoint,
      resources: ["a", "b"].map((name) => ({ "@type": typeUrls.endpoint, ...assignment(name, 80) })),
      nonce: "n",
      controlPlane: { identifier: "cp" },
    });
  });
});

describe("encodeResource", () => {
  it("names by name or clusterName, hashes the content, keeps origins out of the hash", () => {
    const one = encodeResource(typeUrls.cluster, { name: "web" }, ["MeshTimeout/default/x"]);
    const two = encodeResource(typeUrls.cluster, { name: "web" }, []);
    expect(one).toMatchObject({ name: "web", typeUrl: typeUrls.cluster, origins: ["MeshTimeout/default/x"] });
    expect(one.version).toMatch(/^[0-9a-f]{16}$/);
    expect(one.version).toBe(two.version);
    expect(encodeResource(typeUrls.cluster, { name: "web", altStatName: "x" }, []).version).not.toBe(one.version);
    expect(() => encodeResource(typeUrls.endpoint, { name: "web" }, [])).toThrow();
    expect(() => encodeResource(typeUrls.cluster, {}, [])).toThrow("name: must not be empty");
  });
});
