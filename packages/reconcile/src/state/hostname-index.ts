import { type HostnameGeneratorSpec, keyText, parseKeyText, type Resource } from "@meridian/model";
import {
  type Generator,
  HostnameClaims,
  type HostnameStatus,
  hostnameStatus,
  names,
  type RenderedHostname,
  readGenerator,
  renderHostnames,
} from "@meridian/services";

/** What every HostnameGenerator calls every service, and who owns a name that several are called by. */
export class HostnameIndex {
  readonly #generators = new Map<string, Generator>();
  readonly #rendered = new Map<string, readonly RenderedHostname[]>();
  /** By mesh: a proxy sees the names of its own only. */
  readonly #claims = new Map<string, HostnameClaims>();

  /** @returns keys of other services whose names differ now. */
  put(service: Resource): ReadonlySet<string> {
    const rendered = renderHostnames(this.#generators.values(), service);
    this.#rendered.set(keyText(service), rendered);
    const hostnames = rendered.flatMap(({ result }) => ("ok" in result ? result.ok : []));
    return this.#claimsOf(service.mesh).claim({ key: keyText(service), creationTime: service.creationTime }, hostnames);
  }

  /** @returns as `put`. */
  remove(key: string): ReadonlySet<string> {
    this.#rendered.delete(key);
    return this.#claimsOf(parseKeyText(key).mesh).claim({ key, creationTime: "" }, []);
  }

  /** @returns those of the services that the generator named before or names now: they have to be put again. */
  putGenerator(resource: Resource<HostnameGeneratorSpec>, services: Iterable<Resource>): readonly Resource[] {
    const before = this.#generators.get(resource.name);
    const after = readGenerator(resource);
    this.#generators.set(resource.name, after);
    return [...services].filter((service) => (before !== undefined && names(before, service)) || names(after, service));
  }

  /** @returns as `putGenerator`. */
  removeGenerator(name: string, services: Iterable<Resource>): readonly Resource[] {
    const before = this.#generators.get(name);
    this.#generators.delete(name);
    return before ? [...services].filter((service) => names(before, service)) : [];
  }

  statusOf(key: string): HostnameStatus {
    const claims = this.#claimsOf(parseKeyText(key).mesh);
    return hostnameStatus(this.#rendered.get(key) ?? [], (hostname) => {
      const owner = claims.ownerOf(hostname);
      return owner === key ? undefined : owner;
    });
  }

  #claimsOf(mesh: string): HostnameClaims {
    const claims = this.#claims.get(mesh) ?? new HostnameClaims();
    this.#claims.set(mesh, claims);
    return claims;
  }
}
