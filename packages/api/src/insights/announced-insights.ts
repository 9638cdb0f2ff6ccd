import { keyText, parseKeyText, type ResourceKey } from "@meridian/model";
import type { Bus, StatusEntry, Store } from "@meridian/store";
import { connectionFacts } from "./proxy-facts.ts";

const topic = "insights";
/** A bus message holds 7,500 bytes. */
const maxMessageBytes = 7_000;

/** Kinds whose values are counted. */
export const countedInsightKinds: ReadonlySet<string> = new Set(["DataplaneInsight", "ZoneIngressInsight", "ZoneEgressInsight"]);

/**
 * A store that tells every replica, over its bus, whose insight says something else than before: give it to whatever writes insights.
 * An insight whose counters alone have moved, as most do, is not told of.
 */
export function announceInsights(store: Store): Store {
  /** What was told of each proxy, so what its next insight is compared with. */
  const told = new Map<string, string>();
  const changed = ({ key, value }: StatusEntry): boolean => {
    if (!countedInsightKinds.has(key.kind)) return false;
    const facts = JSON.stringify(connectionFacts(value));
    if (told.get(keyText(key)) === facts) return false;
    told.set(keyText(key), facts);
    return true;
  };
  const announced = Object.create(store) as Store;
  announced.putStatus = async (entries) => {
    await store.putStatus(entries);
    await announce(
      store.bus,
      entries.filter(changed).map(({ key }) => key),
    );
  };
  announced.deleteStatus = async (keys) => {
    await store.deleteStatus(keys);
    const counted = keys.filter(({ kind }) => countedInsightKinds.has(kind));
    for (const key of counted) told.delete(keyText(key));
    await announce(store.bus, counted);
  };
  return announced;
}

/** @returns the function that ends it. */
export function onAnnouncedInsights(bus: Bus, listener: (keys: readonly ResourceKey[]) => void): () => void {
  return bus.subscribe(topic, (payload) => listener(payload.split("\n").map(parseKeyText)));
}

async function announce(bus: Bus, keys: readonly ResourceKey[]): Promise<void> {
  let message: string[] = [];
  let sizeBytes = 0;
  for (const text of keys.map(keyText)) {
    if (sizeBytes + Buffer.byteLength(text) >= maxMessageBytes) {
      await bus.publish(topic, message.join("\n"));
      [message, sizeBytes] = [[], 0];
    }
    message.push(text);
    sizeBytes += Buffer.byteLength(text) + 1;
  }
  if (message.length > 0) await bus.publish(topic, message.join("\n"));
}
