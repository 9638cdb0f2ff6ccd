import { enabledCaBackend, keyText, type MeshSpec, type Resource, type ResourceKey } from "@meridian/model";
import { crossMeshClaims, type NameClaim, type NameSettings } from "@meridian/services";

interface Gateway {
  readonly mesh: string;
  readonly claims: readonly NameClaim[];
}

/** @param gateway `keyText` of the MeshGateway; no claims: its listeners have no names in the mesh. */
export type OnClaims = (mesh: string, gateway: string, claims: readonly NameClaim[]) => void;

/**
 * How every mesh calls the gateways of the others: those that have mTLS among each other, without which nobody gets through. A MeshGateway
 * costs a look at each mesh, a mesh that gets or loses mTLS one at each MeshGateway that lets others in.
 */
export class CrossMeshNames {
  readonly #settings: NameSettings;
  readonly #onClaims: OnClaims;
  /** By `keyText`: only those with a listener for others. */
  readonly #gateways = new Map<string, Gateway>();
  /** Those with mTLS. */
  readonly #meshes = new Set<string>();

  constructor(settings: NameSettings, onClaims: OnClaims) {
    this.#settings = settings;
    this.#onClaims = onClaims;
  }

  put(resource: Resource): void {
    const { kind, mesh, name, spec } = resource;
    if (kind === "Mesh") this.#setMesh(name, enabledCaBackend(spec as MeshSpec) !== undefined);
    else if (kind === "MeshGateway") {
      this.#setGateway(keyText(resource), { mesh, claims: crossMeshClaims(resource, this.#settings) });
    }
  }

  remove(key: ResourceKey): void {
    if (key.kind === "Mesh") this.#setMesh(key.name, false);
    else if (key.kind === "MeshGateway") this.#setGateway(keyText(key), { mesh: key.mesh, claims: [] });
  }

  #setMesh(mesh: string, isSecured: boolean): void {
    if (this.#meshes.has(mesh) === isSecured) return;
    if (isSecured) this.#meshes.add(mesh);
    for (const [key, gateway] of this.#gateways) {
      for (const client of gateway.mesh === mesh ? this.#meshes : [mesh]) {
        this.#tell(client, key, isSecured ? gateway : { ...gateway, claims: [] });
      }
    }
    if (!isSecured) this.#meshes.delete(mesh);
  }

  #setGateway(key: string, gateway: Gateway): void {
    if (gateway.claims.length === 0 && !this.#gateways.has(key)) return;
    if (gateway.claims.length > 0) this.#gateways.set(key, gateway);
    else this.#gateways.delete(key);
    for (const client of this.#meshes) this.#tell(client, key, gateway);
  }

  /** Within its own mesh nobody needs the name, and a mesh without mTLS lets nobody in. */
  #tell(client: string, key: string, { mesh, claims }: Gateway): void {
    if (client !== mesh) this.#onClaims(client, key, this.#meshes.has(mesh) ? claims : []);
  }
}
