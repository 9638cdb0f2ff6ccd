import { isIP } from "node:net";
import { delay } from "@meridian/base";
import type { ViewChange } from "@meridian/generator";
import { keyText, type Resource } from "@meridian/model";
import { HostAddresses, type HostAddressesOptions } from "./host-addresses.ts";

type Field = "address" | "advertisedAddress";

interface Networking {
  readonly address?: string;
  readonly advertisedAddress?: string;
}

/** A resource with a host name, and the addresses that stand for it at the engine. */
interface Named {
  readonly resource: Resource;
  readonly addresses: Readonly<Partial<Record<Field, string>>>;
}

export interface AddressedChangesOptions extends Pick<HostAddressesOptions, "lookup" | "refreshMs" | "logger"> {
  /** Resources whose addresses became known, or are others now. */
  readonly onChange: (changes: readonly ViewChange[]) => void;
}

/** How long a start waits for names, so that no proxy loses an endpoint for the time of a lookup. */
const patienceMs = 3_000;

/**
 * Puts addresses in place of the host names of Dataplanes and zone proxies before they reach the engine: EDS takes only IP
 * addresses (core/v3/address.proto: `SocketAddress.address` of an endpoint must be an IP without a resolver), and the peer resolves
 * at the control plane too.
 */
export class AddressedChanges {
  readonly #hosts: HostAddresses;
  readonly #named = new Map<string, Named>();
  readonly #abort = new AbortController();
  /** Some names may not be in use any more. */
  #isNamesStale = false;

  constructor(options: AddressedChangesOptions) {
    this.#hosts = new HostAddresses({ ...options, onChange: (host) => options.onChange(this.#usersOf(host)) });
  }

  /**
   * The changes as the engine takes them. A Dataplane or ZoneIngress that nobody knows where to listen is held back, or stays what
   * it was, until its name is resolved; an advertised name that is not is left in, and the engine leaves out the endpoint.
   */
  translate(changes: readonly ViewChange[]): readonly ViewChange[] {
    const translated = changes.map((change) => this.#translated(change)).filter((change) => change !== undefined);
    if (this.#isNamesStale) this.#hosts.keep(this.#namesInUse());
    this.#isNamesStale = false;
    return translated;
  }

  /** Starts to look up every name in these resources, and gives the lookups a moment. */
  async prepare(resources: readonly Resource[]): Promise<void> {
    const names = resources.flatMap((resource) => namesOf(resource).map(([, name]) => name));
    for (const name of names) this.#hosts.addressOf(name);
    if (names.length > 0) await Promise.race([this.#hosts.settled(), delay(patienceMs, this.#abort.signal)]);
  }

  stop(): void {
    this.#abort.abort();
    this.#hosts.stop();
  }

  #translated(change: ViewChange): ViewChange | undefined {
    const key = keyText(change.op === "put" ? change.resource : change.key);
    const names = change.op === "put" ? namesOf(change.resource) : [];
    const before = this.#named.get(key)?.addresses;
    if (before) this.#isNamesStale = true;
    if (change.op === "delete" || names.length === 0) {
      this.#named.delete(key);
      return change;
    }
    const addresses: Partial<Record<Field, string>> = {};
    for (const [field, name] of names) {
      const address = this.#hosts.addressOf(name) ?? before?.[field];
      if (address !== undefined) addresses[field] = address;
    }
    this.#named.set(key, { resource: change.resource, addresses });
    const isHeldBack = names.some(([field]) => field === "address") && addresses.address === undefined;
    return isHeldBack ? undefined : { op: "put", resource: withAddresses(change.resource, addresses) };
  }

  #usersOf(host: string): readonly ViewChange[] {
    const users = [...this.#named.values()].filter(({ resource }) => namesOf(resource).some(([, name]) => name === host));
    return users.map(({ resource }) => ({ op: "put", resource }));
  }

  #namesInUse(): ReadonlySet<string> {
    return new Set([...this.#named.values()].flatMap(({ resource }) => namesOf(resource).map(([, name]) => name)));
  }
}

/** Its fields that hold a host name. */
function namesOf({ kind, spec }: Resource): readonly (readonly [field: Field, name: string])[] {
  if (kind !== "Dataplane" && kind !== "ZoneIngress" && kind !== "ZoneEgress") return [];
  const { address, advertisedAddress } = (spec as { readonly networking?: Networking }).networking ?? {};
  const fields = [
    ["address", address],
    ["advertisedAddress", advertisedAddress],
  ] as const;
  return fields.flatMap(([field, text]) => (text && isIP(text) === 0 ? [[field, text] as const] : []));
}

function withAddresses(resource: Resource, addresses: Named["addresses"]): Resource {
  const spec = resource.spec as { readonly networking: Networking };
  return { ...resource, spec: { ...spec, networking: { ...spec.networking, ...addresses } } };
}
