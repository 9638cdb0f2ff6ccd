import { keyText, type MeshMultiZoneServiceSpec, type Resource, type ResourceInput } from "@meridian/model";
import { isBehind, type MatchedMeshService, matchedMeshServices, selectableLabels } from "@meridian/services";

interface Joined {
  readonly resource: Resource<MeshMultiZoneServiceSpec>;
  readonly members: Map<string, ResourceInput>;
  readonly token: string | undefined;
}

/** Which MeshServices stand behind which MeshMultiZoneServices. Either finds the other by one label that is asked for. */
export class MultiZoneIndex {
  readonly #joined = new Map<string, Joined>();
  readonly #byToken = new Map<string, Set<string>>();

  /** Sorted; empty when it is not known. @param key its `keyText` */
  membersOf(key: string): readonly MatchedMeshService[] {
    return matchedMeshServices(this.#joined.get(key)?.members.values() ?? []);
  }

  /** @param services the MeshServices of its mesh. */
  put(resource: Resource<MeshMultiZoneServiceSpec>, services: Iterable<ResourceInput>): void {
    const key = keyText(resource);
    this.remove(key);
    const members = new Map<string, ResourceInput>();
    for (const service of services) if (isBehind(service, resource.spec)) members.set(keyText(service), service);
    const token = tokenOf(resource);
    this.#joined.set(key, { resource, members, token });
    if (token !== undefined) this.#byToken.set(token, (this.#byToken.get(token) ?? new Set()).add(key));
  }

  remove(key: string): void {
    const token = this.#joined.get(key)?.token;
    this.#joined.delete(key);
    if (token === undefined) return;
    const routed = this.#byToken.get(token);
    routed?.delete(key);
    if (routed?.size === 0) this.#byToken.delete(token);
  }

  /**
   * A MeshService comes, changes or goes.
   * @returns keys of the MeshMultiZoneServices that it stands or stood behind.
   */
  serviceChanged(before: ResourceInput | undefined, after: ResourceInput | undefined): readonly string[] {
    const both = [before, after].filter((one) => one !== undefined);
    const candidates = new Set(both.flatMap(tokensOf).flatMap((token) => [...(this.#byToken.get(token) ?? [])]));
    return [...candidates].filter((key) => {
      const joined = this.#joined.get(key);
      if (!joined) return false;
      const wasMember = before !== undefined && joined.members.delete(keyText(before));
      const isMember = after !== undefined && isBehind(after, joined.resource.spec);
      if (isMember) joined.members.set(keyText(after), after);
      return wasMember || isMember;
    });
  }
}

function tokenOf({ mesh, spec }: Resource<MeshMultiZoneServiceSpec>): string | undefined {
  const [first] = Object.entries(spec.selector.meshService.matchLabels ?? {}).sort();
  return first && `${mesh} ${first[0]}=${first[1]}`;
}

function tokensOf(service: ResourceInput): readonly string[] {
  return Object.entries(selectableLabels(service)).map(([name, value]) => `${service.mesh} ${name}=${value}`);
}
