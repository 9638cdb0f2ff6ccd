import { type SpecOf, stringEnum, stringMap, targetRefSchema } from "@meridian/model";
import { type TObject, type TProperties, Type } from "@sinclair/typebox";

const jsonPatchSchema = Type.Object({
  op: stringEnum(["add", "remove", "replace", "move", "copy"], { description: "As RFC 6902 has it." }),
  path: Type.String({ description: "JSON pointer into the Envoy resource as proto JSON." }),
  from: Type.Optional(Type.String({ description: "JSON pointer to the source; only for move and copy." })),
  value: Type.Optional(Type.Unknown({ description: "The new value; only for add and replace." })),
});

const resourceOperations = ["Add", "Remove", "Patch"] as const;
const filterOperations = ["Remove", "Patch", "AddFirst", "AddBefore", "AddAfter", "AddLast"] as const;

const origin = Type.Optional(Type.String({ description: "What made the resource: inbound, outbound, gateway, and others." }));
const named = (what: string) => Type.Optional(Type.String({ description: `Name of the ${what}.` }));

function modification<Match extends TProperties, const Operation extends string>(
  operations: readonly Operation[],
  match: TObject<Match>,
) {
  return Type.Object({
    operation: stringEnum(operations, { description: "What to do." }),
    match: Type.Optional(match),
    value: Type.Optional(Type.String({ description: "Envoy resource in YAML: added, or merged into what matches." })),
    jsonPatches: Type.Optional(Type.Array(jsonPatchSchema, { description: "Instead of value, for Patch." })),
  });
}

const filterMatch = (what: string) =>
  Type.Object(
    {
      origin,
      name: named(what),
      listenerName: named("listener"),
      listenerTags: Type.Optional(stringMap("Tags of the listener.")),
    },
    { description: "Every condition must hold; absent: all." },
  );

const modificationSchema = Type.Object(
  {
    cluster: Type.Optional(modification(resourceOperations, Type.Object({ origin, name: named("cluster") }))),
    listener: Type.Optional(
      modification(
        resourceOperations,
        Type.Object({ origin, name: named("listener"), tags: Type.Optional(stringMap("Tags of the listener.")) }),
      ),
    ),
    virtualHost: Type.Optional(
      modification(
        resourceOperations,
        Type.Object({ origin, name: named("virtual host"), routeConfigurationName: named("route configuration") }),
      ),
    ),
    networkFilter: Type.Optional(modification(filterOperations, filterMatch("network filter"))),
    httpFilter: Type.Optional(modification(filterOperations, filterMatch("HTTP filter"))),
  },
  { description: "Exactly one of the five." },
);

export const meshProxyPatchSchema = Type.Object({
  targetRef: Type.Optional(targetRefSchema),
  default: Type.Optional(
    Type.Object({
      appendModifications: Type.Optional(
        Type.Array(modificationSchema, { description: "Run in order; lists of several policies are joined." }),
      ),
    }),
  ),
});

export type MeshProxyPatchSpec = SpecOf<typeof meshProxyPatchSchema>;
export type Modification = SpecOf<typeof modificationSchema>;
export type JsonPatch = SpecOf<typeof jsonPatchSchema>;
