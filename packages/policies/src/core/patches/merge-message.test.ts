import { expect, it } from "vitest";
import { mergeMessage } from "./merge-message.ts";

it("merges messages deep, appends lists, replaces the rest", () => {
  const base = { name: "a", connectTimeout: "5s", filters: [1], nested: { kept: 1, changed: 1 } };
  expect(mergeMessage(base, { connectTimeout: "3s", filters: [2], nested: { changed: 2 } })).toEqual({
    ...{ name: "a", connectTimeout: "3s", filters: [1, 2] },
    nested: { kept: 1, changed: 2 },
  });
});

it("merges an Any of the same type and replaces one of another", () => {
  const base = { typedConfig: { "@type": "t", a: 1 } };
  expect(mergeMessage(base, { typedConfig: { "@type": "t", b: 2 } })).toEqual({ typedConfig: { "@type": "t", a: 1, b: 2 } });
  expect(mergeMessage(base, { typedConfig: { "@type": "u", b: 2 } })).toEqual({ typedConfig: { "@type": "u", b: 2 } });
});
