import { Type } from "@sinclair/typebox";
import type { SpecOf } from "../fragments.ts";
import type { KindDefinition } from "../kind.ts";

export const zoneSchema = Type.Object({
  enabled: Type.Optional(
    Type.Boolean({ description: "False: the other zones no longer see what this zone offers.", default: true }),
  ),
});

export type ZoneSpec = SpecOf<typeof zoneSchema>;

export const zoneKind: KindDefinition<ZoneSpec> = {
  kind: "Zone",
  path: "zones",
  shortName: "z",
  singularDisplayName: "Zone",
  pluralDisplayName: "Zones",
  scope: "global",
  style: "legacy",
  category: "core",
  hasOverview: true,
  sync: {},
  schema: zoneSchema,
  example: `type: Zone
name: east
enabled: true
`,
  normalise: (spec) => ({ enabled: spec.enabled ?? true }),
};
