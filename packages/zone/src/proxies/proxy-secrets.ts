import { type EncodedResource, type ProxyPatch, type ProxyResources, typeUrls } from "@meridian/envoy";
import type { ExternalSecrets } from "../identity/external-secrets.ts";

const nothing: ProxyPatch = { changed: [], removed: [] };

/**
 * The secrets that one proxy needs beside its own certificate, by what its config refers to: of external services, and whom its mesh
 * believes. It never gets another one.
 */
export class ProxySecrets {
  readonly #source: Pick<ExternalSecrets, "get">;
  /** Config resources that refer to secrets, by type and name. */
  readonly #users = new Map<string, readonly string[]>();
  /** SDS name → version. */
  readonly #held = new Map<string, string>();

  constructor(source: Pick<ExternalSecrets, "get">) {
    this.#source = source;
  }

  /** The first config. */
  start(resources: ProxyResources): void {
    for (const ofType of resources.values()) for (const resource of ofType.values()) this.#note(resource);
  }

  /** Whether a patch may ask for other secrets than before. */
  concerns({ changed, removed }: ProxyPatch): boolean {
    return (
      changed.some((resource) => resource.secrets || this.#users.has(keyOf(resource))) ||
      removed.some((name) => this.#users.has(keyOf(name)))
    );
  }

  follow({ changed, removed }: ProxyPatch): void {
    for (const resource of changed) this.#note(resource);
    for (const name of removed) this.#users.delete(keyOf(name));
  }

  needs(name: string): boolean {
    return [...this.#users.values()].some((names) => names.includes(name));
  }

  /** The step to what is needed now. A secret that cannot be had any more stays as it was. @throws what the store throws. */
  async patch(): Promise<ProxyPatch> {
    const needed = new Set([...this.#users.values()].flat());
    if (needed.size === 0 && this.#held.size === 0) return nothing;
    const secrets = await Promise.all([...needed].sort().map((name) => this.#source.get(name)));
    const changed = secrets.filter((secret): secret is EncodedResource => secret !== undefined && this.#isNew(secret));
    const gone = [...this.#held.keys()].filter((name) => !needed.has(name));
    for (const { name, version } of changed) this.#held.set(name, version);
    for (const name of gone) this.#held.delete(name);
    return { changed, removed: gone.map((name) => ({ typeUrl: typeUrls.secret, name })) };
  }

  #isNew({ name, version }: EncodedResource): boolean {
    return this.#held.get(name) !== version;
  }

  #note(resource: EncodedResource): void {
    if (resource.secrets) this.#users.set(keyOf(resource), resource.secrets);
    else if (this.#users.size > 0) this.#users.delete(keyOf(resource));
  }
}

function keyOf({ typeUrl, name }: { readonly typeUrl: string; readonly name: string }): string {
  return `${typeUrl} ${name}`;
}
