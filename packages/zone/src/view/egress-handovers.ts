import type { Logger } from "@meridian/base";
import { egressHandoverLabel, leavingLabel, type ViewChange, wantsEgress } from "@meridian/generator";
import { keyText, type MeshSpec, type Resource, type Revision } from "@meridian/model";
import { isLocal } from "@meridian/services";
import type { ProgressTracker } from "../proxies/progress.ts";
import { proxyIdOf } from "../proxies/proxy-description.ts";
import { isRegisteredByProxy } from "../registration/registered-resource.ts";

export interface EgressHandoversOptions {
  readonly progress: Pick<ProgressTracker, "owedBy" | "rejectionOf" | "refusals" | "hasAnswers" | "follows" | "followed">;
  readonly isConnected: (proxyId: string) => boolean;
  /** Whether proxies that were here before this control plane started may still come back. */
  readonly isReturning: () => boolean;
  readonly logger: Logger;
}

/** On: clients wait for the egresses. Off: the egresses wait for the clients. Done: clients were told, and have not all answered. */
type Phase = "on" | "off" | "done";

interface Handover {
  readonly phase: Phase;
  /** Of the step whose answers are waited for. */
  readonly since: Revision;
}

interface KnownMesh {
  readonly resource: Resource<MeshSpec>;
  readonly handover?: Handover;
}

/**
 * `Mesh.routing.zoneEgress` without a lost request: switched on, clients are sent to the egresses of their zone only when these have
 * acknowledged the config that serves them; switched off, the egresses keep that until clients have acknowledged that they do without.
 * In between the view holds the Mesh with `egressHandoverLabel`; what else changed in it counts at once. An egress that is not
 * connected is not waited for (it serves or fails as it would anyway), one that refuses its config is: clients stay as they are, and
 * the refusal is shown. Each control plane waits for the proxies that are connected to it.
 */
export class EgressHandovers {
  readonly #options: EgressHandoversOptions;
  readonly #meshes = new Map<string, KnownMesh>();
  /** Of this zone, by `keyText`: those that clients may be sent to. */
  readonly #egresses = new Map<string, Resource>();
  /** Node ids by mesh of Dataplanes that came with their proxies. */
  readonly #registered = new Map<string, Set<string>>();
  #waiting = 0;

  constructor(options: EgressHandoversOptions) {
    this.#options = options;
  }

  /** The changes as the engine takes them. @param revision that the view reflects with them. */
  translate(changes: readonly ViewChange[], revision: Revision): readonly ViewChange[] {
    // Egresses first: a batch may bring one together with its Mesh.
    for (const change of changes) this.#note(change);
    return changes.map((change) => {
      if (change.op === "delete" || change.resource.kind !== "Mesh") return change;
      return { ...change, resource: this.#meshChanged(change.resource as Resource<MeshSpec>, revision) };
    });
  }

  /**
   * What can go on now: Meshes that the engine has to see as they are. Call it whenever a proxy answered or left, and after each step;
   * give what it returns to the engine, and call it again.
   * @param generation of the step that comes of it.
   */
  ready(generation: Revision): readonly ViewChange[] {
    if (this.#waiting === 0) return [];
    const changes: ViewChange[] = [];
    for (const [name, { resource, handover }] of this.#meshes) {
      if (!handover || !this.#isAnswered(name, handover)) continue;
      if (handover.phase === "done") this.#end(name, resource);
      else {
        this.#set(name, { resource, handover: { phase: "done", since: generation } });
        changes.push({ op: "put", resource });
        this.#tell(name, handover.phase === "on" ? "traffic that leaves passes the zone egresses" : "zone egresses are let go");
      }
    }
    return changes;
  }

  #note(change: ViewChange): void {
    const key = change.op === "put" ? change.resource : change.key;
    if (key.kind === "Mesh" && change.op === "delete") this.#forget(key.name);
    if (key.kind === "ZoneEgress") {
      const isServing = change.op === "put" && isLocal(change.resource) && change.resource.labels[leavingLabel] === undefined;
      if (isServing) this.#egresses.set(keyText(key), change.resource);
      else this.#egresses.delete(keyText(key));
    }
    if (key.kind !== "Dataplane") return;
    const ofMesh = this.#registered.get(key.mesh) ?? new Set<string>();
    this.#registered.set(key.mesh, ofMesh);
    if (change.op === "put" && isRegisteredByProxy(change.resource)) ofMesh.add(proxyIdOf(key) ?? "");
    else ofMesh.delete(proxyIdOf(key) ?? "");
  }

  #meshChanged(resource: Resource<MeshSpec>, revision: Revision): Resource {
    const { name } = resource;
    const known = this.#meshes.get(name);
    const handover = this.#handoverOf(known, resource, revision);
    if (handover && handover.phase !== "done" && handover !== known?.handover) {
      this.#options.progress.follows(name, revision);
      this.#tell(name, handover.phase === "on" ? "zone egresses get ready" : "clients are taken off the zone egresses");
    }
    if (!handover && known?.handover) this.#options.progress.followed(name);
    this.#set(name, { resource, ...(handover && { handover }) });
    if (!handover || handover.phase === "done") return resource;
    return { ...resource, labels: { ...resource.labels, [egressHandoverLabel]: "true" } };
  }

  #handoverOf(known: KnownMesh | undefined, { spec }: Resource<MeshSpec>, revision: Revision): Handover | undefined {
    // A Mesh that was not there had no clients; nobody waits for egresses that are not there.
    if (!known || this.#egresses.size === 0) return undefined;
    const { handover } = known;
    const wanted = wantsEgress(spec);
    if (wanted === wantsEgress(known.resource.spec)) return handover;
    // Back to what clients never left, or what egresses never let go.
    if (handover?.phase === "on" || (handover?.phase === "off" && wanted)) return undefined;
    return { phase: wanted ? "on" : "off", since: revision };
  }

  #isAnswered(mesh: string, { phase, since }: Handover): boolean {
    const { progress, isConnected, isReturning } = this.#options;
    if (phase === "on") return [...this.#egresses.values()].every((egress) => this.#holds(mesh, egress, since));
    if (!progress.hasAnswers(since)) return false;
    if (phase === "done") return true;
    if ([...progress.refusals()].some(([, { rejection }]) => rejection.mesh === mesh)) {
      // Who refused goes on with what may lead through the egresses. Whoever waits for the revision learns of the refusal.
      progress.followed(mesh);
      return false;
    }
    return !(isReturning() && [...(this.#registered.get(mesh) ?? [])].some((id) => !isConnected(id)));
  }

  /** Whether an egress has what it was given up to `since`, or cannot be asked. */
  #holds(mesh: string, egress: Resource, since: Revision): boolean {
    const { progress, isConnected, isReturning } = this.#options;
    const id = proxyIdOf(egress) ?? "";
    if (!isConnected(id)) return !(isReturning() && isRegisteredByProxy(egress));
    if (progress.rejectionOf(id) !== undefined) {
      // It has answered: whoever waits for the revision learns of the refusal instead.
      progress.followed(mesh);
      return false;
    }
    const owed = progress.owedBy(id);
    return owed === undefined || owed > since;
  }

  #end(name: string, resource: Resource<MeshSpec>): void {
    this.#set(name, { resource });
    this.#options.progress.followed(name);
  }

  #forget(name: string): void {
    this.#set(name, undefined);
    this.#options.progress.followed(name);
  }

  #set(name: string, known: KnownMesh | undefined): void {
    this.#waiting -= this.#meshes.get(name)?.handover ? 1 : 0;
    this.#waiting += known?.handover ? 1 : 0;
    if (known) this.#meshes.set(name, known);
    else this.#meshes.delete(name);
  }

  #tell(mesh: string, message: string): void {
    this.#options.logger.info({ mesh }, message);
  }
}
