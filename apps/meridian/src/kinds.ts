import { coreKinds, createKindRegistry, type KindRegistry } from "@meridian/model";
import { effectivePolicyKinds, policyKinds } from "@meridian/policies";

/** Every kind that this build knows: an explicit list, so that what a process serves can be read in one place. */
export const kinds: KindRegistry = createKindRegistry([...coreKinds, ...policyKinds]);

/** Kinds that shape what proxies are given. A policy kind without effect stays out: its changes would wake the engine for nothing. */
export const configKinds: readonly string[] = [
  "Mesh",
  "Dataplane",
  "ZoneIngress",
  "Secret",
  // Signing keys and revocations of zone tokens.
  "GlobalSecret",
  ...effectivePolicyKinds.map((kind) => kind.kind),
];
