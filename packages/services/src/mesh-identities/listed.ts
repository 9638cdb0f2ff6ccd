import type { DataplaneSpec, MeshServiceSpec, Resource } from "@meridian/model";
import { contributionTo, servicesOf, soleServiceOf, unknownProxy } from "../contribution.ts";
import { isLocal } from "../identity.ts";
import { type MeshIdentity, meshIdentitiesFor, spiffeIdOf } from "./mesh-identity.ts";

/**
 * MeshServices of this zone that do not say yet which ids a MeshIdentity gives the data planes behind them: clients would not know
 * their servers by these. Costs what the mesh holds, so ask only while an identity is not in use.
 * @returns names, sorted.
 */
export function servicesNotListing(
  identity: MeshIdentity,
  dataplanes: readonly Resource<DataplaneSpec>[],
  services: readonly Resource<MeshServiceSpec>[],
): readonly string[] {
  const members = dataplanes.flatMap(({ name, labels, spec }) => {
    const [selected] = meshIdentitiesFor(labels, [identity]);
    const id = selected && spiffeIdOf(selected, labels);
    return id && "ok" in id ? [{ member: { name, labels, spec, state: unknownProxy }, id: id.ok }] : [];
  });
  const idsByService = new Map<string, Set<string>>();
  for (const { member, id } of members) {
    for (const service of servicesOf(member.spec)) {
      idsByService.set(service, (idsByService.get(service) ?? new Set()).add(id));
    }
  }
  const expected = (selector: NonNullable<MeshServiceSpec["selector"]>): Iterable<string> => {
    const sole = soleServiceOf(selector);
    if (sole !== undefined) return idsByService.get(sole) ?? [];
    return members.filter(({ member }) => contributionTo(selector, member)).map(({ id }) => id);
  };
  return services
    .filter(isLocal)
    .filter(({ spec: { selector = {}, identities = [] } }) => {
      const listed = new Set(identities.flatMap(({ type, value }) => (type === "SpiffeID" ? [value] : [])));
      return [...expected(selector)].some((id) => !listed.has(id));
    })
    .map(({ name }) => name)
    .sort();
}
