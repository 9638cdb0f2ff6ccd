/**
 * The part of Go's text/template that naming uses: text, `{{ .Field }}`, `{{ label "key" }}`, quoted text, comments, and `{{-`, `-}}`
 * to swallow white space. Conditions, loops and pipelines are not understood, and said to be so.
 */
export interface NameTemplate {
  readonly parts: readonly TemplatePart[];
}

type TemplatePart = { readonly text: string } | { readonly field: string } | { readonly label: string };

export interface TemplateData {
  /** Without the dot: `DisplayName`. */
  readonly fields: Readonly<Record<string, string>>;
  /** Value of a label; undefined: there is none. */
  readonly label: (key: string) => string | undefined;
}

export type TemplateResult<Value> = { readonly ok: Value } | { readonly problem: string };

const quoted = /^"(?:[^"\\\n]|\\.)*"$|^`[^`]*`$/;
const field = /^\.([\p{L}_][\p{L}\p{Nd}_]*)$/u;
const labelCall = /^label\s+("(?:[^"\\\n]|\\.)*"|`[^`]*`)$/;

export function parseTemplate(source: string): TemplateResult<NameTemplate> {
  const parts: TemplatePart[] = [];
  let rest = source;
  let trimsNext = false;
  while (rest !== "") {
    const open = rest.indexOf("{{");
    const text = open < 0 ? rest : rest.slice(0, open);
    const close = open < 0 ? -1 : endOfAction(rest, open);
    if (open >= 0 && close < 0) return { problem: `unclosed action: ${rest.slice(open, open + 40)}` };
    const inner = open < 0 ? "" : rest.slice(open + 2, close);
    const trimsBefore = /^-\s/.test(inner);
    const trimmed = trimsNext ? text.trimStart() : text;
    parts.push({ text: trimsBefore ? trimmed.trimEnd() : trimmed });
    if (open < 0) break;
    trimsNext = /\s-$/.test(inner);
    const part = parseAction(
      inner
        .replace(/^-(?=\s)/, "")
        .replace(/(?<=\s)-$/, "")
        .trim(),
    );
    if ("problem" in part) return part;
    parts.push(part.ok);
    rest = rest.slice(close + 2);
  }
  return { ok: { parts: parts.filter((part) => !("text" in part && part.text === "")) } };
}

/** Where the `}}` stands that ends the action: not inside of a quoted text. */
function endOfAction(text: string, open: number): number {
  const pattern = /"(?:[^"\\\n]|\\.)*"|`[^`]*`|\/\*[\s\S]*?\*\/|\}\}/g;
  pattern.lastIndex = open + 2;
  for (let match = pattern.exec(text); match; match = pattern.exec(text)) if (match[0] === "}}") return match.index;
  return -1;
}

function parseAction(action: string): TemplateResult<TemplatePart> {
  const name = field.exec(action)?.[1];
  if (name !== undefined) return { ok: { field: name } };
  if (quoted.test(action)) return textOf(action, (text) => ({ text }));
  const key = labelCall.exec(action)?.[1];
  if (key !== undefined) return textOf(key, (label) => ({ label }));
  if (/^\/\*[\s\S]*\*\/$/.test(action)) return { ok: { text: "" } };
  return { problem: `{{ ${action} }} is not understood: only {{ .Field }} and {{ label "key" }} are` };
}

function textOf(literal: string, part: (text: string) => TemplatePart): TemplateResult<TemplatePart> {
  if (literal.startsWith("`")) return { ok: part(literal.slice(1, -1)) };
  try {
    return { ok: part(String(JSON.parse(literal))) };
  } catch {
    return { problem: `${literal} is not a quoted text` };
  }
}

/** A label that is missing is a problem: a name with a hole is another name. */
export function renderTemplate(template: NameTemplate, data: TemplateData): TemplateResult<string> {
  let rendered = "";
  for (const part of template.parts) {
    const value = partText(part, data);
    if (value === undefined) {
      const what =
        "field" in part ? `there is no field .${part.field}` : "label" in part ? `there is no label "${part.label}"` : "";
      return { problem: what };
    }
    rendered += value;
  }
  return { ok: rendered };
}

function partText(part: TemplatePart, { fields, label }: TemplateData): string | undefined {
  if ("text" in part) return part.text;
  if ("label" in part) return label(part.label);
  return Object.hasOwn(fields, part.field) ? fields[part.field] : undefined;
}
