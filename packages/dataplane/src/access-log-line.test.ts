import fc from "fast-check";
import { expect, it } from "vitest";
import { parseForwardedLine } from "./access-log-line.ts";

it("reads what a MeshAccessLog and what a TrafficLog write", () => {
  expect(parseForwardedLine('{"address":"logs:5000","message":"a b\\n"}')).toEqual({ address: "logs:5000", text: "a b\n" });
  const fields = '{"message":{"code":"200","path":"/a;b"},"address":"[::1]:5000"}';
  expect(parseForwardedLine(fields)).toEqual({ address: "[::1]:5000", text: '{"code":"200","path":"/a;b"}\n' });
  expect(parseForwardedLine("logs:5000;GET /a;b 200")).toEqual({ address: "logs:5000", text: "GET /a;b 200\n" });
});

it.each(["", "no address", ";", "{", '{"message":"a"}', '{"address":1,"message":"a"}', '{"address":"a:1"}'])(
  "leaves out %j",
  (line) => expect(parseForwardedLine(line)).toBeUndefined(),
);

it("never throws", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.json(),
        fc.json().map((json) => `{"address":${json}`),
      ),
      (line) => void parseForwardedLine(line),
    ),
  );
});
