import { canonicalJson, compareText, labelNames, tagNames } from "@meridian/model";
import { hasLabels, type ServiceSelector, soleServiceOf } from "@meridian/services";
import type { DataplaneFacts } from "./dataplane-facts.ts";
import { viewKeys } from "./keys.ts";
import type { LocalEndpoint } from "./local-endpoint.ts";
import { traitText } from "./service-facts.ts";
import { SetIndex } from "./set-index.ts";

const nobody: readonly LocalEndpoint[] = [];

/**
 * The endpoints behind the MeshServices of one mesh whose selector is about more than one value of `kuma.io/service` (for those, the
 * endpoints of that service are known anyway). A data plane that changes is held against the selectors that ask for one of its tags,
 * labels or its name; a selector against the data planes that have what it asks for.
 */
export class ServiceMembers {
  readonly #mesh: string;
  readonly #dataplanes = new Map<string, DataplaneFacts>();
  readonly #dataplanesByTrait = new SetIndex<DataplaneFacts>();
  readonly #selectors = new Map<string, ServiceSelector>();
  readonly #servicesByTrait = new SetIndex<string>();
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
    const before = this.#selectors.get(service);
    const after = selector && soleServiceOf(selector) === undefined ? selector : undefined;
    if (canonicalJson(before ?? null) === canonicalJson(after ?? null)) return;
    if (before) this.#servicesByTrait.delete(leadingTraits(before), service);
    this.#selectors.delete(service);
    this.#members.delete(service);
    touched.add(viewKeys.serviceMembers(this.#mesh, service));
    if (!after) return;
    const traits = leadingTraits(after);
    this.#selectors.set(service, after);
    this.#servicesByTrait.add(traits, service);
    for (const trait of traits) {
      for (const dataplane of this.#dataplanesByTrait.of(trait)) this.#join(service, dataplane.name, selected(after, dataplane));
    }
  }

  setDataplane(name: string, facts: DataplaneFacts | undefined, touched: Set<string>): void {
    const before = this.#dataplanes.get(name);
    const traitsBefore = before ? traitsOf(before) : [];
    const traits = facts ? traitsOf(facts) : [];
    if (before) this.#dataplanesByTrait.delete(traitsBefore, before);
    if (facts) {
      this.#dataplanes.set(name, facts);
      this.#dataplanesByTrait.add(traits, facts);
    } else this.#dataplanes.delete(name);
    const concerned = new Set([...traitsBefore, ...traits].flatMap((trait) => [...this.#servicesByTrait.of(trait)]));
    for (const service of concerned) this.#update(service, name, facts, touched);
  }

  #update(service: string, dataplane: string, facts: DataplaneFacts | undefined, touched: Set<string>): void {
    const before = this.#members.get(service)?.get(dataplane) ?? nobody;
    const after = facts ? selected(this.#selectors.get(service) ?? {}, facts) : nobody;
    if (JSON.stringify(before) === JSON.stringify(after)) return;
    this.#join(service, dataplane, after);
    touched.add(viewKeys.serviceMembers(this.#mesh, service));
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

/** Shared by much of a mesh: they tell few data planes from others. */
const commonTraits: readonly string[] = [
  tagNames.zone,
  tagNames.protocol,
  labelNames.zone,
  labelNames.mesh,
  labelNames.namespace,
];

/** What everybody whom the selector takes has, with the least company; none: it takes nobody. */
function leadingTraits({ dataplaneRef, dataplaneLabels, dataplaneTags }: ServiceSelector): readonly string[] {
  if (dataplaneRef) return [nameTrait(dataplaneRef.name ?? "")];
  const [kind, wanted] = dataplaneLabels ? ["label", dataplaneLabels.matchLabels ?? {}] : ["tag", dataplaneTags ?? {}];
  const names = Object.keys(wanted).sort();
  const leading = names.find((name) => !commonTraits.includes(name)) ?? names[0];
  return leading === undefined ? [] : [`${kind} ${traitText(leading, wanted[leading] ?? "")}`];
}

function traitsOf({ name, labels, endpoints }: DataplaneFacts): readonly string[] {
  const traits = new Set([nameTrait(name)]);
  for (const [label, value] of Object.entries(labels)) traits.add(`label ${traitText(label, value)}`);
  for (const { tags } of [...endpoints.values()].flat()) {
    for (const [tag, value] of Object.entries(tags)) traits.add(`tag ${traitText(tag, value)}`);
  }
  return [...traits];
}

function nameTrait(name: string): string {
  return `name ${name}`;
}
