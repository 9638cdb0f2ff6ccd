import type { ExplainAnswer } from "@meridian/client";
import type { TextStyle } from "./style.ts";
import { renderTable } from "./table.ts";

type Step = ExplainAnswer["steps"][number];
type Setting = ExplainAnswer["settings"][number];

/** The way of a request as a person reads it: step by step, then the settings that hold on it, and at the end what comes of it. */
export function renderExplanation({ steps, settings, verdict }: ExplainAnswer, style: TextStyle): string {
  const way = steps.filter(({ step }) => step !== "settings").map((step) => stepText(step, style));
  const parts = [way.join(""), settings.length > 0 ? settingsTable(settings, style) : "", verdictText(verdict, style)];
  return parts.filter((part) => part !== "").join("\n");
}

function stepText({ ok, title, lines }: Step, style: TextStyle): string {
  const sign = ok === undefined ? style.dim("·") : ok ? style.good("✓") : style.bad("✗");
  return `${sign} ${style.bold(title)}\n${lines.map((line) => `    ${line}\n`).join("")}`;
}

/** What they are about stands once for all that follow. Time limits that nobody asked for are no limits, and not worth a line. */
function settingsTable(all: readonly Setting[], style: TextStyle): string {
  const settings = all.filter(({ value, origin }) => value !== "none" || origin === "policy");
  const rows = settings.map(({ about, name, value, where, origin, policies }, index) => [
    settings[index - 1]?.about === about ? "" : about,
    name,
    shortened(value),
    where,
    origin === "policy" ? policies.map(policyText).join(", ") : style.dim(originTexts[origin]),
  ]);
  return renderTable(["IN FORCE", "SETTING", "VALUE", "WHERE", "FROM"], rows, style);
}

const longestValue = 60;

/** A format of logs would push all else off the screen. */
function shortened(value: string): string {
  const line = value.trim().replace(/\s+/g, " ");
  return line.length <= longestValue ? line : `${line.slice(0, longestValue - 1)}…`;
}

const originTexts = { default: "default", envoy: "default of Envoy" } as const;

/** `MeshTimeout/default/quick` → `MeshTimeout quick`: the mesh is that of the question. */
function policyText(key: string): string {
  const [kind = "", , name = ""] = key.split("/");
  return `${kind} ${name}`;
}

function verdictText({ outcome, text, status, policies }: ExplainAnswer["verdict"], style: TextStyle): string {
  const paint = { reaches: style.good, answered: style.good, partly: style.bad, blocked: style.bad, unknown: style.warn }[
    outcome
  ];
  const answer = outcome === "blocked" && status !== undefined ? [`the client gets ${status}`] : [];
  const deciders = policies.length > 0 ? [`decided by ${policies.map(policyText).join(", ")}`] : [];
  const more = [...answer, ...deciders].join("; ");
  return `${paint(text)}${more === "" ? "" : ` ${style.dim(`(${more})`)}`}\n`;
}
