import { describe, expect, it } from "vitest";
import { renderTemplate } from "./template.ts";

describe("renderTemplate", () => {
  it("fills in every spelling of a variable", () => {
    const text = "{{ a }} {{a}} {{{ a }}} {{& a}} {{b.c}} {{B-1}}";
    expect(renderTemplate(text, { a: "1", "b.c": "2", "B-1": "3" })).toEqual({ text: "1 1 1 1 2 3" });
  });

  it("names every variable that is not set, once", () => {
    expect(renderTemplate("{{ b }} {{ a }} {{ b }} {{ c }}", { c: "" })).toEqual({ unset: ["a", "b"] });
  });

  it("does not take inherited properties for variables, nor values for templates", () => {
    expect(renderTemplate("{{ toString }}", {})).toEqual({ unset: ["toString"] });
    expect(renderTemplate("{{ a }}", { a: "{{ b }}" })).toEqual({ text: "{{ b }}" });
  });
});
