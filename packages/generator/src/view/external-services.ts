import { tagNames } from "@meridian/model";
import type { ExternalEndpoint } from "./external-service-facts.ts";
import { viewKeys } from "./keys.ts";

/** The ExternalServices of all meshes. */
export class ExternalServices {
  /** By mesh, then name. */
  readonly #byMesh = new Map<string, Map<string, ExternalEndpoint>>();

  has(mesh: string): boolean {
    return (this.#byMesh.get(mesh)?.size ?? 0) > 0;
  }

  /** Returns the services that it was, or is, an endpoint of. */
  set(mesh: string, name: string, endpoint: ExternalEndpoint | undefined, touched: Set<string>): ReadonlySet<string> {
    const ofMesh = this.#byMesh.get(mesh) ?? new Map<string, ExternalEndpoint>();
    this.#byMesh.set(mesh, ofMesh);
    const old = ofMesh.get(name);
    const hadAny = ofMesh.size > 0;
    if (endpoint) ofMesh.set(name, endpoint);
    else ofMesh.delete(name);
    if (hadAny !== ofMesh.size > 0) touched.add(viewKeys.externalServices(mesh));
    const services = [old, endpoint].map((each) => each?.tags[tagNames.service]);
    return new Set(services.filter((service) => service !== undefined));
  }
}
