import { expect, it } from "vitest";
import { emptyFor, failureFor, forAddress, framed, isAnswerTo, isKnown, isQuery, unframed } from "./message.ts";

const ipv4 = 1;
const ipv6 = 28;

/** For `web.mesh`, with an EDNS record behind the question, as most resolvers send it. */
function query(type: number): Buffer {
  const header = [0, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 1];
  const name = [3, ...Buffer.from("web"), 4, ...Buffer.from("mesh"), 0];
  const edns = [0, 0, 41, 16, 0, 0, 0, 0, 0, 0, 0];
  return Buffer.from([...header, ...name, 0, type, 0, 1, ...edns]);
}

it("a question for something else becomes one for an address, and nothing else of it changes", () => {
  expect(forAddress(query(ipv6))).toEqual(query(ipv4));
  expect(forAddress(query(ipv4))).toBeUndefined();
});

it("the empty answer repeats the question, and says that there is no more", () => {
  const answer = emptyFor(query(ipv6));
  expect(isAnswerTo(query(ipv6), answer)).toBe(true);
  expect(isKnown(answer)).toBe(true);
  expect([...answer.subarray(4, 12)]).toEqual([0, 1, 0, 0, 0, 0, 0, 0]);
  expect(answer.subarray(12)).toEqual(query(ipv6).subarray(12, -11));
});

it.each([
  ["is cut off", query(ipv6).subarray(0, 20)],
  ["asks twice", Buffer.from([0, 7, 1, 0, 0, 2, ...query(ipv6).subarray(6)])],
  ["has a compressed name", Buffer.from([...query(ipv6).subarray(0, 12), 0xc0, 12, 0, 28, 0, 1])],
  ["has no question", query(ipv6).subarray(0, 12)],
])("a message that %s is not asked otherwise", (_what, message) => {
  expect(forAddress(message)).toBeUndefined();
});

it("a failure is an answer that knows nothing", () => {
  const failure = failureFor(query(ipv4));
  expect([isQuery(failure), isAnswerTo(query(ipv4), failure), isKnown(failure)]).toEqual([false, true, false]);
});

it("messages over TCP come in any pieces", () => {
  const bytes = Buffer.concat([framed(query(ipv4)), framed(query(ipv6))]);
  for (let cut = 0; cut <= bytes.length; cut += 1) {
    const first = unframed(bytes.subarray(0, cut));
    const second = unframed(Buffer.concat([first.rest, bytes.subarray(cut)]));
    expect([...first.messages, ...second.messages]).toEqual([query(ipv4), query(ipv6)]);
    expect(second.rest).toHaveLength(0);
  }
});
