import { ReplacedError } from "../errors.ts";
import type { ZoneSession } from "./session.ts";

/**
 * What happens to a session when a control plane claims its zone: the same control plane replaces its older stream; another one is
 * turned away while the first shows life. @returns the instance that goes on holding the zone, if any.
 */
export async function yieldSession(
  session: ZoneSession | undefined,
  claimant: string,
  probeTimeoutMs: number,
): Promise<string | undefined> {
  if (!session) return undefined;
  const { instanceId, channel, zone } = session.options;
  if (instanceId === claimant) {
    session.refuse(new ReplacedError(zone));
    return undefined;
  }
  if (await channel.probe(probeTimeoutMs)) return instanceId;
  channel.cut("another control plane claims the zone and this one shows no life");
  return undefined;
}
