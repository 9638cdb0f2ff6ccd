import { labelNames, tagNames } from "@meridian/model";
import {
  type Contribution,
  contributionTo,
  type Member,
  type ServiceSelector,
  servicesOf,
  servingInbounds,
  soleServiceOf,
  Tally,
} from "@meridian/services";

interface Selection {
  readonly selector: ServiceSelector;
  /** The service whose count it shares; absent: it has its own. */
  readonly service?: string;
  readonly tally: Tally;
  readonly token: string | undefined;
}

/**
 * The data planes of one mesh, counted for each service tag and for each MeshService. A data plane finds the MeshServices that could
 * select it by one token each has (a tag, a label or the name that it asks for), so its coming costs the same in a large mesh.
 */
export class MeshMembers {
  readonly #members = new Map<string, Member>();
  readonly #byService = new Map<string, Tally>();
  readonly #selections = new Map<string, Selection>();
  /** Names of MeshServices by the token that they ask for. */
  readonly #byToken = new Map<string, Set<string>>();

  get(name: string): Member | undefined {
    return this.#members.get(name);
  }

  /** Values of `kuma.io/service` that somebody has. */
  services(): Iterable<string> {
    return this.#byService.keys();
  }

  /** Those that offer a service. */
  offering(service: string): Tally {
    return this.#byService.get(service) ?? new Tally();
  }

  /** Those behind a MeshService; nobody when it is not known. */
  behind(meshService: string): Tally {
    const selection = this.#selections.get(meshService);
    if (!selection) return new Tally();
    return selection.service === undefined ? selection.tally : this.offering(selection.service);
  }

  /**
   * A data plane comes, changes or (undefined) goes.
   * @returns names of services and MeshServices that may differ now.
   */
  set(name: string, member: Member | undefined): ReadonlySet<string> {
    const before = this.#members.get(name);
    if (member) this.#members.set(name, member);
    else this.#members.delete(name);
    const both = [before, member].filter((one) => one !== undefined);
    const touched = new Set(both.flatMap(({ spec }) => servicesOf(spec)));
    for (const service of touched) this.#offer(service, name, member);
    for (const token of new Set(both.flatMap(tokensOf))) {
      for (const meshService of this.#byToken.get(token) ?? []) {
        this.#recount(meshService, name, member);
        touched.add(meshService);
      }
    }
    return touched;
  }

  /** A MeshService comes, changes or (undefined) goes. */
  select(meshService: string, selector: ServiceSelector | undefined): void {
    const before = this.#selections.get(meshService);
    if (before?.token !== undefined) this.#unroute(before.token, meshService);
    this.#selections.delete(meshService);
    if (!selector) return;
    const service = soleServiceOf(selector);
    const token = tokenOf(selector);
    const selection = { selector, tally: new Tally(), token, ...(service !== undefined && { service }) };
    this.#selections.set(meshService, selection);
    if (token === undefined) return;
    this.#byToken.set(token, (this.#byToken.get(token) ?? new Set()).add(meshService));
    if (service !== undefined) return;
    for (const name of this.#candidates(selector)) this.#recount(meshService, name, this.#members.get(name));
  }

  #offer(service: string, name: string, member: Member | undefined): void {
    const tally = this.#byService.get(service) ?? new Tally();
    tally.set(name, member && contributionTo({ dataplaneTags: { [tagNames.service]: service } }, member));
    if (tally.size > 0) this.#byService.set(service, tally);
    else this.#byService.delete(service);
  }

  #recount(meshService: string, name: string, member: Member | undefined): void {
    const selection = this.#selections.get(meshService);
    if (!selection || selection.service !== undefined) return;
    selection.tally.set(name, member && contributionTo(selection.selector, member));
  }

  /** A new selector is a person's change: it may look at many, but not at more than it must. */
  #candidates({ dataplaneTags, dataplaneRef }: ServiceSelector): Iterable<string> {
    if (dataplaneRef) return [dataplaneRef.name];
    const service = dataplaneTags?.[tagNames.service];
    return service === undefined ? this.#members.keys() : this.offering(service).names();
  }

  #unroute(token: string, meshService: string): void {
    const routed = this.#byToken.get(token);
    routed?.delete(meshService);
    if (routed?.size === 0) this.#byToken.delete(token);
  }
}

/** The one thing that every data plane behind a selector has; undefined: it selects nobody. */
function tokenOf({ dataplaneRef, dataplaneLabels, dataplaneTags = {} }: ServiceSelector): string | undefined {
  if (dataplaneRef) return `name ${dataplaneRef.name}`;
  const wanted = dataplaneLabels ? (dataplaneLabels.matchLabels ?? {}) : dataplaneTags;
  // Of several tags the service says most about which data planes it can be.
  const key = wanted[tagNames.service] === undefined ? Object.keys(wanted).sort()[0] : tagNames.service;
  return key === undefined ? undefined : `${dataplaneLabels ? "label" : "tag"} ${key}=${wanted[key]}`;
}

function tokensOf({ name, labels, spec }: Member): readonly string[] {
  const tags = servingInbounds(spec).flatMap((inbound) => Object.entries(inbound.tags));
  return [
    `name ${name}`,
    ...Object.entries(labels).map(([key, value]) => `label ${key}=${value}`),
    ...tags.map(([key, value]) => `tag ${key}=${value}`),
  ];
}

/** The workload that a data plane says it belongs to. */
export function workloadOf({ labels }: Pick<Member, "labels">): string | undefined {
  return labels[labelNames.workload];
}

/** What a data plane adds to its workload: it counts with all of its inbounds, a gateway with none. */
export function workloadContribution({ spec, state }: Member): Contribution {
  const isHealthy = servingInbounds(spec).every((inbound) => inbound.state !== "NotReady" && inbound.health?.ready !== false);
  return { ports: [], serviceTags: [], isHealthy, ...state };
}
