import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeHubFrame } from "../protocol/codec.ts";
import type { HubFrame } from "../protocol/frames.ts";
import { digestText } from "../sync/digest.ts";
import { type Entry, encodeEntry } from "../sync/entry.ts";
import { Outbox } from "./outbox.ts";

const entryOf = (key: string, value: number): Entry => {
  const [kind = "", mesh = "", name = ""] = key.split("/");
  return encodeEntry({ kind, mesh, name, labels: {}, spec: { value } });
};

/** A hub's state, its outbox, and the zone at the other end, without sockets. */
class Bench {
  readonly state = new Map<string, Entry>();
  readonly frames: HubFrame[] = [];
  readonly replica = new Map<string, string>();
  readonly outbox: Outbox;
  revision = 0;
  taken = 0;
  #staged: HubFrame[] = [];

  constructor(window: number, chunkSizeBytes: number) {
    this.outbox = new Outbox(0, {
      window,
      chunkSizeBytes,
      now: () => 0,
      target: () => ({ revision: this.revision, digest: BigInt(this.revision) }),
      send: (frame) => this.frames.push(decodeHubFrame(frame)),
    });
  }

  change(key: string, value: number | undefined): void {
    this.revision += 1;
    const entry = value === undefined ? undefined : entryOf(key, value);
    if (entry) this.state.set(key, entry);
    else this.state.delete(key);
    this.outbox.offer(new Map([[key, entry]]));
  }

  /** The zone takes one frame and answers it. */
  take(): boolean {
    const frame = this.frames[this.taken];
    if (!frame) return false;
    this.taken += 1;
    this.#apply(frame);
    if (frame.type === "delta" || frame.type === "end" || frame.type === "advance") {
      const digest = digestText(BigInt(frame.revision));
      expect(this.outbox.acknowledge(this.taken, frame.revision, digest)?.digestMatches).not.toBe(false);
    }
    expect(this.outbox.credit(this.taken)).toBe(true);
    return true;
  }

  #apply(frame: HubFrame): void {
    if (frame.type === "begin") this.#staged = [frame];
    else if (frame.type === "chunk") this.#staged.push(frame);
    else if (frame.type === "end") {
      const [begin, ...chunks] = this.#staged;
      if (begin?.type === "begin" && begin.mode === "snapshot") this.replica.clear();
      for (const chunk of chunks) this.#steps(chunk);
    } else this.#steps(frame);
  }

  #steps(frame: HubFrame): void {
    if (frame.type !== "delta" && frame.type !== "chunk") return;
    for (const key of frame.deletes) this.replica.delete(key);
    for (const put of frame.puts) {
      const { kind, mesh, name } = JSON.parse(Buffer.from(put).toString());
      this.replica.set(`${kind}/${mesh}/${name}`, Buffer.from(put).toString());
    }
  }
}

type Event =
  | { readonly do: "change"; readonly key: number; readonly value: number | undefined }
  | { readonly do: "take" | "snapshot" | "hold" | "advance" };

const events = fc.array(
  fc.oneof(
    {
      weight: 5,
      arbitrary: fc.record({
        do: fc.constant("change" as const),
        key: fc.nat(5),
        value: fc.option(fc.nat(9), { nil: undefined }),
      }),
    },
    { weight: 4, arbitrary: fc.record({ do: fc.constant("take" as const) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constantFrom("snapshot" as const, "hold" as const, "advance" as const) }) },
  ),
  { maxLength: 80 },
);

describe("Outbox", () => {
  it("never exceeds its window, and ends with the zone holding exactly what it should", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4 }), fc.constantFrom(50, 200, 10_000), events, (window, chunkSizeBytes, history) => {
        const bench = new Bench(window, chunkSizeBytes);
        let held = false;
        for (const event of history as readonly Event[]) {
          if (event.do === "change") bench.change(`K/m/${event.key}`, event.value);
          else if (event.do === "take") bench.take();
          else if (event.do === "advance") bench.outbox.advance();
          else if (event.do === "snapshot") bench.outbox.snapshot(bench.state);
          else bench.outbox.hold();
          held = event.do === "hold" || (held && event.do !== "snapshot");
          expect(bench.frames.length - bench.taken).toBeLessThanOrEqual(window);
        }
        if (held) bench.outbox.snapshot(bench.state);
        while (bench.take());
        expect(Object.fromEntries(bench.replica)).toEqual(
          Object.fromEntries([...bench.state].map(([key, entry]) => [key, Buffer.from(entry.bytes).toString()])),
        );
        expect(bench.outbox.isIdle).toBe(true);
      }),
    );
  });

  it("merges what a slow zone did not take into the newest state", () => {
    const bench = new Bench(1, 10_000);
    for (let value = 0; value < 100; value += 1) bench.change("K/m/a", value);
    expect(bench.frames).toHaveLength(1);
    bench.take();
    expect(bench.frames).toHaveLength(2);
    expect(bench.frames[1]).toMatchObject({ type: "delta", revision: 100 });
  });

  it("takes no credit for frames that were never sent", () => expect(new Bench(1, 100).outbox.credit(1)).toBe(false));
});
