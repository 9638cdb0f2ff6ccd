import fc from "fast-check";
import { expect, it } from "vitest";
import { parseTemplate, renderTemplate } from "./template.ts";

function render(source: string): string {
  const parsed = parseTemplate(source);
  if ("problem" in parsed) return parsed.problem;
  const data = { fields: { Name: "web", Zone: "east" }, label: (key: string) => (key === "team" ? "core" : undefined) };
  const rendered = renderTemplate(parsed.ok, data);
  return "ok" in rendered ? rendered.ok : rendered.problem;
}

it.each([
  ["", ""],
  ["a.mesh", "a.mesh"],
  ["{{ .Name }}.{{.Zone}}.mesh", "web.east.mesh"],
  ['{{ label "team" }}.mesh', "core.mesh"],
  ["{{ label `team` }}", "core"],
  ["a {{- .Name -}} b", "awebb"],
  ["{{ .Name }}{{/* }} */}}{{ `}}` }}", "web}}"],
  ['{{ "a\\"b" }}', 'a"b'],
  ["{{ .Nope }}", "there is no field .Nope"],
  ["{{ .toString }}", "there is no field .toString"],
  ['{{ label "none" }}', 'there is no label "none"'],
  ["{{ .Name", "unclosed action: {{ .Name"],
  ["{{ .Name[4 }}.mesh", 'unexpected "[" in {{ .Name[4 }}'],
  ["{{ .Name.Other }}", "unexpected .Other in {{ .Name.Other }}"],
  ["{{ if .Name }}a{{ end }}", "a"],
  ['{{ if eq .Zone "west" }}w{{ else if eq .Zone "east" "north" }}e{{ else }}x{{ end }}.mesh', "e.mesh"],
  ['{{ if and .Name (not .Zone) }}a{{ else }}{{ or "" .Zone }}{{ end }}', "east"],
  ["{{ with .Zone }}{{ . }}.zone{{ else }}none{{ end }}", "east.zone"],
  ['{{ with "" }}{{ . }}{{ else with .Name }}{{ . }}{{ end }}', "web"],
  ['{{ .Name | printf "%s-%s" .Zone }}', "east-web"],
  ['{{ printf "%-5s|%5s|%05d|%.2s|%q|%v%%" .Name .Zone 42 .Zone "a" true }}', 'web  | east|00042|ea|"a"|true%'],
  ["{{ slice .Name 0 2 }}{{ len .Name }}{{ print 1 2 .Name }}", "we31 2web"],
  ["{{ $n := .Name }}{{ $z := slice .Zone 1 }}{{ $n }}-{{ $z }}", "web-ast"],
  ['{{ $n := "a" }}{{ if true }}{{ $n = "b" }}{{ $n := "c" }}{{ end }}{{ $n }}', "b"],
  ['{{ label "team" | urlquery }}{{ html "<" }}', "core&#60;"],
  ["{{ if lt 1 2 }}a{{ end }}{{ if ge .Name .Zone }}b{{ end }}", "ab"],
  ["{{ upper .Name }}", 'function "upper" not defined'],
  ["{{ .Name .Zone }}", "can't give argument to non-function"],
  ["{{ eq .Name 1 }}", "eq: incompatible types for comparison"],
  ["{{ slice .Name 2 9 }}", "slice: index out of range: 2, 9"],
  ['{{ printf "%d" .Name }}', 'printf: %d does not fit "web"'],
  ['{{ printf "%s" }}', "printf: nothing is left for %s"],
  ['{{ printf "%99999s" .Name }}', "printf: %99999s is too wide"],
  ["{{ len }}", "wrong number of args for len: got 0"],
  ["{{ $x }}", "undefined variable $x"],
  ["{{ . }}", "{{ . }} is no text: name one of its fields"],
  ["{{ if .Name }}a", "{{ if }} has no {{ end }}"],
  ["a{{ end }}", "unexpected {{ end }}"],
  ["{{ range .Name }}{{ end }}", "{{ range }} is not supported in names"],
  [`{{ ${"(".repeat(60)}.Name${")".repeat(60)} }}`, "is nested too deeply"],
])("%s", (source, expected) => expect(render(source)).toBe(expected));

it("never throws, and leaves text as it is", () => {
  const part = fc.oneof(
    fc.constantFrom("{{", "}}", "-", '"', "`", ".Name", "label", " ", "\\", "/*", "*/", "|", "(", ")", "$x", ":="),
    fc.constantFrom("{{ if ", "{{ with ", "{{ else }}", "{{ end }}", 'printf "%s" ', "eq ", "slice ", "1 ", "nil "),
    fc.string({ maxLength: 3 }),
  );
  fc.assert(fc.property(fc.array(part), (parts) => void render(parts.join(""))));
  fc.assert(
    fc.property(
      fc.string().filter((text) => !text.includes("{{")),
      (text) => {
        expect(render(text)).toBe(text);
      },
    ),
  );
});
