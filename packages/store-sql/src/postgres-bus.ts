import { randomBytes } from "node:crypto";
import { errorMessage, type Logger } from "@meridian/base";
import { assertPublishable, type Bus, LocalBus } from "@meridian/store";
import { sql } from "drizzle-orm";
import { busChannel, type SqlEngine } from "./engine.ts";

export interface PostgresBus extends Bus {
  /** What arrived on the channel of the bus. */
  receive(message: string): void;
}

/** Own subscribers hear at once; other replicas by NOTIFY. While the server is away a message reaches only this process. */
export function createPostgresBus(engine: SqlEngine, logger: Logger): PostgresBus {
  const local = new LocalBus();
  const sender = randomBytes(8).toString("hex");
  return {
    subscribe: (topic, listener) => local.subscribe(topic, listener),
    async publish(topic, payload) {
      assertPublishable(topic, payload);
      local.deliver(topic, payload);
      const message = `${sender}\n${topic}\n${payload}`;
      try {
        await engine.update((db) => db.execute(sql`select pg_notify(${busChannel} || hashtext(current_schema()), ${message})`));
      } catch (error) {
        logger.debug({ topic, reason: errorMessage(error) }, "a message did not reach other replicas");
      }
    },
    receive(message) {
      const [from = "", topic = "", ...payload] = message.split("\n");
      if (from !== sender) local.deliver(topic, payload.join("\n"));
    },
  };
}
