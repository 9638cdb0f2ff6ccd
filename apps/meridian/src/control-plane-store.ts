import { type Admission, type AdmissionDeps, createAdmission, type DefaultOptions } from "@meridian/admission";
import type { Clock } from "@meridian/base";
import { generateCa, generateSigningKey, inspectCa, signToken } from "@meridian/pki";
import type { Store } from "@meridian/store";
import type { ResourceWriter } from "@meridian/zone";
import { kinds } from "./kinds.ts";

export interface AdmissionSettings {
  readonly store: Store;
  readonly role: AdmissionDeps["role"];
  readonly zone?: string;
  readonly clock: Clock;
  readonly isZoneOnline?: (zone: string) => boolean;
  readonly createsRoutingPolicies: boolean;
}

/** Admission with the real certificate authority and token signer. */
export function openAdmission(settings: AdmissionSettings): Admission {
  return createAdmission({
    ...settings,
    kinds,
    env: "universal",
    pki: { generateCa, inspectCa, generateSigningKey, signToken },
  });
}

/** What a control plane starts with, by its settings. */
export function defaultOptions(values: {
  readonly noDefaultMesh: boolean;
  readonly skipHostnameGenerators: boolean;
}): DefaultOptions {
  return { noDefaultMesh: values.noDefaultMesh, noHostnameGenerators: values.skipHostnameGenerators };
}

/** Writes of the control plane itself: a proxy that registers, what an ingress offers. */
export function ownWriter(admission: Admission): ResourceWriter {
  return {
    put: (resource, author, { expect } = {}) =>
      admission.admit([{ op: "put", resource, ...(expect !== undefined && { expect }) }], author, { source: "control-plane" }),
    create: async (resources, author) => {
      const requests = resources.map((resource) => ({ op: "put", resource, expect: "absent" }) as const);
      await admission.admit(requests, author, { source: "control-plane" });
    },
    remove: async (key, author) => {
      await admission.admit([{ op: "delete", key, ifExists: true }], author, { source: "control-plane" });
    },
  };
}
