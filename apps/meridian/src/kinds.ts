import { coreKinds, createKindRegistry, type KindRegistry } from "@meridian/model";
import { policyKinds, referencedKinds } from "@meridian/policies";

/** Every kind that this build knows: an explicit list, so that what a process serves can be read in one place. */
export const kinds: KindRegistry = createKindRegistry([...coreKinds, ...policyKinds]);

/** Kinds that shape what proxies are given. A policy kind without effect stays out: its changes would wake the engine for nothing. */
export const configKinds: readonly string[] = distinct([
  "Mesh",
  "Dataplane",
  "ZoneIngress",
  "ZoneEgress",
  "MeshZoneAddress",
  "Secret",
  // Host names and their addresses.
  "Config",
  // Signing keys and revocations of zone tokens.
  "GlobalSecret",
  ...policyKinds.map((kind) => kind.kind),
  "MeshIdentity",
  "MeshTrust",
  // What policies and destinations refer to.
  ...referencedKinds,
]);

function distinct(names: readonly string[]): readonly string[] {
  return [...new Set(names)];
}
