import { decodeMessage, encodeMessage } from "@meridian/envoy";
import { parseDocuments } from "@meridian/model";
import type { ProtoJson } from "../route.ts";
import type { JsonPatchStep } from "./json-patch.ts";

export type ModificationTarget = "cluster" | "listener" | "virtualHost" | "networkFilter" | "httpFilter";
export type ModificationOperation = "Add" | "Remove" | "Patch" | "AddFirst" | "AddBefore" | "AddAfter" | "AddLast";

/** One change to generated config, as both MeshProxyPatch and ProxyTemplate want it. Plain JSON. */
export interface PatchModification {
  readonly target: ModificationTarget;
  readonly operation: ModificationOperation;
  readonly match: PatchMatch;
  /** In canonical proto JSON, whichever spelling its author used. */
  readonly value?: ProtoJson;
  readonly jsonPatches?: readonly JsonPatchStep[];
}

/** Every condition must hold. */
export interface PatchMatch {
  readonly origin?: string | undefined;
  readonly name?: string | undefined;
  /** Of a listener, or of the listener around a filter. */
  readonly listenerName?: string | undefined;
  readonly listenerTags?: Readonly<Record<string, string>> | undefined;
  readonly routeConfigurationName?: string | undefined;
}

/** A modification as either kind writes it. */
export interface WrittenModification {
  readonly operation: string;
  readonly match?: (Omit<PatchMatch, "listenerTags"> & { readonly tags?: PatchMatch["listenerTags"] } & PatchMatch) | undefined;
  readonly value?: string | undefined;
  readonly jsonPatches?: readonly JsonPatchStep[] | undefined;
}

const messageTypes: Readonly<Record<ModificationTarget, string>> = {
  cluster: "envoy.config.cluster.v3.Cluster",
  listener: "envoy.config.listener.v3.Listener",
  virtualHost: "envoy.config.route.v3.VirtualHost",
  networkFilter: "envoy.config.listener.v3.Filter",
  httpFilter: "envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter",
};

/** @throws when the value is not what admission lets pass: it has checked the same. */
export function readModification(target: ModificationTarget, written: WrittenModification): PatchModification {
  const { operation, match: { tags, name, ...match } = {}, value, jsonPatches } = written;
  const isListener = target === "listener";
  return {
    target,
    operation: `${operation[0]?.toUpperCase()}${operation.slice(1)}` as ModificationOperation,
    match: {
      ...match,
      ...(name !== undefined && (isListener ? { listenerName: name } : { name })),
      ...(tags && { listenerTags: tags }),
    },
    ...(value !== undefined && { value: readValue(messageTypes[target], value) }),
    ...(jsonPatches && jsonPatches.length > 0 && { jsonPatches }),
  };
}

/** A whole resource with its type in `@type`, to be added; other types than clusters and listeners have no place of their own. */
export function readRawResource(text: string): readonly PatchModification[] {
  const { "@type": typeUrl, ...message } = readObject(text);
  const target = (["cluster", "listener"] as const).find((each) => String(typeUrl).endsWith(`/${messageTypes[each]}`));
  return target ? [{ target, operation: "Add", match: {}, value: canonical(messageTypes[target], message) }] : [];
}

function readValue(typeName: string, text: string): ProtoJson {
  return canonical(typeName, readObject(text));
}

function readObject(text: string): ProtoJson {
  return (parseDocuments(text, { source: "value" }).documents[0]?.value ?? {}) as ProtoJson;
}

/** As the generator writes it, whichever spelling of the field names was used. */
function canonical(typeName: string, message: ProtoJson): ProtoJson {
  return decodeMessage(typeName, encodeMessage(typeName, message)) as ProtoJson;
}
