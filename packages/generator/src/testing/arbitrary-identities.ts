import type { Resource, Tags } from "@meridian/model";
import fc from "fast-check";
import { resource } from "./resources.ts";

const mesh = fc.constantFrom("default", "default", "other");

/** In use or not, for some or all, from the zone or from a SPIRE agent; one that needs a label which not everybody has. */
const anyMeshIdentity = fc
  .record({
    mesh,
    name: fc.constantFrom("i0", "i1"),
    matchLabels: fc.constantFrom<Tags>({}, { team: "x" }),
    path: fc.constantFrom("/all", '/{{ label "team" }}'),
    trustDomain: fc.constantFrom("d0.example", "d1.example"),
    provider: fc.constantFrom({ type: "Bundled" }, { type: "Bundled" }, { type: "Spire", spire: {} }),
    isReady: fc.boolean(),
  })
  .map(({ mesh: of, name, matchLabels, path, trustDomain, provider, isReady }) => ({
    ...resource("MeshIdentity", of, name, {
      selector: { dataplane: { matchLabels } },
      spiffeID: { trustDomain, path },
      provider,
    }),
    status: { conditions: [{ type: "Ready", status: isReady ? "True" : "False", reason: "", message: "" }] },
  }));

const anyMeshTrust = fc
  .record({
    mesh,
    name: fc.constantFrom("t0", "t1"),
    trustDomain: fc.constantFrom("d0.example", "d1.example", "partner.example"),
    labels: fc.constantFrom<Tags>({}, { "kuma.io/managed-by": "meshtrust-generator" }),
  })
  .map(({ mesh: of, name, trustDomain, labels }) => resource("MeshTrust", of, name, { trustDomain, caBundles: [] }, labels));

/** Says who is found behind it. */
const anyKnownService = fc
  .record({ name: fc.constantFrom("a", "b"), ids: fc.subarray(["spiffe://d0.example/all", "spiffe://d1.example/x"]) })
  .map(({ name, ids }) =>
    resource("MeshService", "default", name, {
      selector: { dataplaneTags: { "kuma.io/service": name } },
      ports: [{ port: 8080, targetPort: 8080, appProtocol: "http" }],
      identities: [{ type: "ServiceTag", value: name }, ...ids.map((value) => ({ type: "SpiffeID", value }))],
    }),
  );

export const anyIdentity: fc.Arbitrary<Resource> = fc.oneof(
  { weight: 3, arbitrary: anyMeshIdentity },
  { weight: 2, arbitrary: anyMeshTrust },
  { weight: 1, arbitrary: anyKnownService },
);
