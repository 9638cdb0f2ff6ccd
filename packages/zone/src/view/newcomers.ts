import { leavingLabel, type ViewChange } from "@meridian/generator";
import { type DataplaneSpec, keyText, type Resource } from "@meridian/model";

/**
 * Data planes and zone egresses that have just come and not yet taken their first config: they do not listen, so nobody is sent to
 * them. In the view their inbounds are not ready, and an egress is as one that leaves; the stored resource says what the proxy says.
 */
export class Newcomers {
  readonly #held = new Set<string>();

  /** @param key `keyText` of a proxy that serves nobody yet. */
  hold(key: string): void {
    this.#held.add(key);
  }

  /** Whether it was held: then the engine has to see its resource anew. */
  release(key: string): boolean {
    return this.#held.delete(key);
  }

  translate(changes: readonly ViewChange[]): readonly ViewChange[] {
    if (this.#held.size === 0) return changes;
    return changes.map((change) =>
      change.op === "put" && this.#held.has(keyText(change.resource))
        ? { ...change, resource: notReady(change.resource) }
        : change,
    );
  }
}

/** Whether others may be sent to it as far as its resource says. */
export function isServing(resource: Resource | undefined): boolean {
  if (resource?.kind === "ZoneEgress") return resource.labels[leavingLabel] === undefined;
  const inbound = (resource?.spec as DataplaneSpec | undefined)?.networking?.inbound ?? [];
  return inbound.some(({ state }) => state !== "NotReady" && state !== "Ignored");
}

function notReady(resource: Resource): Resource {
  if (resource.kind === "ZoneEgress") return { ...resource, labels: { ...resource.labels, [leavingLabel]: "true" } };
  const spec = resource.spec as DataplaneSpec;
  const inbound = (spec.networking?.inbound ?? []).map((one) =>
    one.state === "Ignored" ? one : { ...one, state: "NotReady" as const },
  );
  return { ...resource, spec: { ...spec, networking: { ...spec.networking, inbound } } };
}
