import { type Pipeline, parsePipeline } from "./expression.ts";
import { builtins, checkArity, wantText } from "./functions.ts";
import { type Piece, splitTemplate } from "./split.ts";
import { isTrue, TemplateProblem, textOf, type Value } from "./value.ts";

/**
 * A template of Go's text/template as naming uses it: text, fields, functions, pipelines, variables, `if` and `with`. Loops and
 * templates in templates are refused: a name needs neither.
 */
export interface NameTemplate {
  readonly nodes: readonly TemplateNode[];
}

type TemplateNode =
  | { readonly text: string }
  | { readonly print: Pipeline }
  | {
      readonly test: Pipeline;
      /** `with`: what was tested is the dot inside. */
      readonly movesDot: boolean;
      readonly body: readonly TemplateNode[];
      readonly otherwise: readonly TemplateNode[];
    };

export interface TemplateData {
  /** Without the dot: `DisplayName`. */
  readonly fields: Readonly<Record<string, string>>;
  /** Value of a label; undefined: there is none. */
  readonly label: (key: string) => string | undefined;
}

export type TemplateResult<Value> = { readonly ok: Value } | { readonly problem: string };

const functionNames: ReadonlySet<string> = new Set([...Object.keys(builtins), "label"]);
const maxDepth = 50;

export function parseTemplate(source: string): TemplateResult<NameTemplate> {
  const split = splitTemplate(source);
  if ("problem" in split) return split;
  return attempt(() => {
    const reader = { pieces: split.pieces, at: 0 };
    const { nodes, ending } = readNodes(reader, 0);
    if (ending !== undefined) throw new TemplateProblem(`unexpected {{ ${ending} }}`);
    return { nodes };
  });
}

function attempt<Result>(work: () => Result): TemplateResult<Result> {
  try {
    return { ok: work() };
  } catch (error) {
    if (error instanceof TemplateProblem) return { problem: error.message };
    throw error;
  }
}

interface Reader {
  readonly pieces: readonly Piece[];
  at: number;
}

interface Block {
  readonly nodes: readonly TemplateNode[];
  /** `end`, or `else` with what follows it; undefined at the end of the template. */
  readonly ending: string | undefined;
}

function readNodes(reader: Reader, depth: number): Block {
  if (depth > maxDepth) throw new TemplateProblem("is nested too deeply");
  const nodes: TemplateNode[] = [];
  for (let piece = reader.pieces[reader.at++]; piece; piece = reader.pieces[reader.at++]) {
    if ("text" in piece) nodes.push(piece);
    else if (/^(?:end|else)\b/.test(piece.action)) return { nodes, ending: piece.action };
    else nodes.push(readAction(reader, piece.action, depth));
  }
  return { nodes, ending: undefined };
}

function readAction(reader: Reader, action: string, depth: number): TemplateNode {
  const [, keyword = "", rest = ""] = /^(if|with|range|define|template|block|break|continue)\b\s*(.*)$/s.exec(action) ?? [];
  if (keyword === "if" || keyword === "with") return readBranch(reader, { keyword, rest }, depth);
  if (keyword !== "") throw new TemplateProblem(`{{ ${keyword} }} is not supported in names`);
  return { print: parsePipeline(action, functionNames) };
}

function readBranch(
  reader: Reader,
  { keyword, rest }: { readonly keyword: "if" | "with"; readonly rest: string },
  depth: number,
): TemplateNode {
  const test = parsePipeline(rest, functionNames);
  const body = readNodes(reader, depth + 1);
  const branch = { test, movesDot: keyword === "with", body: body.nodes };
  if (body.ending === "end") return { ...branch, otherwise: [] };
  const [, chained, next = ""] = /^else(?:\s+(if|with)\b\s*(.*))?$/s.exec(body.ending ?? "") ?? [];
  if (chained) {
    return { ...branch, otherwise: [readBranch(reader, { keyword: chained as "if" | "with", rest: next }, depth + 1)] };
  }
  const otherwise = body.ending === "else" ? readNodes(reader, depth + 1) : undefined;
  if (otherwise?.ending !== "end") throw new TemplateProblem(`{{ ${keyword} }} has no {{ end }}`);
  return { ...branch, otherwise: otherwise.nodes };
}

interface Scope {
  readonly data: TemplateData;
  /** Undefined: the data itself, whose fields can be asked for. */
  readonly dot: { readonly value: Value } | undefined;
  readonly variables: Map<string, { value: Value }>;
}

/** A field or label that is missing is a problem: a name with a hole is another name. */
export function renderTemplate(template: NameTemplate, data: TemplateData): TemplateResult<string> {
  return attempt(() => renderNodes(template.nodes, { data, dot: undefined, variables: new Map() }));
}

function renderNodes(nodes: readonly TemplateNode[], scope: Scope): string {
  return nodes.map((node) => renderNode(node, scope)).join("");
}

function renderNode(node: TemplateNode, scope: Scope): string {
  if ("text" in node) return node.text;
  if ("print" in node) {
    const value = evaluate(node.print, scope);
    return node.print.assigns ? "" : textOf(value);
  }
  // What is declared inside ends with the block; what is assigned there stays.
  const inner = { ...scope, variables: new Map(scope.variables) };
  const value = evaluate(node.test, inner);
  if (!isTrue(value)) return renderNodes(node.otherwise, inner);
  return renderNodes(node.body, node.movesDot ? { ...inner, dot: { value } } : inner);
}

function evaluate({ commands, assigns }: Pipeline, scope: Scope): Value {
  let value: Value;
  commands.forEach((command, index) => {
    value = run(command, index > 0 ? [value] : [], scope);
  });
  if (assigns) assign(assigns, value, scope);
  return value;
}

function assign({ variable, declares }: NonNullable<Pipeline["assigns"]>, value: Value, { variables }: Scope): void {
  const known = variables.get(variable);
  if (declares) variables.set(variable, { value });
  else if (known) known.value = value;
  else throw new TemplateProblem(`undefined variable ${variable}`);
}

type Operand = Pipeline["commands"][number][number];

function run([first, ...rest]: readonly Operand[], piped: readonly Value[], scope: Scope): Value {
  if (!first) return undefined;
  if ("call" in first) return call(first.call, [...rest.map((operand) => operandValue(operand, scope)), ...piped], scope);
  if (rest.length + piped.length > 0) throw new TemplateProblem("can't give argument to non-function");
  return operandValue(first, scope);
}

function operandValue(operand: Operand, scope: Scope): Value {
  if ("constant" in operand) return operand.constant;
  if ("call" in operand) return call(operand.call, [], scope);
  if ("pipeline" in operand) return evaluate(operand.pipeline, scope);
  if ("field" in operand) return fieldValue(operand.field, scope);
  if ("variable" in operand) {
    const known = scope.variables.get(operand.variable);
    if (!known) throw new TemplateProblem(`undefined variable ${operand.variable}`);
    return known.value;
  }
  if (!scope.dot) throw new TemplateProblem("{{ . }} is no text: name one of its fields");
  return scope.dot.value;
}

function fieldValue(field: string, { dot, data }: Scope): Value {
  if (dot) throw new TemplateProblem(`can't evaluate field ${field} in a text`);
  if (!Object.hasOwn(data.fields, field)) throw new TemplateProblem(`there is no field .${field}`);
  return data.fields[field];
}

function call(name: string, args: readonly Value[], { data }: Scope): Value {
  checkArity(name, args.length);
  if (name !== "label") return builtins[name]?.(args, name);
  const key = wantText(args[0], name);
  const value = data.label(key);
  if (value === undefined) throw new TemplateProblem(`there is no label "${key}"`);
  return value;
}
