import type { OutboundSubject } from "../types.ts";
import type { ListenerSubject } from "./types.ts";

/** What a listener of a gateway leads to before routes say where: policies about every destination are about it. */
export const anywhere: OutboundSubject = { tags: {}, service: "*", protocol: "unknown" };

export function isHttpListener({ protocol }: Pick<ListenerSubject, "protocol">): boolean {
  return protocol === "HTTP" || protocol === "HTTPS";
}
