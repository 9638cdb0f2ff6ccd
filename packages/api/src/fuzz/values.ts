import fc from "fast-check";

/** What stands in documents of meshes. */
const words = [
  ...["a", "b", "backend", "*", "default", "n1", "http", "tcp", "grpc", "ca-1", "kuma.io/service", "kuma.io/protocol", "version"],
  ...["kuma.io/zone", "kuma.io/display-name", "Mesh", "MeshService", "MeshSubset", "Dataplane", "10.0.0.1", "10.0.0.0/8", "::1"],
  ...[
    "a.example.com",
    "*.example.com",
    "https://a.example.com:443/x?y=z",
    "/path",
    "{{.service}}.mesh",
    "{{ .Name",
    "50%",
    "0.5",
  ],
  ...["1", "", " ", "-", "x".repeat(254), "spiffe://default/a", "unix:///tmp/x", "2026-01-02T03:04:05Z", "[", "^(a+)+$"],
];
/** Names that mean something to JavaScript. */
const treacherous = ["__proto__", "constructor", "prototype", "toString", "hasOwnProperty", "valueOf", "length"];
/** What stores, logs and paths stumble over: NUL, half a surrogate pair, a byte order mark, right-to-left marks, combining marks. */
const odd = [
  "\u0000",
  "a\u0000b",
  "\ud800",
  "\ufeff",
  "\u202e",
  "é",
  "e\u0301",
  "💥",
  "\r\n",
  "\u2028",
  "../..",
  "%2e%2e",
  "a/b",
  "a~1b",
];

export const anyWord: fc.Arbitrary<string> = fc.oneof(
  { arbitrary: fc.constantFrom(...words), weight: 8 },
  fc.constantFrom(...treacherous),
  fc.constantFrom(...odd),
  fc.string({ unit: "binary", maxLength: 12 }),
);

/**
 * JSON that `JSON.stringify` never writes: a text that begins so stands in a document for its rest, as it is (`rawJson`).
 */
const rawPrefix = "raw:";
const raw = [
  ...["1e400", "-1e400", "-0", "12345678901234567890", "1E-400", "0.1e1", "01", "NaN", "Infinity", "{", "]", "undefined"],
  ...['{"a":1,"a":2}', '{"__proto__":{"x":1},"__proto__":{"y":2}}', '"\\u0000"', '"\\ud800"', "'a'", "/* x */ 1"],
  ...[`${"[".repeat(500)}${"]".repeat(500)}`, `${'{"a":'.repeat(5_000)}1${"}".repeat(5_000)}`, "[".repeat(20_000)],
  `"${"x".repeat(100_000)}"`,
];

/** Anything that JSON can hold, and some that it cannot. */
export const anyValue: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    anyWord,
    fc.constant(null),
    fc.integer(),
    fc.double(),
    fc.boolean(),
    fc.constantFrom(...raw.map((text) => rawPrefix + text)),
    tie("list"),
    tie("object"),
  ),
  list: fc.array(tie("value"), { maxLength: 4 }),
  object: fc.dictionary(anyWord, tie("value"), { maxKeys: 4 }),
})).value;

/** The text of a JSON value, with what stands for raw text as that. */
export function rawJson(value: unknown): string {
  const text = JSON.stringify(value) ?? "null";
  return text.replaceAll(/"raw:((?:[^"\\]|\\.)*)"/g, (_, written: string) => JSON.parse(`"${written}"`) as string);
}
