import {
  compareText,
  type DataplaneInbound,
  type DataplaneSpec,
  type Labels,
  type MeshServiceSpec,
  tagNames,
} from "@meridian/model";
import { hasLabels } from "./identity.ts";

/** A port as one data plane offers it. */
export interface OfferedPort {
  readonly port: number;
  readonly name: string;
  readonly protocol: string;
}

/** What one data plane adds to a service. */
export interface Contribution {
  /** Of the selected inbounds. */
  readonly ports: readonly OfferedPort[];
  /** Values of `kuma.io/service` of the selected inbounds: who clients may find there. */
  readonly serviceTags: readonly string[];
  /** SPIFFE ids that MeshIdentities give the data plane; absent: none. */
  readonly spiffeIds?: readonly string[];
  /** Each selected inbound takes traffic. */
  readonly isHealthy: boolean;
  readonly isConnected: boolean;
  /** It has a certificate, so that it can be spoken to with TLS. */
  readonly isCertified: boolean;
}

/** What is known of a proxy beyond its resource. */
export interface ProxyState {
  readonly isConnected: boolean;
  readonly isCertified: boolean;
}

export const unknownProxy: ProxyState = { isConnected: false, isCertified: false };

export interface Member {
  readonly name: string;
  readonly labels: Labels;
  readonly spec: DataplaneSpec;
  /** What MeshIdentities call it; absent: nothing. */
  readonly spiffeIds?: readonly string[];
  readonly state: ProxyState;
}

export type ServiceSelector = NonNullable<MeshServiceSpec["selector"]>;

/** Marks an inbound that serves nobody (reference: resources-legacy.md section 17). */
const servicelessPort = 49_151;

/** Inbounds that services can be made of. Gateways have none; `Ignored` ones are left out everywhere. */
export function servingInbounds({ networking }: DataplaneSpec): readonly DataplaneInbound[] {
  return (networking.inbound ?? []).filter(({ state, port }) => state !== "Ignored" && port !== servicelessPort);
}

/** The distinct services of a data plane, in order of its inbounds. */
export function servicesOf(spec: DataplaneSpec): readonly string[] {
  return [...new Set(servingInbounds(spec).flatMap(({ tags }) => tags[tagNames.service] ?? []))];
}

/** Of a selector that asks for a service and nothing else: that service. Most do, and those share one count. */
export function soleServiceOf({ dataplaneTags, ...others }: ServiceSelector): string | undefined {
  const entries = Object.entries(dataplaneTags ?? {});
  const isSole = entries.length === 1 && Object.keys(others).length === 0;
  return isSole ? dataplaneTags?.[tagNames.service] : undefined;
}

/** What a data plane adds to the service with this selector; undefined: nothing. A selector that is empty selects nobody. */
export function contributionTo(selector: ServiceSelector, member: Member): Contribution | undefined {
  const inbounds = selectedInbounds(selector, member);
  if (inbounds.length === 0) return undefined;
  return {
    ports: inbounds.map(({ port, name, protocol, tags }) => ({
      port,
      name: name ?? String(port),
      protocol: protocol ?? tags[tagNames.protocol] ?? "tcp",
    })),
    serviceTags: [...new Set(inbounds.flatMap(({ tags }) => tags[tagNames.service] ?? []))].sort(compareText),
    ...(member.spiffeIds && { spiffeIds: member.spiffeIds }),
    isHealthy: inbounds.every(isReady),
    ...member.state,
  };
}

function selectedInbounds(selector: ServiceSelector, { name, labels, spec }: Member): readonly DataplaneInbound[] {
  const { dataplaneTags, dataplaneRef, dataplaneLabels } = selector;
  const inbounds = servingInbounds(spec);
  if (dataplaneRef) return dataplaneRef.name === name ? inbounds : [];
  if (dataplaneLabels) {
    const { matchLabels = {} } = dataplaneLabels;
    return Object.keys(matchLabels).length > 0 && hasLabels(labels, matchLabels) ? inbounds : [];
  }
  if (!dataplaneTags || Object.keys(dataplaneTags).length === 0) return [];
  return inbounds.filter(({ tags }) => hasLabels(tags, dataplaneTags));
}

function isReady({ state, health }: DataplaneInbound): boolean {
  return state !== "NotReady" && health?.ready !== false;
}
