import { at, isHostPort, type Violation } from "@meridian/model";
import { validateCollector } from "../core/fragments/open-telemetry.ts";
import { validateLists } from "../core/fragments/policy-lists.ts";
import { validateRuleItems, validateTargetedItems, validateTopLevelRef } from "../core/fragments/target-items.ts";
import { destinationKindsWithRoute, topLevelKinds } from "../core/fragments/target-kinds.ts";
import { topLevelRef } from "../core/target-ref.ts";
import type { AccessLogBackend, AccessLogConf, AccessLogFormat, MeshAccessLogSpec } from "./schema.ts";

/** Paths and texts: resources.md sections 6 and 7. */
export function validateMeshAccessLog(spec: MeshAccessLogSpec): readonly Violation[] {
  const kinds = topLevelRef(spec).kind === "MeshGateway" ? (["Mesh"] as const) : destinationKindsWithRoute;
  return [
    ...validateTopLevelRef(spec, topLevelKinds),
    ...validateLists(spec),
    ...validateTargetedItems("spec.to", spec.to, { refs: { kinds }, validateConf }),
    ...validateTargetedItems("spec.from", spec.from, { refs: { kinds: ["Mesh"] }, validateConf }),
    ...validateRuleItems("spec.rules", spec.rules, validateConf),
  ];
}

function validateConf(path: string, { backends }: AccessLogConf): readonly Violation[] {
  if (!backends) return [{ path: `${path}.backends`, message: "must be defined" }];
  return backends.flatMap((backend, index) => validateBackend(at(`${path}.backends`, index), backend));
}

const fieldOfBackend = { File: "file", Tcp: "tcp", OpenTelemetry: "openTelemetry" } as const;

function validateBackend(path: string, backend: AccessLogBackend): readonly Violation[] {
  const field = fieldOfBackend[backend.type];
  const where = `${path}.${field}`;
  if (!backend[field]) return [{ path: where, message: "must be defined" }];
  switch (backend.type) {
    case "File":
      return validateFile(where, backend.file ?? { path: "" });
    case "Tcp":
      return validateTcp(where, backend.tcp ?? { address: "" });
    case "OpenTelemetry":
      return [
        ...validateCollector(where, backend.openTelemetry ?? {}),
        ...validateAttributes(`${where}.attributes`, backend.openTelemetry?.attributes),
      ];
  }
}

function validateFile(where: string, { path, format }: NonNullable<AccessLogBackend["file"]>): readonly Violation[] {
  const isAbsolute = /^\/.*[^/]$/.test(path);
  return [
    ...validateFormat(`${where}.format`, format),
    ...(isAbsolute ? [] : [{ path: `${where}.path`, message: "file backend requires a valid path" }]),
  ];
}

function validateTcp(where: string, { address, format }: NonNullable<AccessLogBackend["tcp"]>): readonly Violation[] {
  return [
    ...validateFormat(`${where}.format`, format),
    ...(isHostPort(address) ? [] : [{ path: `${where}.address`, message: "tcp backend requires valid address" }]),
  ];
}

function validateFormat(path: string, format: AccessLogFormat | undefined): readonly Violation[] {
  if (!format) return [];
  const field = format.type === "Plain" ? "plain" : "json";
  const content = format[field];
  if (content === undefined) return [{ path: `${path}.${field}`, message: "must be defined" }];
  if (content.length === 0) return [{ path: `${path}.${field}`, message: "must not be empty" }];
  return field === "plain" ? [] : (format.json ?? []).flatMap((entry, index) => validateEntry(at(`${path}.json`, index), entry));
}

function validateEntry(path: string, { key, value }: NonNullable<AccessLogFormat["json"]>[number]): readonly Violation[] {
  return [
    ...(key === "" ? [{ path: `${path}.key`, message: "key cannot be empty" }] : []),
    ...(value === "" ? [{ path: `${path}.value`, message: "value cannot be empty" }] : []),
    ...(isJson(`{"${key}": "${value}"}`) ? [] : [{ path, message: "is not a valid JSON object" }]),
  ];
}

/** Key and value go into the object as they are, so they bring their own escapes. */
function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

const attributeKey = /^[a-z](?:[a-z0-9]|[._][a-z0-9])*$/;

function validateAttributes(path: string, attributes: readonly { readonly key: string }[] = []): readonly Violation[] {
  return attributes.flatMap(({ key }, index): readonly Violation[] => {
    const where = `${at(path, index)}.key`;
    if (!attributeKey.test(key)) {
      const message =
        "must start with a lower case letter, and consist of lower case letters, digits, and single '.' or '_' between them";
      return [{ path: where, message }];
    }
    return key.startsWith("otel.") ? [{ path: where, message: "must not start with 'otel.', which is reserved" }] : [];
  });
}
