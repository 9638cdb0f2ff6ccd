import type { GenerationContext, OwnConfig } from "../parts.ts";
import { sidecarConfig } from "../sidecar/sidecar.ts";
import type { ProxyDescription } from "../types.ts";
import { gatewayNotes } from "./gateway-of.ts";

/** What a data plane has alone. A builtin gateway has neither inbounds nor outbounds, but an identity as a sidecar has. */
export function gatewayConfig(context: GenerationContext, proxy: ProxyDescription): OwnConfig {
  const own = sidecarConfig(context, proxy);
  const tags = context.view.dataplane(proxy.mesh, proxy.name)?.builtinGateway;
  const notes = tags ? gatewayNotes(context.view, proxy.mesh, tags) : [];
  return notes.length > 0 ? { ...own, notes: [...(own.notes ?? []), ...notes] } : own;
}
