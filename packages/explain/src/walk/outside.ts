import { type MeshView, outsidePermission } from "@meridian/generator";
import { type Tags, tagNames } from "@meridian/model";
import type { ClientPermission } from "@meridian/policies";
import { tagReason } from "../told/tags.ts";
import type { LeftOut, Permission } from "../types.ts";
import type { Client } from "./client.ts";
import { openPermission, type PolicySide } from "./permission.ts";
import type { Target } from "./routed.ts";
import { subjectOf } from "./routing.ts";
import { type Judged, withObstacle } from "./server-judge.ts";

type ExternalEndpoint = ReturnType<MeshView["externalEndpoints"]>[number];

/** What is outside of the mesh behind a destination, and who may go there. */
export class Outside {
  /** Of the destination's service, whatever their tags. */
  readonly endpoints: readonly ExternalEndpoint[];
  readonly #client: Client;
  readonly #target: Target;

  constructor(client: Client, target: Target) {
    const service = target.tags[tagNames.service];
    const { mesh } = client.placed.resource;
    this.endpoints = service === undefined ? [] : client.world.view.externalEndpoints(mesh, service);
    this.#client = client;
    this.#target = target;
  }

  nameAt(address: string): string | undefined {
    return this.#at(address)?.name;
  }

  /** The client's own proxy leaves out what it may not reach, so whatever it has is allowed. */
  judge(address: string): Judged {
    const endpoint = this.#at(address);
    const decided = endpoint && this.#decided(endpoint);
    return { permission: decided ? this.#told(decided) : openPermission };
  }

  /** What of the mesh keeps the client from everything outside: nobody is there who would carry it. */
  get lacksEgress(): boolean {
    const { world, placed } = this.#client;
    const isReal = this.#target.backend?.kind === "MeshExternalService";
    const leavesByEgress = world.view.mesh(placed.resource.mesh)?.leavesByEgress === true;
    return (isReal || (leavesByEgress && this.endpoints.length > 0)) && world.view.zoneEgresses().length === 0;
  }

  /** Why nothing outside can be reached, if that is so by permission. */
  denial(): (Judged & { readonly permission: Permission }) | undefined {
    const meant = this.endpoints.filter(({ tags }) => tagReason(tags, this.#target.tags) === undefined);
    const decisions = meant.map((endpoint) => this.#decided(endpoint));
    const denied = decisions.find((decided) => decided?.isAllowed === false);
    const isClosed = decisions.length > 0 && decisions.every((decided) => decided === undefined) && this.#isClosed();
    const permission = denied ? this.#told(denied) : isClosed ? nobodyMay : undefined;
    return permission && withObstacle(permission, this.#target.name);
  }

  /** What an egress says of the client, to find out which policy is behind it. */
  side(): PolicySide {
    const [first] = this.endpoints;
    const decided = first && this.#decided(first);
    const isReal = this.#target.backend?.kind === "MeshExternalService";
    return {
      ...{ world: this.#client.world, origins: decided?.policies ?? [] },
      ...(decided && { decided }),
      ...(isReal && { closedBy: "the mesh forbids MeshExternalServices (routing.defaultForbidMeshExternalServiceAccess)" }),
    };
  }

  /** @param used `address:port` of the endpoints that the client has; those behind an egress it does not know. */
  leftOut(used: ReadonlySet<string>): readonly LeftOut[] {
    const { world, placed } = this.#client;
    if (world.view.mesh(placed.resource.mesh)?.leavesByEgress) return [];
    return this.endpoints
      .filter(({ address, port }) => !used.has(`${address}:${port}`))
      .map((endpoint) => ({
        zone: endpoint.tags[tagNames.zone] ?? "",
        name: endpoint.name,
        reason: this.#whyLeftOut(endpoint),
      }));
  }

  #whyLeftOut(endpoint: ExternalEndpoint): string {
    const byTags = tagReason(endpoint.tags, this.#target.tags);
    if (byTags !== undefined) return byTags;
    const decided = this.#decided(endpoint);
    const permission = decided ? this.#told(decided) : this.#isClosed() ? nobodyMay : openPermission;
    return withObstacle(permission, this.#target.name).why ?? "it is not among the endpoints";
  }

  #at(at: string): ExternalEndpoint | undefined {
    return this.endpoints.find(({ address, port }) => `${address}:${port}` === at);
  }

  #decided(endpoint: ExternalEndpoint): ClientPermission | undefined {
    const { world } = this.#client;
    const service = serviceOf(this.#target.tags);
    return outsidePermission(world.view, { client: subjectOf(this.#client), service, endpoint });
  }

  /** No policy has a say: a mesh with mTLS is closed. */
  #isClosed(): boolean {
    const { world, placed } = this.#client;
    return world.view.mesh(placed.resource.mesh)?.mtls !== undefined;
  }

  #told({ isAllowed, isExplicit, policies }: ClientPermission): Permission {
    const decision = isAllowed ? "allowed" : "denied";
    return { decision, policies: this.#client.world.ownNames(policies), isExplicit, place: "client" };
  }
}

const nobodyMay: Permission = { decision: "denied", policies: [], isExplicit: false, place: "client" };

function serviceOf(tags: Tags): string {
  return tags[tagNames.service] ?? "";
}
