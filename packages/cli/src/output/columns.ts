import type { ResourceAnswer, ResourceKindAnswer } from "@meridian/client";
import { ageOf } from "./time.ts";

export interface Column {
  readonly title: string;
  readonly read: (item: ResourceAnswer) => string;
}

/** What `get` shows of a kind besides mesh, name, zone and age; by name of the kind, as kumactl does it where it does. */
const ownColumns: Readonly<Record<string, readonly Column[]>> = {
  Mesh: [
    { title: "mTLS", read: (item) => backendText(item["mtls"], "enabledBackend") },
    { title: "METRICS", read: (item) => backendText(item["metrics"], "enabledBackend") },
    { title: "LOGGING", read: (item) => backendText(item["logging"], "defaultBackend") },
    { title: "TRACING", read: (item) => backendText(item["tracing"], "defaultBackend") },
    { title: "LOCALITY", read: (item) => onOff(field(item, "routing", "localityAwareLoadBalancing")) },
    { title: "ZONEEGRESS", read: (item) => onOff(field(item, "routing", "zoneEgress")) },
  ],
  Dataplane: [
    { title: "TAGS", read: tagsOfDataplane },
    { title: "ADDRESS", read: (item) => text(field(item, "networking", "address")) },
  ],
  ExternalService: [
    { title: "TAGS", read: (item) => tagsText([item["tags"]]) },
    { title: "ADDRESS", read: (item) => text(field(item, "networking", "address")) },
  ],
  Zone: [{ title: "ENABLED", read: (item) => (item["enabled"] === false ? "no" : "yes") }],
  ZoneIngress: [
    { title: "ADDRESS", read: (item) => addressText(item, "address", "port") },
    { title: "ADVERTISED ADDRESS", read: (item) => addressText(item, "advertisedAddress", "advertisedPort") },
  ],
  ZoneEgress: [{ title: "ADDRESS", read: (item) => addressText(item, "address", "port") }],
  MeshService: [
    { title: "PORTS", read: portsText },
    { title: "STATE", read: (item) => text(field(item, "spec", "state")) },
  ],
  MeshMultiZoneService: [{ title: "PORTS", read: portsText }],
  MeshExternalService: [
    { title: "PORT", read: (item) => text(field(item, "spec", "match", "port")) },
    { title: "PROTOCOL", read: (item) => text(field(item, "spec", "match", "protocol")) },
  ],
  HostnameGenerator: [{ title: "TEMPLATE", read: (item) => text(field(item, "spec", "template")) }],
  MeshIdentity: [{ title: "PROVIDER", read: (item) => text(field(item, "spec", "provider", "type")) }],
  MeshTrust: [{ title: "TRUST DOMAIN", read: (item) => text(field(item, "spec", "trustDomain")) }],
};

const targetColumn: Column = { title: "TARGET", read: (item) => targetText(field(item, "spec", "targetRef")) };

/** Columns of a list of one kind. A zone is shown where some item has one. */
export function columnsOf(kind: ResourceKindAnswer, items: readonly ResourceAnswer[], nowMs: number): readonly Column[] {
  const zoneOf = (item: ResourceAnswer): string => item.labels?.["kuma.io/zone"] ?? "";
  return [
    ...(kind.scope === "Mesh" ? [{ title: "MESH", read: (item: ResourceAnswer) => item.mesh ?? "" }] : []),
    { title: "NAME", read: (item) => item.name },
    ...(items.some((item) => zoneOf(item) !== "") ? [{ title: "ZONE", read: zoneOf }] : []),
    ...(ownColumns[kind.name] ?? []),
    ...(kind.policy?.isTargetRef ? [targetColumn] : []),
    { title: "AGE", read: (item) => ageOf(item.creationTime, nowMs) },
  ];
}

/** The value below these names; undefined where the way ends early. */
export function field(value: unknown, ...names: readonly string[]): unknown {
  return names.reduce<unknown>((inner, name) => (Object(inner) as Readonly<Record<string, unknown>>)[name], value);
}

export function text(value: unknown): string {
  return value === undefined || value === null || typeof value === "object" ? "-" : String(value);
}

/** `kuma.io/service=web version=v1`: every tag of the sets, each once, sorted. */
export function tagsText(tagSets: readonly unknown[]): string {
  const pairs = tagSets.flatMap((tags) => Object.entries(Object(tags)).map(([key, value]) => `${key}=${String(value)}`));
  return [...new Set(pairs)].sort().join(" ") || "-";
}

export function tagsOfDataplane(item: ResourceAnswer): string {
  const networking = field(item, "networking") ?? field(item, "dataplane", "networking");
  const inbounds = field(networking, "inbound");
  const sets = (Array.isArray(inbounds) ? inbounds : []).map((inbound: unknown) => field(inbound, "tags"));
  return tagsText([...sets, field(networking, "gateway", "tags")]);
}

/** `builtin/ca-1`, or `off`: the backend that is in use, with its type. */
function backendText(section: unknown, enabledField: string): string {
  const enabled = field(section, enabledField);
  const backends = field(section, "backends");
  const list: readonly unknown[] = Array.isArray(backends) ? backends : [];
  const backend = list.find((one) => field(one, "name") === enabled);
  return backend === undefined ? "off" : `${text(field(backend, "type"))}/${text(enabled)}`;
}

function onOff(value: unknown): string {
  return value === true ? "on" : "off";
}

function addressText(item: ResourceAnswer, address: string, port: string): string {
  const host = field(item, "networking", address);
  const number = field(item, "networking", port);
  return host === undefined ? "-" : `${text(host)}${number === undefined ? "" : `:${text(number)}`}`;
}

function portsText(item: ResourceAnswer): string {
  const ports = field(item, "spec", "ports");
  const list: readonly unknown[] = Array.isArray(ports) ? ports : [];
  return list.map((port) => `${text(field(port, "port"))}/${text(field(port, "appProtocol") ?? "tcp")}`).join(", ") || "-";
}

/** `Mesh`, `MeshService backend`, `Dataplane app=web`. */
function targetText(targetRef: unknown): string {
  const kind = text(field(targetRef, "kind") ?? "Mesh");
  const which = field(targetRef, "name") ?? field(targetRef, "tags") ?? field(targetRef, "labels");
  const section = field(targetRef, "sectionName");
  const described = typeof which === "object" ? tagsText([which]) : text(which);
  return [kind, ...(which === undefined ? [] : [described]), ...(section === undefined ? [] : [`(${text(section)})`])].join(" ");
}
