import { type Labels, labelNames, type MeshServiceSpec, protocols, type ResourceInput, tagNames } from "@meridian/model";
import type { Tally } from "./tally.ts";

/** Values of `kuma.io/managed-by` for what a zone makes by itself. */
export const managers = { meshService: "meshservice-generator", workload: "workload-generator" } as const;

/** Since when nobody stands behind a generated resource (reference: multizone.md section 7). */
export const graceLabel = "kuma.io/deletion-grace-period-started-at";

const dns1035Label = /^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/;

/** Whether a value of `kuma.io/service` can be the name of a MeshService: it becomes a label in DNS (RFC 1035). */
export function canNameMeshService(service: string): boolean {
  return dns1035Label.test(service);
}

export interface Place {
  /** Absent on a global. */
  readonly zone: string;
  readonly env: "universal" | "kubernetes";
}

/** The labels of what a zone makes by itself. */
export function generatedLabels(key: { readonly mesh: string; readonly name: string }, manager: string, place: Place): Labels {
  return {
    [labelNames.displayName]: key.name,
    [labelNames.managedBy]: manager,
    [labelNames.mesh]: key.mesh,
    [labelNames.origin]: "zone",
    [labelNames.zone]: place.zone,
    [labelNames.env]: place.env,
  };
}

/** The MeshService of one value of `kuma.io/service`, from those who offer it (reference: multizone.md section 7). */
export function generatedMeshService(
  key: { readonly mesh: string; readonly name: string },
  tally: Tally,
  place: Place,
): ResourceInput<MeshServiceSpec> {
  return {
    kind: "MeshService",
    mesh: key.mesh,
    name: key.name,
    labels: generatedLabels(key, managers.meshService, place),
    spec: {
      selector: { dataplaneTags: { [tagNames.service]: key.name } },
      ports: tally.ports().map(({ port, name, protocol }) => ({
        port,
        targetPort: port,
        appProtocol: (protocols as readonly string[]).includes(protocol) ? protocol : "tcp",
        name,
      })),
      ...observedSpec(tally),
    },
  };
}

/** The part of any MeshService's spec that its zone writes: it is in the spec, not in the status, so that other zones get it. */
export function observedSpec(tally: Tally): Required<Pick<MeshServiceSpec, "identities" | "state">> {
  return {
    identities: [
      ...tally.serviceTags().map((value) => ({ type: "ServiceTag", value }) as const),
      ...tally.spiffeIds().map((value) => ({ type: "SpiffeID", value }) as const),
    ],
    state: tally.isAvailable ? "Available" : "Unavailable",
  };
}

/** The Workload of one value of the label `kuma.io/workload`. */
export function generatedWorkload(key: { readonly mesh: string; readonly name: string }, place: Place): ResourceInput {
  return {
    kind: "Workload",
    mesh: key.mesh,
    name: key.name,
    labels: generatedLabels(key, managers.workload, place),
    spec: {},
  };
}

export function isManagedBy({ labels }: Pick<ResourceInput, "labels">, manager: string): boolean {
  return labels[labelNames.managedBy] === manager;
}

/** A time as a label: ISO 8601 basic format, for `:` may not stand in a label's value. */
export function graceText(ms: number): string {
  return new Date(ms).toISOString().replace(/[-:]|\.\d+/g, "");
}

/** Milliseconds since the epoch; undefined when the label is absent or was written by somebody else. */
export function graceStartMs({ labels }: Pick<ResourceInput, "labels">): number | undefined {
  const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(labels[graceLabel] ?? "");
  if (!parts) return undefined;
  const [, year, month, day, hour, minute, second] = parts;
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
}
