import { type SpecOf, stringEnum, stringMap, type Violation } from "@meridian/model";
import { Type } from "@sinclair/typebox";

/** Fields of every OpenTelemetry backend: where the collector is. Exactly one of the two. */
export const collectorFields = {
  endpoint: Type.Optional(Type.String({ description: "Address of the collector, host:port. Deprecated: use backendRef." })),
  backendRef: Type.Optional(
    Type.Object(
      {
        kind: stringEnum(["MeshOpenTelemetryBackend"], { description: "What is referenced." }),
        name: Type.Optional(Type.String({ description: "Name of the resource." })),
        labels: Type.Optional(stringMap("Labels of the resource; of several that have them, the oldest counts.")),
      },
      { description: "The resource that describes the collector." },
    ),
  ),
};
const collectorSchema = Type.Object(collectorFields);
type Collector = SpecOf<typeof collectorSchema>;

/** @param path of the `openTelemetry` object. */
export function validateCollector(path: string, { endpoint, backendRef }: Collector): readonly Violation[] {
  if (endpoint !== undefined && backendRef) return [{ path, message: "must have only one type defined: endpoint, backendRef" }];
  if (backendRef) return validateBackendRef(`${path}.backendRef`, backendRef);
  if (endpoint === undefined) return [{ path, message: "must have exactly one defined: endpoint, backendRef" }];
  if (endpoint === "") return [{ path: `${path}.endpoint`, message: "must not be empty" }];
  return [];
}

function validateBackendRef(path: string, { name, labels }: NonNullable<Collector["backendRef"]>): readonly Violation[] {
  const hasLabels = Object.keys(labels ?? {}).length > 0;
  if (name && hasLabels) return [{ path: `${path}.labels`, message: "either labels or name must be specified" }];
  return name || hasLabels ? [] : [{ path, message: "name or labels must be set when kind is MeshOpenTelemetryBackend" }];
}

/** `host`, `host:port`, IPv6 in brackets. */
export function isCollectorAddress(endpoint: string): boolean {
  return /^(?:\[[0-9a-fA-F:.]+\]|[a-zA-Z0-9_](?:[a-zA-Z0-9._-]*[a-zA-Z0-9_])?)(?::\d{1,5})?$/.test(endpoint);
}

export function collectorWarnings(collectors: readonly (Collector | undefined)[]): readonly string[] {
  const isOld = collectors.some((collector) => collector?.endpoint !== undefined);
  return isOld
    ? ["'openTelemetry.endpoint' is deprecated, use 'openTelemetry.backendRef' to a MeshOpenTelemetryBackend instead"]
    : [];
}
