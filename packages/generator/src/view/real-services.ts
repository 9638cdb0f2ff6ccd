import { compareText, type Resource } from "@meridian/model";
import { type ServiceKind, serviceKinds } from "@meridian/services";
import { viewKeys } from "./keys.ts";
import { backendOutbound, type OutboundList, outboundList } from "./outbound-list.ts";
import { type NamedAddress, type ServiceFacts, type ServiceRecord, serviceRecord } from "./service-facts.ts";
import { SetIndex } from "./set-index.ts";

/** The MeshServices, MeshExternalServices and MeshMultiZoneServices of one mesh. Each change adds the keys of what became different. */
export class RealServices {
  readonly #mesh: string;
  readonly #records = new Map<string, ServiceRecord>();
  /** `kind trait` → keys of records. */
  readonly #byTrait = new SetIndex<string>();
  #addresses: OutboundList | undefined;

  constructor(mesh: string) {
    this.#mesh = mesh;
  }

  get(kind: ServiceKind, name: string): ServiceFacts | undefined {
    return this.#records.get(recordKey(kind, name))?.facts;
  }

  /** Sorted by name. */
  having(kind: ServiceKind, trait: string): readonly ServiceFacts[] {
    const keys = [...this.#byTrait.of(`${kind} ${trait}`)];
    return keys.sort(compareText).map((key) => (this.#records.get(key) as ServiceRecord).facts);
  }

  /** Sorted by name. */
  ofKind(kind: ServiceKind): readonly ServiceFacts[] {
    return [...this.#records.values()]
      .map(({ facts }) => facts)
      .filter((facts) => facts.kind === kind)
      .sort((a, b) => compareText(a.name, b.name));
  }

  isAvailable(name: string): boolean {
    return this.#records.get(recordKey("MeshService", name))?.isAvailable ?? false;
  }

  address(kind: ServiceKind, name: string): NamedAddress | undefined {
    return this.#records.get(recordKey(kind, name))?.at;
  }

  /** An outbound for each port of each service that has an address, sorted; the same list while none of them changes. */
  get addresses(): OutboundList {
    this.#addresses ??= outboundList(
      serviceKinds.flatMap((kind) =>
        this.ofKind(kind).flatMap(({ name, ports }) => {
          const at = this.address(kind, name);
          return at ? ports.map(({ port }) => backendOutbound({ ...at, port }, { kind, name, port })) : [];
        }),
      ),
    );
    return this.#addresses;
  }

  put(resource: Resource, kind: ServiceKind, touched: Set<string>): void {
    this.#set(kind, resource.name, serviceRecord(resource, kind), touched);
  }

  delete(kind: ServiceKind, name: string, touched: Set<string>): void {
    this.#set(kind, name, undefined, touched);
  }

  #set(kind: ServiceKind, name: string, after: ServiceRecord | undefined, touched: Set<string>): void {
    const key = recordKey(kind, name);
    const before = this.#records.get(key);
    this.#byTrait.delete(traitsOf(kind, before), key);
    this.#byTrait.add(traitsOf(kind, after), key);
    // Equal facts stay the same object.
    if (after) this.#records.set(key, before?.text === after.text ? { ...after, facts: before.facts } : after);
    else this.#records.delete(key);
    this.#touch(kind, name, { before, after, touched });
  }

  #touch(kind: ServiceKind, name: string, { before, after, touched }: RecordChange): void {
    const mesh = this.#mesh;
    const isOther = before?.text !== after?.text;
    if (isOther) {
      touched.add(viewKeys.service(mesh, kind, name));
      for (const trait of new Set([...(before?.traits ?? []), ...(after?.traits ?? [])])) {
        touched.add(viewKeys.serviceTrait(mesh, kind, trait));
      }
    }
    const isReachedOtherwise = before?.reachText !== after?.reachText;
    if (isReachedOtherwise && (isBehindIngress(before) || isBehindIngress(after))) touched.add(viewKeys.servicesBehindIngress);
    if (isReachedOtherwise && (isBehindEgress(before) || isBehindEgress(after))) touched.add(viewKeys.servicesBehindEgress);
    if (kind === "MeshService" && before?.isAvailable !== after?.isAvailable) touched.add(viewKeys.serviceState(mesh, name));
    const isElsewhere = JSON.stringify(before?.at) !== JSON.stringify(after?.at);
    if (isElsewhere) touched.add(viewKeys.serviceAddress(mesh, kind, name));
    if (isElsewhere || (isReachedOtherwise && after?.at !== undefined)) {
      this.#addresses = undefined;
      touched.add(viewKeys.serviceAddresses(mesh));
    }
  }
}

interface RecordChange {
  readonly before: ServiceRecord | undefined;
  readonly after: ServiceRecord | undefined;
  readonly touched: Set<string>;
}

/** Other zones ask this one for its own MeshServices, and for what joins them with others. */
function isBehindIngress(record: ServiceRecord | undefined): boolean {
  if (!record) return false;
  const { kind, isLocal } = record.facts;
  return kind === "MeshMultiZoneService" || (kind === "MeshService" && isLocal);
}

/** What is in other zones, or outside of the mesh. */
function isBehindEgress(record: ServiceRecord | undefined): boolean {
  return record !== undefined && (record.facts.kind !== "MeshService" || !record.facts.isLocal);
}

function traitsOf(kind: ServiceKind, record: ServiceRecord | undefined): readonly string[] {
  return (record?.traits ?? []).map((trait) => `${kind} ${trait}`);
}

function recordKey(kind: ServiceKind, name: string): string {
  return `${kind}/${name}`;
}
