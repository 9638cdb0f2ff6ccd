import { MeridianError } from "@meridian/base";

/** Why a global does not let a zone in. The zone shows the same code and words in its `LinkState`, and goes on trying. */
export type RefusalCode =
  | "INVALID_TOKEN"
  | "INVALID_ZONE_NAME"
  | "ZONE_DISABLED"
  | "ZONE_DELETED"
  | "ZONE_NAME_TAKEN"
  | "INCOMPATIBLE_VERSION"
  | "MALFORMED_FRAME"
  | "REPLACED"
  | "UNAVAILABLE";

/** A refusal: sent to the zone as a frame, and as the close code of the websocket. */
export class RefusalError extends MeridianError<RefusalCode> {}

export class InvalidTokenError extends RefusalError {
  constructor(zone: string, reason: string) {
    super(
      "INVALID_TOKEN",
      `the token of zone "${zone}" is not accepted: ${reason}; make a new one with "meridian generate zone-token --zone ${zone}"`,
    );
  }
}

export class InvalidZoneNameError extends RefusalError {
  constructor(zone: string) {
    super(
      "INVALID_ZONE_NAME",
      `"${zone.slice(0, 80)}" cannot name a zone: 1 to 63 lower-case letters, digits or dashes, beginning and ending with a letter or digit`,
    );
  }
}

export class ZoneDisabledError extends RefusalError {
  constructor(zone: string) {
    super("ZONE_DISABLED", `zone "${zone}" is disabled at the global: set "enabled: true" on its Zone resource to let it in`);
  }
}

export class ZoneDeletedError extends RefusalError {
  constructor(zone: string) {
    super(
      "ZONE_DELETED",
      `the Zone resource "${zone}" was deleted at the global; it is created anew when the zone connects again`,
    );
  }
}

export class ZoneNameTakenError extends RefusalError {
  constructor(zone: string, holder: string) {
    super(
      "ZONE_NAME_TAKEN",
      `another control plane (instance ${holder}) is connected as zone "${zone}": give this one its own --name, or stop the other`,
    );
  }
}

export class IncompatibleVersionError extends RefusalError {
  constructor(theirs: string, ours: string) {
    super("INCOMPATIBLE_VERSION", `the peer speaks ${theirs}, this control plane speaks ${ours}: upgrade the older of the two`);
  }
}

/** The same control plane connected again; its older stream ends. */
export class ReplacedError extends RefusalError {
  constructor(zone: string) {
    super("REPLACED", `zone "${zone}" connected again; this older stream of the same control plane ends`);
  }
}

/** The global cannot decide right now (its database is away). A retry can help. */
export class HubUnavailableError extends RefusalError {
  constructor(reason: string) {
    super("UNAVAILABLE", `the global cannot serve zones right now: ${reason}`);
  }
}

/** The peer's bytes are no frame of this protocol. */
export class MalformedFrameError extends RefusalError {
  constructor(what: string, options?: { readonly cause?: unknown }) {
    super("MALFORMED_FRAME", `malformed KDS frame: ${what}`, options);
    if (options?.cause !== undefined) this.cause = options.cause;
  }
}

/** `Hub.request` needs a connected zone. */
export class ZoneOfflineError extends MeridianError<"ZONE_OFFLINE"> {
  constructor(zone: string) {
    super("ZONE_OFFLINE", `zone "${zone}" is not connected, so its proxies cannot be asked`);
  }
}

export class ZoneOnOtherReplicaError extends MeridianError<"ZONE_ON_OTHER_REPLICA"> {
  constructor(zone: string, replica: string) {
    super("ZONE_ON_OTHER_REPLICA", `zone "${zone}" is connected to the global replica ${replica}: ask that one`);
  }
}

export class RequestTimeoutError extends MeridianError<"TIMEOUT"> {
  constructor(zone: string, timeoutMs: number) {
    super("TIMEOUT", `zone "${zone}" did not answer within ${timeoutMs} ms`);
  }
}

/** The zone was asked and could not answer: the reason is its own. */
export class RequestFailedError extends MeridianError<"REQUEST_FAILED"> {
  constructor(zone: string, reason: string) {
    super("REQUEST_FAILED", `zone "${zone}" answered: ${reason}`);
  }
}

/**
 * Close codes of the websocket (4000 to 4999 are an application's own, RFC 6455 section 7.4.2), by analogy to HTTP's.
 */
export const closeCodes: Readonly<Record<RefusalCode, number>> = {
  MALFORMED_FRAME: 4400,
  INVALID_TOKEN: 4401,
  ZONE_DISABLED: 4403,
  REPLACED: 4408,
  ZONE_NAME_TAKEN: 4409,
  ZONE_DELETED: 4410,
  INVALID_ZONE_NAME: 4422,
  INCOMPATIBLE_VERSION: 4426,
  UNAVAILABLE: 4503,
};
/** Not a refusal: the peer stops or was not heard of for too long. */
export const goingAwayCode = 1001;
