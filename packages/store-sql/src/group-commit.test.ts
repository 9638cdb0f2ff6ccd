import { ConflictError } from "@meridian/store";
import { describe, expect, it } from "vitest";
import { GroupCommit } from "./group-commit.ts";
import type { CallOutcome, CommitCall } from "./write-group.ts";

class DataError extends Error {}

/** A group writer under the test's control: it notes the groups and answers when it is told to. */
function createWriter() {
  const groups: string[][] = [];
  const gates: (() => void)[] = [];
  async function write(calls: readonly CommitCall[]): Promise<readonly CallOutcome[]> {
    const names = calls.map((call) => call.author.author);
    groups.push(names);
    await new Promise<void>((resolve) => gates.push(resolve));
    if (names.includes("bad data")) throw new DataError();
    if (names.includes("outage")) throw new Error("away");
    return names.map((name, index) =>
      name === "stale"
        ? { conflict: new ConflictError({ kind: "K", mesh: "", name }, 1, 2) }
        : { result: { revision: index, outcomes: [] } },
    );
  }
  /** Lets everything through from now on. */
  function open(): void {
    gates.push = (gate) => {
      gate();
      return 0;
    };
    for (const gate of gates.splice(0)) gate();
  }
  return { groups, open, commits: new GroupCommit(write, (error) => error instanceof DataError) };
}

function call(author: string, changes = 1): CommitCall {
  const change = { op: "delete", key: { kind: "K", mesh: "", name: author } } as const;
  return { changes: Array.from({ length: changes }, () => change), author: { author }, meta: {} };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

describe("group commit", () => {
  it("starts a lone call at once, and collects what comes while it is written", async () => {
    const { groups, open, commits } = createWriter();
    const first = commits.submit(call("a"));
    await turn();
    expect(groups).toEqual([["a"]]);
    const later = [commits.submit(call("b")), commits.submit(call("c"))];
    await turn();
    expect(groups).toEqual([["a"]]);
    open();
    await Promise.all([first, ...later]);
    expect(groups).toEqual([["a"], ["b", "c"]]);
  });

  it("takes along what is submitted in the same turn", async () => {
    const { groups, open, commits } = createWriter();
    open();
    await Promise.all(["a", "b", "c"].map((name) => commits.submit(call(name))));
    expect(groups).toEqual([["a", "b", "c"]]);
  });

  it("gives each call its own outcome", async () => {
    const { open, commits } = createWriter();
    open();
    const settled = await Promise.allSettled(["a", "stale", "c"].map((name) => commits.submit(call(name))));
    expect(settled).toMatchObject([{ value: { revision: 0 } }, { reason: { code: "CONFLICT" } }, { value: { revision: 2 } }]);
  });

  it("finds the one call whose data the database refuses", async () => {
    const { groups, open, commits } = createWriter();
    open();
    const settled = await Promise.allSettled(["a", "bad data", "c"].map((name) => commits.submit(call(name))));
    expect(settled.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    expect(groups).toEqual([["a", "bad data", "c"], ["a"], ["bad data"], ["c"]]);
  });

  it("fails the whole group in an outage, and goes on afterwards", async () => {
    const { open, commits } = createWriter();
    open();
    const settled = await Promise.allSettled(["a", "outage"].map((name) => commits.submit(call(name))));
    expect(settled.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    await expect(commits.submit(call("b"))).resolves.toMatchObject({ revision: 0 });
  });

  it("bounds a group by its changes, but takes one large call as it is", async () => {
    const { groups, open, commits } = createWriter();
    open();
    const calls = [call("large", 9_000), call("a", 3_000), call("b", 2_000), call("c", 1)];
    await Promise.all(calls.map((each) => commits.submit(each)));
    expect(groups).toEqual([["large"], ["a", "b"], ["c"]]);
    await commits.idle();
  });
});
