import type { Revision } from "@meridian/model";
import type { FastifyInstance, FastifyReply } from "fastify";
import type { ApiStore } from "../ports.ts";
import { unavailable } from "./errors.ts";
import { type Query, wholeNumber } from "./query.ts";

declare module "fastify" {
  interface FastifyContextConfig {
    /** Answers without the store, so also while it is away. */
    readonly isStoreless?: boolean;
  }
}

const header = "meridian-revision";

/**
 * Every answer says which revision it reflects (at least): the store is asked before the handler reads. `?minRevision=R` waits,
 * for a bounded time, until this control plane is at R: a client that wrote through one replica reads its write through another.
 */
export function tellRevisions(app: FastifyInstance, store: ApiStore, minRevisionWaitMs: number): void {
  let newest: Revision = 0;
  app.addHook("preHandler", async (request, reply) => {
    if (request.routeOptions.config.isStoreless || request.is404) return;
    const wanted = wholeNumber(request.query as Query, "minRevision") ?? 0;
    const revision = await store.revision();
    newest = revision >= wanted ? revision : await waitForRevision(store, wanted, minRevisionWaitMs);
    reply.header(header, newest);
  });
  app.addHook("onSend", async (_request, reply) => {
    if (!reply.hasHeader(header)) reply.header(header, newest);
  });
}

/** After a write: the revision that it made. */
export function setRevision(reply: FastifyReply, revision: Revision): void {
  reply.header(header, revision);
}

async function waitForRevision(store: ApiStore, wanted: Revision, timeoutMs: number): Promise<Revision> {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), timeoutMs);
  let reached: Revision = 0;
  try {
    for await (const revision of store.watch(abort.signal)) {
      reached = revision;
      if (revision >= wanted) return revision;
    }
  } finally {
    clearTimeout(timer);
    abort.abort();
  }
  throw unavailable(
    `this control plane is at revision ${reached}; revision ${wanted} did not arrive within ${timeoutMs / 1000} s`,
  );
}
