import fc from "fast-check";
import { expect, it } from "vitest";
import { parseTemplate, renderTemplate } from "./go-template.ts";

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
  ["{{ .Name[4 }}.mesh", '{{ .Name[4 }} is not understood: only {{ .Field }} and {{ label "key" }} are'],
  ["{{ if .Name }}a{{ end }}", '{{ if .Name }} is not understood: only {{ .Field }} and {{ label "key" }} are'],
])("%s", (source, expected) => expect(render(source)).toBe(expected));

it("never throws, and leaves text as it is", () => {
  const part = fc.oneof(
    fc.constantFrom("{{", "}}", "-", '"', "`", ".Name", "label", " ", "\\", "/*", "*/"),
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
