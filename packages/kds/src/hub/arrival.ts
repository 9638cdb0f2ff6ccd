import type { RefusalError } from "../errors.ts";
import type { Channel } from "../link/channel.ts";
import type { HubOptions, LinkWarning } from "../ports.ts";
import { encodeFrame } from "../protocol/codec.ts";
import type { ZoneFrame } from "../protocol/frames.ts";
import { digestText } from "../sync/digest.ts";
import { ensureZone, type Hello, refusalOf, warningsOf } from "./handshake.ts";
import { takeInsights } from "./insight-uploads.ts";
import type { LogReader } from "./log-reader.ts";
import type { HubMetrics } from "./metrics.ts";
import type { PolicyReports, ZoneReports } from "./policy-reports.ts";
import { resumeFrom } from "./resume.ts";
import { ZoneSession } from "./session.ts";
import { globalIdMetaName, type HubSettings, hubFeatures, maxResumeRevisions } from "./settings.ts";
import type { StatusWriter } from "./status-writer.ts";
import { Uploads, uploadedMetaName, uploadWindow } from "./uploads.ts";
import { type ZoneInsight, ZoneInsightLog } from "./zone-insight.ts";
import { type ZoneLinks, zoneInsightKey } from "./zone-links.ts";

export interface ArrivalDeps {
  readonly options: HubOptions;
  readonly settings: HubSettings;
  readonly reader: LogReader;
  readonly links: ZoneLinks;
  readonly writer: StatusWriter;
  readonly policies: PolicyReports;
  readonly metrics: HubMetrics;
}

/** A zone at the door. */
export interface Arrival {
  readonly hello: Hello;
  readonly token: string | undefined;
  readonly channel: Channel<ZoneFrame>;
}

/** What the global remembers of the zone. */
interface Memory {
  readonly globalId: string;
  /** The zone's local revision up to which its uploads are durable here. */
  readonly uploaded: number;
  readonly insight: ZoneInsight | undefined;
  readonly policies: ZoneReports;
}

/**
 * Lets a zone in or not; undefined when it only asked, or left meanwhile.
 * @throws UnavailableError when the store cannot answer.
 */
export async function receiveZone(arrival: Arrival, deps: ArrivalDeps): Promise<ZoneSession | RefusalError | undefined> {
  const { hello, token, channel } = arrival;
  const { options, settings, reader, links } = deps;
  const { store, logger } = options;
  const checks = {
    ...options,
    now: () => options.clock.now(),
    maxClockSkewMs: settings.maxClockSkewMs,
    otherHolder: (zone: string, claimant: string) => links.otherHolder(zone, claimant, hello.probe),
  };
  const refusal = await refusalOf(hello, token, checks);
  if (refusal) return refusal;
  const warnings = warningsOf(hello, checks);
  for (const { code, message } of warnings) logger.warn({ zone: hello.zone, code }, message);
  if (hello.probe) {
    channel.send(welcome(deps, { globalId: "", uploaded: 0, uploadDigest: "", warnings }));
    channel.close(1000, "checked");
    return undefined;
  }
  // What an older stream of this zone was writing is part of what the zone is told that the global holds.
  await links.get(hello.zone)?.uploadsSettled();
  await ensureZone(hello.zone, store);
  await reader.catchUp();
  const memory = {
    globalId: (await store.meta(globalIdMetaName)) ?? "",
    uploaded: Number((await store.meta(uploadedMetaName(hello.zone))) ?? 0),
    insight: (await store.getStatus<ZoneInsight>(zoneInsightKey(hello.zone)))?.value,
    policies: await deps.policies.stored(hello.zone),
  };
  return begin(arrival, memory, warnings, deps);
}

/** From here on the session gets every change: what it lacks is worked out in the same step in which it is registered. */
function begin(
  { hello, token, channel }: Arrival,
  memory: Memory,
  warnings: readonly LinkWarning[],
  deps: ArrivalDeps,
): Promise<ZoneSession | undefined> {
  const { options, reader, links } = deps;
  const sameGlobal = hello.globalId === memory.globalId;
  return reader.since(hello.revision, sameGlobal ? maxResumeRevisions : 0, (entries) => {
    if (!channel.isOpen) return undefined;
    const { zone, revision, instanceId } = hello;
    const { image } = reader;
    const session = createSession({ hello, token, channel }, memory, deps);
    const uploadDigest = digestText(image.uploadDigest(zone));
    channel.send(welcome(deps, { globalId: memory.globalId, uploaded: memory.uploaded, uploadDigest, warnings }));
    const resumption = entries && sameGlobal ? resumeFrom(image, entries, zone) : undefined;
    const resumes = resumption !== undefined && digestText(resumption.digestBefore) === hello.digest;
    options.logger.info({ zone, instance: instanceId, revision, resumes }, "zone connected");
    deps.policies.connected(zone, memory.policies);
    links.connected(session);
    if (resumes) session.resume(resumption.delta);
    else session.snapshot();
    return session;
  });
}

interface WelcomeFacts {
  readonly globalId: string;
  readonly uploaded: number;
  readonly uploadDigest: string;
  readonly warnings: readonly LinkWarning[];
}

function welcome({ options, reader }: ArrivalDeps, facts: WelcomeFacts): Uint8Array {
  const { instanceId, version } = options;
  return encodeFrame({
    type: "welcome",
    instanceId,
    version,
    revision: reader.image.revision,
    window: uploadWindow,
    features: hubFeatures,
    ...facts,
  });
}

function createSession({ hello, token, channel }: Arrival, memory: Memory, deps: ArrivalDeps): ZoneSession {
  const { options, settings, reader, links, writer, policies, metrics } = deps;
  const { store, kinds, logger, clock, instanceId } = options;
  const { zone } = hello;
  const connectedAtMs = clock.now();
  const ownerOf = (key: string): string | undefined => reader.image.ownerOf(key);
  const session: ZoneSession = new ZoneSession(hello.revision, {
    ...settings,
    zone,
    instanceId: hello.instanceId,
    connectedAtMs,
    token,
    channel,
    insight: new ZoneInsightLog({
      hello,
      hub: instanceId,
      connectedAt: new Date(connectedAtMs).toISOString(),
      authTokenProvided: token !== undefined,
      earlier: memory.insight,
    }),
    image: () => reader.image,
    metrics,
    logger,
    now: () => clock.now(),
    onProgress: (progress, told) => {
      if (told !== undefined) policies.told(zone, told);
      links.progressed(zone, progress);
    },
    onPolicies: (frame) => policies.take(zone, frame),
    onSyncError: (reason) => links.syncFailed(zone, reason),
    onInsights: (frame) => takeInsights(frame, zone, { kinds, writer, ownerOf }),
    onStatistics: () => links.writeInsight(session),
  });
  session.useUploads(
    new Uploads({
      zone,
      store,
      kinds,
      logger,
      admit: options.admit ?? (() => []),
      ownerOf,
      catchUp: () => reader.catchUp(),
      send: (frame) => session.send(frame),
      onMalformed: (error) => session.refuse(error),
      onRejected: (count) => metrics.rejectedUploads.inc({ zone }, count),
      signal: session.ended.signal,
    }),
  );
  return session;
}
