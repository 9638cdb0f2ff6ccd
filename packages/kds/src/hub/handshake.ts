import { errorMessage, type Logger } from "@meridian/base";
import { ConflictError, type ResourceReader, type ResourceStore, type Store, UnavailableError } from "@meridian/store";
import {
  HubUnavailableError,
  IncompatibleVersionError,
  InvalidTokenError,
  InvalidZoneNameError,
  type RefusalError,
  ZoneDisabledError,
  ZoneNameTakenError,
} from "../errors.ts";
import type { LinkWarning, TokenVerdict } from "../ports.ts";
import { type FrameOf, protocolVersion, subprotocol, type ZoneFrame } from "../protocol/frames.ts";
import { isEnabledSpec } from "./image.ts";

export type Hello = FrameOf<ZoneFrame, "hello">;

export interface HandshakeDeps {
  readonly store: Store;
  readonly authenticate: (token: string | undefined, zone: string) => Promise<TokenVerdict>;
  /** Who else is connected as this zone and alive, here or at another replica. */
  readonly otherHolder: (zone: string, instanceId: string) => Promise<string | undefined>;
  readonly now: () => number;
  readonly maxClockSkewMs: number;
  readonly version: string;
  readonly logger: Logger;
}

/** RFC 1123 label; zone names end up in DNS names. */
const zoneName = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

/**
 * Decides whether a zone is let in; undefined means yes. The token goes first: a stranger learns nothing else.
 * @throws UnavailableError when the store cannot answer.
 */
export async function refusalOf(hello: Hello, token: string | undefined, deps: HandshakeDeps): Promise<RefusalError | undefined> {
  const { zone, instanceId } = hello;
  if (!zoneName.test(zone)) return new InvalidZoneNameError(zone);
  const verdict = await deps.authenticate(token, zone);
  if (!verdict.ok) return new InvalidTokenError(zone, verdict.reason);
  if (hello.protocol !== protocolVersion) {
    return new IncompatibleVersionError(
      `KDS protocol ${hello.protocol} (version ${hello.version})`,
      `${subprotocol} (version ${deps.version})`,
    );
  }
  const resource = await deps.store.get({ kind: "Zone", mesh: "", name: zone });
  if (resource && !isEnabledSpec(resource.spec)) return new ZoneDisabledError(zone);
  const holder = await deps.otherHolder(zone, instanceId);
  return holder === undefined ? undefined : new ZoneNameTakenError(zone, holder);
}

/** Creates the Zone resource of a zone that connects for the first time, as the peer does. */
export async function ensureZone(zone: string, store: ResourceReader & Pick<ResourceStore, "commit">): Promise<void> {
  const key = { kind: "Zone", mesh: "", name: zone };
  if (await store.get(key)) return;
  try {
    const resource = { ...key, labels: {}, spec: { enabled: true } };
    await store.commit([{ op: "put", resource, expect: "absent" }], { author: `zone:${zone}`, message: "first connection" });
  } catch (error) {
    // Another replica or a user was faster.
    if (!(error instanceof ConflictError)) throw error;
  }
}

export function warningsOf(hello: Hello, deps: Pick<HandshakeDeps, "now" | "maxClockSkewMs">): readonly LinkWarning[] {
  const skewMs = hello.clockMs - deps.now();
  if (Math.abs(skewMs) <= deps.maxClockSkewMs) return [];
  const direction = skewMs > 0 ? "ahead of" : "behind";
  const message = `the clock of zone "${hello.zone}" is ${Math.round(Math.abs(skewMs) / 1000)} s ${direction} the global's: tokens and certificates may be refused; synchronise both clocks (NTP)`;
  return [{ code: "CLOCK_SKEW", message }];
}

/** A refusal for what went wrong while deciding. */
export function unavailable(error: unknown): RefusalError {
  return new HubUnavailableError(error instanceof UnavailableError ? error.message : `internal error (${errorMessage(error)})`);
}

/** The token of `Authorization: Bearer …`. */
export function bearerToken(header: string | undefined): string | undefined {
  return /^Bearer +(\S+) *$/i.exec(header ?? "")?.[1];
}
