import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { decodeMessage, encodeMessage } from "../codec/codec.ts";
import { expectGolden } from "../testing/golden.ts";
import { sampleResources } from "../testing/sample-config.ts";
import { durationFromMs } from "./basics.ts";
import { edsCluster } from "./clusters.ts";
import { clusterLoadAssignment, type Endpoint } from "./endpoints.ts";
import { tcpProxyFilter } from "./network-filters.ts";
import { routeToClusters } from "./routes.ts";

describe("builders", () => {
  it.each(Object.entries(sampleResources))("make what the golden file says: %s", (name, { typeUrl, json }) => {
    const typeName = typeUrl.slice(typeUrl.indexOf("/") + 1);
    const decoded = decodeMessage(typeName, encodeMessage(typeName, json));
    expectGolden(import.meta.url, `${name}.yaml`, stringify(decoded, { lineWidth: 0, aliasDuplicateObjects: false }));
  });

  it("refuse what Envoy would refuse", () => {
    expect(() => edsCluster({ name: "a", connectTimeoutMs: 0 })).toThrow(RangeError);
    expect(() => durationFromMs(-1)).toThrow(RangeError);
    expect(() => routeToClusters({ match: { prefix: "/" } }, [])).toThrow(RangeError);
    expect(() => tcpProxyFilter({ statPrefix: "a", clusters: [] })).toThrow(RangeError);
  });

  it("write durations as seconds", () => {
    expect([0, 5, 250, 1500, 5000, 0.5].map(durationFromMs)).toEqual(["0s", "0.005s", "0.250s", "1.500s", "5s", "0.000500s"]);
  });
});

describe("clusterLoadAssignment", () => {
  const endpoint: fc.Arbitrary<Endpoint> = fc.record(
    {
      address: fc.constantFrom("10.0.0.1", "10.0.0.2"),
      port: fc.integer({ min: 1, max: 3 }),
      zone: fc.constantFrom("", "east", "west"),
      priority: fc.integer({ min: 0, max: 1 }),
      weight: fc.integer({ min: 1, max: 3 }),
      tags: fc.dictionary(fc.constantFrom("version", "team"), fc.constantFrom("a", "b")),
    },
    { requiredKeys: ["address", "port"] },
  );

  it("gives the same bytes whatever the order of endpoints", () => {
    const bytesOf = (endpoints: readonly Endpoint[]): string =>
      Buffer.from(
        encodeMessage("envoy.config.endpoint.v3.ClusterLoadAssignment", clusterLoadAssignment("c", endpoints)),
      ).toString("hex");
    const shuffled = fc
      .array(endpoint, { maxLength: 8 })
      .chain((list) => fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })));
    fc.assert(fc.property(shuffled, ([list, other]) => bytesOf(other) === bytesOf(list)));
  });
});
