import { compareText } from "@meridian/model";
import { hasLabels, type ServiceSelector, soleServiceOf } from "@meridian/services";
import type { DataplaneFacts, LocalEndpoint } from "./dataplane-facts.ts";
import { viewKeys } from "./keys.ts";

const nobody: readonly LocalEndpoint[] = [];

/**
 * The endpoints behind the MeshServices of one mesh whose selector is about more than one value of `kuma.io/service` (for those, the
 * endpoints of that service are known anyway). A data plane that changes is held against each of these selectors.
 */
export class ServiceMembers {
  readonly #mesh: string;
  readonly #dataplanes = new Map<string, DataplaneFacts>();
  readonly #selectors = new Map<string, ServiceSelector>();
  /** Service → data plane → endpoints. */
  readonly #members = new Map<string, Map<string, readonly LocalEndpoint[]>>();

  constructor(mesh: string) {
    this.#mesh = mesh;
  }

  /** Healthy ones, sorted. */
  of(service: string): readonly LocalEndpoint[] {
    const members = this.#members.get(service);
    if (!members) return nobody;
    return [...members.values()]
      .flat()
      .filter(({ healthy }) => healthy)
      .sort((a, b) => compareText(a.address, b.address) || a.port - b.port);
  }

  /** @param selector undefined: the service is gone, or not of this zone. */
  setService(service: string, selector: ServiceSelector | undefined, touched: Set<string>): void {
    const isListed = selector !== undefined && soleServiceOf(selector) === undefined;
    if (!isListed && !this.#selectors.has(service)) return;
    this.#selectors.delete(service);
    this.#members.delete(service);
    touched.add(viewKeys.serviceMembers(this.#mesh, service));
    if (!isListed) return;
    this.#selectors.set(service, selector);
    for (const dataplane of this.#dataplanes.values()) this.#join(service, dataplane.name, selected(selector, dataplane));
  }

  setDataplane(name: string, facts: DataplaneFacts | undefined, touched: Set<string>): void {
    if (facts) this.#dataplanes.set(name, facts);
    else this.#dataplanes.delete(name);
    for (const [service, selector] of this.#selectors) {
      const before = this.#members.get(service)?.get(name) ?? nobody;
      const after = facts ? selected(selector, facts) : nobody;
      if (JSON.stringify(before) === JSON.stringify(after)) continue;
      this.#join(service, name, after);
      touched.add(viewKeys.serviceMembers(this.#mesh, service));
    }
  }

  #join(service: string, dataplane: string, endpoints: readonly LocalEndpoint[]): void {
    const members = this.#members.get(service) ?? new Map<string, readonly LocalEndpoint[]>();
    if (endpoints.length > 0) members.set(dataplane, endpoints);
    else members.delete(dataplane);
    if (members.size > 0) this.#members.set(service, members);
    else this.#members.delete(service);
  }
}

/** As `contributionTo` of the services package: a selector that is empty selects nobody. */
function selected(selector: ServiceSelector, { name, labels, endpoints }: DataplaneFacts): readonly LocalEndpoint[] {
  const { dataplaneTags, dataplaneRef, dataplaneLabels } = selector;
  const all = [...endpoints.values()].flat();
  if (dataplaneRef) return dataplaneRef.name === name ? all : nobody;
  if (dataplaneLabels) {
    const { matchLabels = {} } = dataplaneLabels;
    return Object.keys(matchLabels).length > 0 && hasLabels(labels, matchLabels) ? all : nobody;
  }
  if (!dataplaneTags || Object.keys(dataplaneTags).length === 0) return nobody;
  return all.filter(({ tags }) => hasLabels(tags, dataplaneTags));
}
