import { Type } from "@sinclair/typebox";
import { expect, it } from "vitest";
import { fillDefaults } from "./fill-defaults.ts";

const tls = Type.Object({ mode: Type.Optional(Type.String({ default: "Disabled" })) });
const schema = Type.Object({
  ports: Type.Optional(Type.Array(Type.Object({ protocol: Type.Optional(Type.String({ default: "tcp" })) }))),
  byName: Type.Optional(Type.Record(Type.String(), tls)),
  tls: Type.Optional(tls),
  limits: Type.Optional(Type.Array(Type.String(), { default: ["a"] })),
});

it("fills what is absent inside what is there", () => {
  const filled = { ports: [{ protocol: "tcp" }, { protocol: "http" }], byName: { a: { mode: "Disabled" } }, limits: ["a"] };
  expect(fillDefaults(schema, { ports: [{}, { protocol: "http" }], byName: { a: {} } })).toEqual(filled);
  expect(fillDefaults(schema, filled)).toEqual(filled);
});

it("keeps what it does not know, and never shares a default", () => {
  const odd = JSON.parse('{"tls":{"mode":"x"},"limits":[],"__proto__":{"a":1}}');
  expect(JSON.stringify(fillDefaults(schema, odd))).toBe(JSON.stringify(odd));
  const [one, other] = [fillDefaults(schema, {}), fillDefaults(schema, {})] as { limits: string[] }[];
  expect(one?.limits).not.toBe(other?.limits);
});
