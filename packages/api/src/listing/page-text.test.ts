import { type Resource, renderResource } from "@meridian/model";
import fc from "fast-check";
import { expect, test } from "vitest";
import { kinds } from "../testing/test-api.ts";
import { PageWriter } from "./page-text.ts";

const times = { version: 1, creationTime: "2026-01-01T00:00:00Z", modificationTime: "2026-01-01T00:00:00Z" };
const resource: fc.Arbitrary<Resource> = fc
  .record({ name: fc.string(), data: fc.string({ unit: "binary" }), labels: fc.dictionary(fc.string(), fc.string()) })
  .map(({ name, data, labels }) => ({ kind: "GlobalSecret", mesh: "", name, labels, spec: { data }, ...times }));

test("a page is written as JSON writes it, the first time and again", () => {
  const writer = new PageWriter(kinds);
  fc.assert(
    fc.property(fc.array(resource, { maxLength: 3 }), fc.option(fc.webUrl()), fc.nat(), (items, next, total) => {
      const plain = { total, items: items.map((item) => renderResource(item, kinds)), next };
      const expected = JSON.stringify(plain, undefined, 1);
      expect(writer.write({ total, items, next })).toBe(expected);
      expect(writer.write({ total, items, next })).toBe(expected);
    }),
  );
});
