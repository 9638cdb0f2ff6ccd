import type { Tags } from "@meridian/model";
import fc from "fast-check";
import { anyOutsideRef } from "./arbitrary-outside.ts";
import { anyBackendRef, anyTransparentProxying, anyZoneListeners } from "./arbitrary-services.ts";
import { anyCrossMeshTags, anySubset, anyTags, dataplanes } from "./arbitrary-world.ts";
import { dataplane, resource } from "./resources.ts";

const inbound = fc.record({
  port: fc.constantFrom(8080, 8081),
  tags: anyTags,
  state: fc.constantFrom("Ready", "Ready", "NotReady", "Ignored"),
});
const outbound = fc.oneof(
  fc.record({ port: fc.constantFrom(10001, 10002, 10003), tags: anySubset }),
  fc.record({ port: fc.constantFrom(10002, 10003), backendRef: fc.oneof(anyBackendRef, anyOutsideRef) }),
  fc.constant({ port: 10001, tags: { "kuma.io/service": "outside" } }),
  anyCrossMeshTags.map((tags) => ({ port: 10002, tags })),
);
export const anyDataplane = fc
  .record({
    mesh: fc.constantFrom("default", "default", "default", "other"),
    name: fc.constantFrom(...dataplanes),
    host: fc.integer({ min: 1, max: 4 }),
    inbound: fc.uniqueArray(inbound, { maxLength: 2, selector: ({ port }) => port }),
    outbound: fc.array(outbound, { maxLength: 4 }),
    labels: fc.constantFrom<Tags>({}, { team: "x" }, { "kuma.io/zone": "west" }, { "kuma.io/zone": "east" }),
    transparentProxying: anyTransparentProxying,
    listeners: anyZoneListeners,
  })
  .map(({ host, ...options }) => dataplane({ ...options, address: `10.0.0.${host}` }));

const offer = fc.record({
  mesh: fc.constantFrom("default", "default", "other"),
  tags: fc.oneof({ weight: 4, arbitrary: anyTags }, { weight: 1, arbitrary: anyCrossMeshTags }),
  instances: fc.integer({ min: 0, max: 3 }),
  externalService: fc.constantFrom(false, false, true),
});
export const anyIngress = fc
  .record({
    name: fc.constantFrom("zi-west", "zi-west-2", "zi-east", "zi-north"),
    host: fc.integer({ min: 1, max: 3 }),
    advertised: fc.constantFrom(true, true, true, false),
    availableServices: fc.array(offer, { maxLength: 4 }),
  })
  .map(({ name, host, advertised, availableServices }) =>
    resource("ZoneIngress", "", name, {
      zone: name.split("-")[1],
      networking: {
        address: `10.1.0.${host}`,
        port: 10000,
        ...(advertised && { advertisedAddress: `192.0.2.${host}`, advertisedPort: 30000 }),
      },
      availableServices,
    }),
  );
