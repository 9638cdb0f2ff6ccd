/** A template taken apart: text, and what stands between `{{` and `}}`, trimmed. Comments are gone. */
export type Piece = { readonly text: string } | { readonly action: string };

/** White space beside `{{-` and `-}}` goes, as Go's text/template has it. */
export function splitTemplate(source: string): { readonly pieces: readonly Piece[] } | { readonly problem: string } {
  const pieces: Piece[] = [];
  let rest = source;
  let trimsNext = false;
  while (rest !== "") {
    const open = rest.indexOf("{{");
    const text = open < 0 ? rest : rest.slice(0, open);
    const close = open < 0 ? -1 : endOfAction(rest, open);
    if (open >= 0 && close < 0) return { problem: `unclosed action: ${rest.slice(open, open + 40)}` };
    const inner = open < 0 ? "" : rest.slice(open + 2, close);
    const trimmed = trimsNext ? text.trimStart() : text;
    pieces.push({ text: /^-\s/.test(inner) ? trimmed.trimEnd() : trimmed });
    if (open < 0) break;
    trimsNext = /\s-$/.test(inner);
    const action = inner.replace(/^-(?=\s)/, "").replace(/(?<=\s)-$/, "");
    if (!/^\s*\/\*[\s\S]*\*\/\s*$/.test(action)) pieces.push({ action: action.trim() });
    rest = rest.slice(close + 2);
  }
  return { pieces: pieces.filter((piece) => !("text" in piece && piece.text === "")) };
}

/** Where the `}}` stands that ends the action: not inside of a quoted text. */
function endOfAction(text: string, open: number): number {
  const pattern = /"(?:[^"\\\n]|\\.)*"|`[^`]*`|\/\*[\s\S]*?\*\/|\}\}/g;
  pattern.lastIndex = open + 2;
  for (let match = pattern.exec(text); match; match = pattern.exec(text)) if (match[0] === "}}") return match.index;
  return -1;
}
