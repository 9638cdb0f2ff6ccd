import { Type } from "@sinclair/typebox";
import type { SpecOf } from "../fragments.ts";
import type { KindDefinition } from "../kind.ts";
import { validateDnsLabelName } from "../rules/names.ts";

export const workloadSchema = Type.Object({}, { description: "Nothing is configured; the status counts the proxies." });

export type WorkloadSpec = SpecOf<typeof workloadSchema>;

/** The data planes with one value of the label `kuma.io/workload`; made by the control plane of their zone. */
export const workloadKind: KindDefinition<WorkloadSpec> = {
  kind: "Workload",
  path: "workloads",
  shortName: "wl",
  singularDisplayName: "Workload",
  pluralDisplayName: "Workloads",
  scope: "mesh",
  style: "spec",
  category: "core",
  zoneOwned: true,
  sync: { zoneToGlobal: true },
  schema: workloadSchema,
  validate: (_, { name }) => validateDnsLabelName(name),
  example: `type: Workload
mesh: default
name: orders
spec: {}
`,
};
