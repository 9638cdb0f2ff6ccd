import { describe } from "vitest";
import { whyNoRedirect } from "./support.ts";

declare module "vitest" {
  interface TaskMeta {
    /** Why a test cannot run on this machine, whoever sets it up: `scripts/test.mjs` tells it at the end, and no more than that. */
    impossible?: string;
  }
}

const impossible = await whyNoRedirect();
if (impossible !== undefined) console.error(impossible);

/** `describe` for what needs a redirect: skipped with the reason where this machine has none. */
export function describeRedirected(name: string, body: () => void): void {
  describe(name, impossible === undefined ? {} : { skip: true, meta: { impossible } }, body);
}
