import { serviceClusterName } from "@meridian/envoy";
import { canonicalJson, defaultNamespace, type MeshServiceSpec, type Resource } from "@meridian/model";
import type { Protocol } from "@meridian/policies";
import {
  hostnamesOf,
  identityOf,
  isLocal,
  type ServiceKind,
  type ServiceSelector,
  selectableLabels,
  serviceKri,
  servicePorts,
  vipOf,
} from "@meridian/services";
import { asProtocol } from "./protocol.ts";

/** One port of a service, with its names. */
export interface ServicePortFacts {
  readonly port: number;
  /** Its name, else its number. */
  readonly section: string;
  readonly protocol: Protocol;
  /** Of a MeshService: port or name of the inbounds behind it. */
  readonly targetPort: number | string;
  readonly clusterName: string;
  readonly kri: string;
}

/** What configs depend on of a MeshService, MeshExternalService or MeshMultiZoneService: all but its status and state. */
export interface ServiceFacts {
  readonly kind: ServiceKind;
  /** As the store has it. */
  readonly name: string;
  /** As its user called it. */
  readonly displayName: string;
  /** Without `status`, and a MeshService without `state`: they change all the time, and are facts of their own. */
  readonly resource: Resource;
  /** Its zone; "" for what the global owns. */
  readonly zone: string;
  /** Made in this zone. */
  readonly isLocal: boolean;
  /** By which zone ingresses know it. */
  readonly sniName: string;
  /** Sorted. */
  readonly ports: readonly ServicePortFacts[];
}

/** Where a service is reached. */
export interface NamedAddress {
  readonly address: string;
  /** Sorted; empty while no HostnameGenerator names it. */
  readonly hosts: readonly string[];
}

/** Everything of one resource, in pieces that change apart from each other. */
export interface ServiceRecord {
  readonly facts: ServiceFacts;
  /** Tells `facts`. */
  readonly text: string;
  /** Tells by which names and at which ports it is reached: all that listeners in front of it depend on. */
  readonly reachText: string;
  /** Of a MeshService: one of its proxies is healthy. */
  readonly isAvailable: boolean;
  /** Undefined until it was given an address. */
  readonly at: NamedAddress | undefined;
  /** By which references find it. */
  readonly traits: readonly string[];
}

export function serviceRecord(resource: Resource, kind: ServiceKind): ServiceRecord {
  const { status, spec: whole, ...rest } = resource;
  const { state, ...spec } = whole as MeshServiceSpec;
  const stripped: Resource = { ...rest, spec: kind === "MeshService" ? spec : whole };
  const { name, mesh, labels } = resource;
  const identity = identityOf(resource);
  const own = isLocal(resource);
  const facts: ServiceFacts = {
    ...{ kind, name, displayName: identity.name, resource: stripped },
    zone: identity.zone,
    isLocal: own,
    sniName: own ? name : syncedSniName(identity),
    ports: servicePorts(resource).map(({ port, section, protocol, targetPort }) => ({
      ...{ port, section, targetPort, protocol: asProtocol(protocol) },
      clusterName: serviceClusterName({ kind, ...identity, port }),
      kri: serviceKri(resource, section),
    })),
  };
  const traits = Object.entries(selectableLabels({ name, mesh, labels })).map(([label, value]) => traitText(label, value));
  return {
    facts,
    text: canonicalJson([labels, stripped.spec]),
    reachText: canonicalJson([own, facts.sniName, facts.ports]),
    isAvailable: state === "Available",
    at: namedAddress(status),
    traits: [...traits, nameTrait(name)],
  };
}

function namedAddress(status: unknown): NamedAddress | undefined {
  const address = vipOf(status);
  return address === undefined ? undefined : { address, hosts: [...hostnamesOf(status)].sort() };
}

/** In its own zone a service of a namespace is called `name.namespace` (reference: multizone.md section 4). */
function syncedSniName({ name, namespace }: { readonly name: string; readonly namespace: string }): string {
  return namespace === "" || namespace === defaultNamespace ? name : `${name}.${namespace}`;
}

/** Who stands behind a MeshService. */
export function selectorOf({ kind, resource }: ServiceFacts): ServiceSelector {
  return kind === "MeshService" ? ((resource.spec as MeshServiceSpec).selector ?? {}) : {};
}

/** A label with its value: what services can be found by. */
export function traitText(label: string, value: string): string {
  return `${label}=${value}`;
}

/** The name in the store; no label has an empty name. */
export function nameTrait(name: string): string {
  return traitText("", name);
}
