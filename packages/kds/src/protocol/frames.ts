import { bytes, count, flag, list, object, oneOf, optional, type Shape, type Shaped, text } from "./shapes.ts";

/**
 * Every frame of `meridian.kds.v1`, defined once: the shapes below read what arrives, and the types follow from them.
 *
 * Entries (`puts`) are canonical JSON bytes of a resource (`sync/entry.ts`): one form for the wire and for the digest. `deletes`
 * are `keyText`s. `frames` counts the data frames that a side has taken since the connection opened: that is the credit which it
 * gives back.
 */
export const subprotocol = "meridian.kds.v1";
export const protocolVersion = 1;

/** Of one websocket message. Larger ones are cut into chunks; a single resource cannot be larger. */
export const maxFrameSizeBytes = 16 * 1024 * 1024;
/** Before the zone is known. */
export const maxHelloSizeBytes = 1024 * 1024;

const short = text(256);
const message = text(8192);
const key = text(1024);
/** Bounded by the size of a frame anyway: an element has at least one byte. */
const many = maxFrameSizeBytes;
const entries = { puts: list(bytes, many), deletes: list(key, many) };
const violation = object({ path: message, message });

const rejection = object({
  mesh: short,
  proxy: key,
  typeUrl: short,
  resources: list(message, 1000),
  message: text(65_536),
  policies: list(key, 1000),
  revision: count,
  time: short,
});

const progress = object({
  revision: count,
  convergedRevision: count,
  proxies: object({ connected: count, pending: count, rejected: count }),
  rejections: list(rejection, 10_000),
});

/** What a zone sends. */
const zoneShapes = {
  /** First frame. `digest` is of the replica that the zone holds at `revision` of the global named `globalId`. */
  hello: object({
    zone: text(1024),
    instanceId: short,
    protocol: count,
    version: short,
    features: list(short, 100),
    globalId: short,
    revision: count,
    digest: short,
    clockMs: count,
    config: text(262_144),
    /** True: only check whether this zone would be let in; replace nothing. */
    probe: flag,
  }),
  /** The frames were taken; nothing more to say about them. */
  credit: object({ frames: count }),
  /** The zone holds everything up to `revision`, durably; `digest` is of its replica there. */
  ack: object({ frames: count, revision: count, digest: short }),
  /** `revision` was not applied; the replica is as before. */
  nack: object({ frames: count, revision: count, code: short, reason: message }),
  /** The zone's own resources. `last`: with this frame the global holds what the zone had at its local `revision`. */
  upload: object({ ...entries, revision: count, last: flag }),
  /** The digests differ: which of my resources do you hold? */
  inventoryRequest: object({}),
  insights: object(entries),
  /**
   * Where policies stand in the zone (`puts`: policy-report.ts), for hubs with the feature `policy-status`. `full`: with the last of
   * these, the hub has all reports of the zone, and others no longer hold.
   */
  policies: object({ ...entries, full: flag, last: flag }),
  /** `policies`: everything about policies up to this revision has been said. */
  progress: object({ progress, policies: optional(count) }),
  /** A piece of the answer to a `request`; `error` instead of a piece says why there is none. */
  response: object({ id: count, part: bytes, last: flag, error: optional(message) }),
} as const;

/** What a hub sends. */
const hubShapes = {
  /** `uploaded` and `uploadDigest`: the zone's local revision that the global holds, and the digest of it. */
  welcome: object({
    globalId: short,
    instanceId: short,
    version: short,
    revision: count,
    window: count,
    uploaded: count,
    uploadDigest: short,
    warnings: list(object({ code: short, message }), 10),
    features: optional(list(short, 100)),
  }),
  refuse: object({ code: short, message }),
  /** A change that fits one frame: the zone's replica becomes that of `revision`. Identical for every zone that gets the same. */
  delta: object({ ...entries, revision: count }),
  /** A transfer in pieces: `begin`, `chunk`s, `end`; applied as a whole. */
  begin: object({ mode: oneOf("delta", "snapshot"), revision: count }),
  chunk: object(entries),
  /** `digest` of a snapshot; "" for a delta, where the acknowledgement carries it. */
  end: object({ revision: count, digest: text(64) }),
  /** Nothing that concerns this zone happened up to `revision`. */
  advance: object({ revision: count }),
  uploadAck: object({ frames: count, rejected: list(object({ key, violations: list(violation, 1000) }), many) }),
  /** `hashes`: 16 bytes for each key. */
  inventory: object({ keys: list(key, many), hashes: bytes, last: flag }),
  request: object({
    id: count,
    request: object({
      type: oneOf("config_dump", "stats", "clusters"),
      proxyKind: oneOf("Dataplane", "ZoneIngress", "ZoneEgress"),
      mesh: short,
      name: key,
      query: optional(message),
    }),
  }),
} as const;

type Union<S extends Readonly<Record<string, Shape<unknown>>>> = {
  readonly [K in keyof S]: { readonly type: K } & Shaped<S[K]>;
}[keyof S];

export type ZoneFrame = Union<typeof zoneShapes>;
export type HubFrame = Union<typeof hubShapes>;
export type FrameOf<F extends { readonly type: string }, T extends F["type"]> = Extract<F, { readonly type: T }>;

type ShapeTable = Readonly<Record<string, Shape<unknown>>>;
export const zoneFrames: ShapeTable = zoneShapes;
export const hubFrames: ShapeTable = hubShapes;
