import type { ProxyPatch } from "@meridian/envoy";
import type { IdentityNeed } from "@meridian/generator";
import { ProxyCertificate, type ProxyCertificateOptions } from "./proxy-certificate.ts";

export interface MeshCertificatesOptions extends Pick<ProxyCertificateOptions, "proxyId" | "issuer" | "logger"> {
  /** It is time to call `renew`. */
  readonly onDue: (mesh: string) => void;
}

interface Held {
  readonly need: IdentityNeed;
  readonly certificate: ProxyCertificate;
}

/** The certificates of a zone egress: one for each mesh whose TLS ends there. Each is renewed, and tried again, by itself. */
export class MeshCertificates {
  readonly #options: MeshCertificatesOptions;
  readonly #byMesh = new Map<string, Held>();

  constructor(options: MeshCertificatesOptions) {
    this.#options = options;
  }

  needsAny(meshes: ReadonlySet<string>): boolean {
    return [...this.#byMesh.keys()].some((mesh) => meshes.has(mesh));
  }

  /** The step to what is needed now; what is held already is not issued again. */
  async follow(needs: readonly IdentityNeed[]): Promise<ProxyPatch> {
    const wanted = new Map(needs.map((need) => [need.mesh, need]));
    const dropped = [...this.#byMesh].filter(([mesh]) => !wanted.has(mesh)).map(([mesh, held]) => this.#drop(mesh, held));
    const isHeld = (need: IdentityNeed) => JSON.stringify(this.#byMesh.get(need.mesh)?.need) === JSON.stringify(need);
    const issued = await Promise.all(needs.filter((need) => !isHeld(need)).map((need) => this.#issue(need)));
    return joined([...dropped, ...issued]);
  }

  /** The step to certificates of the CAs as they are now. */
  async refresh(): Promise<ProxyPatch> {
    const steps = [...this.#byMesh.values()].map(async ({ need, certificate }) =>
      (await certificate.isOutdated(need)) ? certificate.issue(need) : undefined,
    );
    return joined(await Promise.all(steps));
  }

  /** Undefined: the mesh is not needed any more, or it cannot be had now. */
  async renew(mesh: string): Promise<ProxyPatch | undefined> {
    const held = this.#byMesh.get(mesh);
    return held?.certificate.issue(held.need);
  }

  stop(): void {
    for (const { certificate } of this.#byMesh.values()) certificate.stop();
  }

  #issue(need: IdentityNeed): Promise<ProxyPatch | undefined> {
    const { proxyId, issuer, logger, onDue } = this.#options;
    const certificate =
      this.#byMesh.get(need.mesh)?.certificate ??
      new ProxyCertificate({ proxyId, issuer, logger, onDue: () => onDue(need.mesh), onIssued: () => {} });
    this.#byMesh.set(need.mesh, { need, certificate });
    return certificate.issue(need);
  }

  #drop(mesh: string, { certificate }: Held): ProxyPatch | undefined {
    this.#byMesh.delete(mesh);
    const patch = certificate.drop();
    certificate.stop();
    return patch;
  }
}

function joined(patches: readonly (ProxyPatch | undefined)[]): ProxyPatch {
  return {
    changed: patches.flatMap((patch) => patch?.changed ?? []),
    removed: patches.flatMap((patch) => patch?.removed ?? []),
  };
}
