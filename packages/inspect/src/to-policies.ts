import type { Resource, TargetRef } from "@meridian/model";
import { concerns, type Destination, orderToItems, type TargetRefSpec, type ToItem } from "@meridian/policies";

export interface Item {
  readonly targetRef: TargetRef;
}

/** Any policy of the targetRef generation, as far as it is told apart here. */
export interface PolicySpec extends TargetRefSpec {
  readonly to?: readonly Item[];
  readonly from?: readonly Item[];
  readonly rules?: readonly object[];
  readonly default?: object;
}

export type Policy = Resource<PolicySpec>;

/** The `to` entries for a destination, weakest first. The policies select the proxy already. */
export function itemsFor(policies: readonly Policy[], destination: Destination): readonly ToItem<Item>[] {
  return orderToItems<Item>(policies).filter(({ ref }) => concerns(ref, destination));
}

/** Which entry of its policy's list an item is. */
export function indexOfItem({ policy, item }: ToItem<Item>): number {
  return ((policy.spec as PolicySpec).to ?? []).indexOf(item);
}

/** Whether the policy says something of inbounds, and of all of them alike. */
export function isInbound({ spec }: Policy): boolean {
  return (spec.from?.length ?? 0) > 0 || (spec.rules?.length ?? 0) > 0;
}
