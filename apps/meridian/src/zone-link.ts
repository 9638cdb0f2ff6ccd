import { readFile } from "node:fs/promises";
import type { ApiInfo } from "@meridian/api";
import { type Clock, type Latest, type Lifecycle, type Logger, MeridianError, maskSettings, type Registry } from "@meridian/base";
import { createKdsClient, type InsightSource, type LinkState, type PolicySource, type ZoneRequest } from "@meridian/kds";
import type { Store } from "@meridian/store";
import type { ProgressTracker } from "@meridian/zone";
import { kinds } from "./kinds.ts";
import { zoneSettings } from "./settings.ts";
import { tokenSource, type ZoneSettings } from "./zone-token.ts";

export interface LinkOptions {
  readonly zone: string;
  readonly store: Store;
  readonly insights: InsightSource;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Registry;
  readonly lifecycle: Lifecycle;
  readonly values: ZoneSettings;
  readonly info: ApiInfo;
  readonly progress: ProgressTracker;
  readonly policies: PolicySource;
  readonly onRequest: (request: ZoneRequest) => Promise<string>;
}

export interface Link {
  readonly state: Latest<LinkState>;
  /** Why the zone cannot serve because of its global; empty once it holds the global's state, connected or not. */
  obstacles(): readonly string[];
}

/** The zone's stream to its global. */
export async function startLink(options: LinkOptions): Promise<Link> {
  const { values, progress } = options;
  if (values.global === undefined || !/^wss?:\/\//.test(values.global)) {
    throw new MeridianError("GLOBAL_URL", `--global must be ws://HOST:PORT or wss://HOST:PORT, not ${values.global}`);
  }
  const client = createKdsClient({
    ...{
      zone: options.zone,
      store: options.store,
      clock: options.clock,
      logger: options.logger,
      metrics: options.metrics,
      kinds,
    },
    url: values.global,
    token: tokenSource(values),
    ...(values.globalCaFile !== undefined && { caCert: await readFile(values.globalCaFile, "utf8") }),
    skipTlsVerify: values.globalSkipVerify,
    instanceId: options.info.instanceId,
    version: options.info.version,
    config: JSON.stringify(maskSettings(zoneSettings, values)),
    progress: progress.progress,
    insights: options.insights,
    insightIntervalMs: values.insightInterval,
    policies: options.policies,
    onApplied: ({ localRevision, globalRevision }) => progress.paired(localRevision, globalRevision),
    onRequest: options.onRequest,
    heartbeatIntervalMs: values.kdsHeartbeatInterval,
    heartbeatTimeoutMs: values.kdsHeartbeatTimeout,
  });
  await options.lifecycle.start(client);
  return {
    state: client.state,
    obstacles: () => {
      const { state, reason, globalRevision } = client.state.value;
      if (globalRevision > 0 || state === "connected") return [];
      return [`zone ${options.zone} has nothing from its global yet: ${reason ?? state}`];
    },
  };
}
