import { type EncodedResource, serviceSpiffeId, type TypeUrl, tagUri } from "@meridian/envoy";
import type { IdentityNeed, ProxyConfig } from "@meridian/generator";
import { type Json, resourceJson } from "../envoy/json.ts";

/** The config of one proxy as JSON, read only where somebody looks. */
export class ProxyView {
  readonly #config: ProxyConfig;
  readonly #read = new Map<EncodedResource, Json>();

  constructor(config: ProxyConfig) {
    this.#config = config;
  }

  json(typeUrl: TypeUrl, name: string): Json | undefined {
    const resource = this.#config.resources.get(typeUrl)?.get(name);
    return resource && this.#jsonOf(resource);
  }

  /** All of one type. */
  list(typeUrl: TypeUrl): readonly Json[] {
    return [...(this.#config.resources.get(typeUrl)?.values() ?? [])].map((resource) => this.#jsonOf(resource));
  }

  /** `keyText` of the policies that shape it; empty for one that does not exist. */
  origins(typeUrl: TypeUrl, name: string): readonly string[] {
    return this.#config.resources.get(typeUrl)?.get(name)?.origins ?? [];
  }

  /** URI names in the certificate that the zone gives it for a mesh, in the order in which Envoy joins them; none: it gives none. */
  identity(mesh: string): readonly string[] {
    const { identity, identities = [] } = this.#config;
    const need = [...(identity ? [identity] : []), ...identities].find((each) => each.mesh === mesh);
    return need ? urisOf(need) : [];
  }

  #jsonOf(resource: EncodedResource): Json {
    const known = this.#read.get(resource) ?? resourceJson(resource);
    this.#read.set(resource, known);
    return known;
  }
}

function urisOf({ mesh, services, tags, given }: IdentityNeed): readonly string[] {
  if (given) return [given.spiffeId];
  return [...services.map((service) => serviceSpiffeId(mesh, service)), ...tags.map(([tag, value]) => tagUri(tag, value))];
}
