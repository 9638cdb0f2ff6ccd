import type { ProxyHooks } from "../core/effects/hooks.ts";
import type { AccessLogConf } from "../core/observability/loggers.ts";
import { addPassthroughLogs, passthroughOutbound } from "../core/observability/passthrough-logs.ts";
import { decide } from "./outbound.ts";

/** Access logs of connections that leave the mesh through the transparent proxy: `to` entries for the whole mesh are about them. */
export const passthroughLogs: ProxyHooks<AccessLogConf> = {
  editsOnly: true,
  decide: (input) => decide({ ...input, ...passthroughOutbound }),
  resources: (resources, conf, { mesh, zone }) => addPassthroughLogs(resources, conf, { mesh, zone }),
};
