import { MeridianError } from "@meridian/base";
import { expect, test } from "vitest";
import { failureFields } from "./failure-fields.ts";

test("an expected failure is logged in words, without a stack trace", () => {
  const cause = new Error("listen EADDRINUSE");
  expect(failureFields(new MeridianError("DATAPLANE_INPUT", "port 9902 is in use", { cause }))).toEqual({
    code: "DATAPLANE_INPUT",
    reason: "port 9902 is in use",
    cause: "listen EADDRINUSE",
  });
  expect(failureFields(new MeridianError("DATAPLANE_INPUT", "no such file"))).toEqual({
    code: "DATAPLANE_INPUT",
    reason: "no such file",
  });
});

test("a bug is logged with where it was thrown", () => {
  const bug = new TypeError("x is not a function");
  expect(failureFields(bug)).toEqual({ err: bug });
});
