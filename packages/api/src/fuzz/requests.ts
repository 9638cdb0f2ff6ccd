import fc from "fast-check";
import { stringify } from "yaml";
import type { Written } from "./documents.ts";
import { anyValue, anyWord, rawJson } from "./values.ts";

export interface Request {
  readonly method: string;
  readonly url: string;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

const json = { "content-type": "application/json" };
const yaml = { "content-type": "application/yaml" };
const types = ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/json; charset=utf-16", "x"];

/** What YAML has and JSON has not. */
const oddYaml = [
  "a: &a [*a]",
  "a: &a {b: 1}\nc: *a\n<<: *a",
  "x: &x [a,a,a]\ny: &y [*x,*x,*x,*x]\nz: &z [*y,*y,*y,*y]\nw: [*z,*z,*z,*z]",
  "? [a, b]\n: c",
  "type: !!binary aGVsbG8=",
  "type: !!js/function 'x'",
  "a: 0x1F\nb: 0o17\nc: .inf\nd: .nan\ne: ~\nf: 2026-01-02\ng: 1_000\nh: yes",
  "a: 1\na: 2",
  "a: |\n  b\n c",
  "\tb: 1",
  "%YAML 3.0\n---\na: 1",
  "a: \u0000",
  "[".repeat(3_000),
  "- ".repeat(3_000),
  "{a: ".repeat(3_000),
];

/** A PUT, mostly to the place that the document says. */
function put(documents: fc.Arbitrary<Written>): fc.Arbitrary<Request> {
  const slip = fc.option(fc.oneof(anyWord, fc.string({ unit: "binary", minLength: 1, maxLength: 300 })), {
    freq: 1,
    nil: undefined,
  });
  return fc.tuple(documents, fc.nat(9), slip).map(([{ kind, name, document }, chance, other]) => {
    const ownName = chance === 0 && other !== undefined ? other : name;
    const prefix = kind.scope === "mesh" ? `/meshes/${chance === 1 && other !== undefined ? pathPart(other) : "default"}` : "";
    return { method: "PUT", url: `${prefix}/${kind.path}/${pathPart(ownName)}`, body: rawJson(document), headers: json };
  });
}

function batch(documents: fc.Arbitrary<Written>): fc.Arbitrary<Request> {
  const key = documents.map(({ kind, name }) => ({ type: kind.kind, mesh: kind.scope === "mesh" ? "default" : "", name }));
  const deletes = fc.option(fc.array(fc.oneof({ arbitrary: key, weight: 4 }, anyValue), { maxLength: 2 }), { freq: 2 });
  const more = fc.dictionary(fc.constantFrom("text", "message", "dryRun", "mesh", "initialPolicies", "__proto__"), anyValue, {
    maxKeys: 1,
  });
  return fc
    .tuple(
      fc.array(fc.oneof({ arbitrary: documents.map(({ document }) => document), weight: 9 }, anyValue), { maxLength: 4 }),
      deletes,
      more,
    )
    .map(([list, gone, fields]) => ({
      method: "POST",
      url: "/apply",
      body: rawJson({ documents: list, ...(gone && { deletes: gone }), ...fields }),
      headers: json,
    }));
}

function yamlBatch(documents: fc.Arbitrary<Written>): fc.Arbitrary<Request> {
  const texts = fc.oneof(
    { arbitrary: documents.map(({ document }) => stringify(document)), weight: 6 },
    fc.constantFrom(...oddYaml),
    anyWord,
  );
  return fc
    .array(texts, { minLength: 1, maxLength: 4 })
    .map((list) => ({ method: "POST", url: "/apply", body: list.join("\n---\n"), headers: yaml }));
}

/** Bodies that no client of ours sends. */
function strange(documents: fc.Arbitrary<Written>): fc.Arbitrary<Request> {
  const bodies = fc.oneof(
    anyValue.map(rawJson),
    fc.string({ unit: "binary" }),
    fc.constantFrom("", " ", "null", "\ufeff{}", "{}{}"),
  );
  return fc.oneof(
    fc.tuple(put(documents), bodies).map(([request, body]) => ({ ...request, body })),
    bodies.map((body) => ({ method: "POST", url: "/apply", body, headers: json })),
    fc
      .tuple(put(documents), fc.constantFrom(...types))
      .map(([request, type]) => ({ ...request, headers: { "content-type": type } })),
    fc.tuple(put(documents), fc.constantFrom("gzip", "br")).map(([request, encoding]) => ({
      ...request,
      headers: { ...json, "content-encoding": encoding },
    })),
  );
}

export function anyRequest(documents: fc.Arbitrary<Written>): fc.Arbitrary<Request> {
  return fc.oneof(
    { arbitrary: put(documents), weight: 6 },
    { arbitrary: batch(documents), weight: 3 },
    { arbitrary: yamlBatch(documents), weight: 2 },
    { arbitrary: strange(documents), weight: 1 },
  );
}

/** A lone surrogate cannot be in a URL at all. */
function pathPart(text: string): string {
  return encodeURIComponent(text.replace(/\p{Surrogate}/gu, "x"));
}
