import { compareText, labelNames, type Resource, type Tags, tagNames } from "@meridian/model";
import { NameCounts, NamedCounts, ZonedCounts } from "./counts.ts";
import type { ConnectionFacts, ProxyClass, ProxyFacts } from "./proxy-facts.ts";

/** One data plane, as it was counted. */
export interface Member {
  readonly facts: ProxyFacts;
  readonly connection: ConnectionFacts;
}

/** The data planes behind one `kuma.io/service`. */
export class ServiceTally {
  readonly proxies = new ZonedCounts();
  readonly classes = new NameCounts();
  readonly issuedBackends = new NameCounts();

  /** Where one name has several, as in the middle of a move to a gateway, the plain data planes say what it is. */
  get mainClass(): ProxyClass {
    if (this.classes.get("standard") > 0) return "standard";
    return this.classes.get("gatewayBuiltin") > 0 ? "gatewayBuiltin" : "gatewayDelegated";
  }
}

/** Where ExternalServices of one name are. */
export class ExternalTally {
  readonly zones = new NameCounts();
  count = 0;
}

/**
 * One mesh, counted. A data plane or policy that comes, goes or changes costs the same however large the mesh is. Its law: any order
 * of changes gives what counting afresh gives.
 */
export class MeshTally {
  readonly kinds = new NameCounts();
  readonly classes: Readonly<Record<ProxyClass, ZonedCounts>> = {
    standard: new ZonedCounts(),
    gatewayBuiltin: new ZonedCounts(),
    gatewayDelegated: new ZonedCounts(),
  };
  readonly kumaDpVersions = new NamedCounts();
  readonly envoyVersions = new NamedCounts();
  readonly issuedBackends = new NamedCounts();
  readonly supportedBackends = new NamedCounts();
  readonly #services = new Map<string, ServiceTally>();
  readonly #externals = new Map<string, ExternalTally>();

  get services(): ReadonlyMap<string, ServiceTally> {
    return this.#services;
  }

  get externals(): ReadonlyMap<string, ExternalTally> {
    return this.#externals;
  }

  /** Sorted; a name that is both is one. */
  serviceNames(): readonly string[] {
    return [...new Set([...this.#services.keys(), ...this.#externals.keys()])].sort(compareText);
  }

  countProxy({ facts, connection }: Member, step: 1 | -1): void {
    const { zone, isDegraded, proxyClass } = facts;
    const proxy = { zone, isDegraded, isConnected: connection.isConnected };
    this.classes[proxyClass].count(proxy, step);
    this.kumaDpVersions.count(connection.kumaDp, proxy, step);
    this.envoyVersions.count(connection.envoy, proxy, step);
    if (connection.issuedBackend !== undefined) this.issuedBackends.count(connection.issuedBackend, proxy, step);
    for (const backend of connection.supportedBackends) this.supportedBackends.count(backend, proxy, step);
    for (const service of facts.services) this.#countService(service, { facts, connection }, step);
  }

  /** Whoever serves a service with an inbound that is not ready does not serve it. */
  #countService(service: ProxyFacts["services"][number], { facts, connection }: Member, step: 1 | -1): void {
    const tally = this.#services.get(service.name) ?? new ServiceTally();
    const isConnected = connection.isConnected && service.isReady;
    tally.proxies.count({ zone: facts.zone, isConnected, isDegraded: false }, step);
    tally.classes.count(facts.proxyClass, step);
    if (connection.issuedBackend !== undefined) tally.issuedBackends.count(connection.issuedBackend, step);
    if (tally.proxies.isEmpty) this.#services.delete(service.name);
    else this.#services.set(service.name, tally);
  }

  countExternal(resource: Resource, step: 1 | -1): void {
    const tags = (resource.spec as { readonly tags?: Tags }).tags ?? {};
    const name = tags[tagNames.service] ?? resource.name;
    const tally = this.#externals.get(name) ?? new ExternalTally();
    const zone = tags[tagNames.zone] ?? resource.labels[labelNames.zone];
    if (zone !== undefined) tally.zones.count(zone, step);
    tally.count += step;
    if (tally.count > 0) this.#externals.set(name, tally);
    else this.#externals.delete(name);
  }
}
