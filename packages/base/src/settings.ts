import { readFileSync } from "node:fs";
import { parse as parseYaml } from "yaml";
import { errorMessage } from "./errors.ts";

/** Reads one value from text; throws an Error whose message says what was expected. */
export interface SettingType<T> {
  readonly expects: string;
  parse(text: string): T;
}

export interface Setting<T> {
  readonly type: SettingType<T>;
  readonly description: string;
  /** Absent: the setting is optional and its value may be undefined. */
  readonly default?: T;
  /** Masked wherever the effective settings are shown. */
  readonly secret?: boolean;
}

// biome-ignore lint/suspicious/noExplicitAny: a table of settings holds settings of every type; `SettingValues` recovers each one.
export type SettingTable = Readonly<Record<string, Setting<any>>>;

export type SettingValues<Table extends SettingTable> = {
  readonly [Name in keyof Table]: Table[Name] extends Setting<infer T>
    ? Table[Name] extends { readonly default: T }
      ? T
      : T | undefined
    : never;
};

export interface SettingSources {
  /** From the command line, by camelCase name. */
  readonly flags: Readonly<Record<string, unknown>>;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Path of a YAML file of camelCase keys. */
  readonly file?: string;
}

export interface SettingProblem {
  /** Where it was read: `--kds-listen`, `MERIDIAN_KDS_LISTEN`, `kdsListen in FILE`. */
  readonly source: string;
  readonly message: string;
}

/** Carries every mistake of all sources, so that one start reports them all. */
export class SettingsError extends Error {
  readonly problems: readonly SettingProblem[];

  constructor(problems: readonly SettingProblem[]) {
    super(`the settings are not usable:\n${problems.map((p) => `  ${p.source}: ${p.message}`).join("\n")}`);
    this.name = "SettingsError";
    this.problems = problems;
  }
}

/** `kdsListen` → `--kds-listen`. */
export function flagOf(name: string): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** `kdsListen` → `MERIDIAN_KDS_LISTEN`. */
export function envOf(name: string): string {
  return `MERIDIAN_${name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
}

/**
 * Reads all settings: file < environment < flag. Keys of the file that no setting has are mistakes too.
 * @throws SettingsError with every mistake.
 */
export function loadSettings<Table extends SettingTable>(table: Table, sources: SettingSources): SettingValues<Table> {
  const problems: SettingProblem[] = [];
  const file = readSettingsFile(sources.file, problems);
  for (const key of Object.keys(file)) {
    if (!(key in table))
      problems.push({
        source: `${key} in ${sources.file}`,
        message: `no such setting; known: ${Object.keys(table).sort().join(", ")}`,
      });
  }
  const values: Record<string, unknown> = {};
  for (const [name, setting] of Object.entries(table)) {
    const found = firstGiven([
      { source: flagOf(name), value: sources.flags[name] },
      { source: envOf(name), value: sources.env[envOf(name)] },
      { source: `${name} in ${sources.file}`, value: file[name] },
    ]);
    values[name] = found === undefined ? setting.default : parseOne(setting, found, problems);
  }
  if (problems.length > 0) throw new SettingsError(problems);
  return values as SettingValues<Table>;
}

/** The effective settings for `/config`: secrets and passwords in URLs masked. */
export function maskSettings(table: SettingTable, values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(values)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [name, table[name]?.secret ? "*****" : maskUrlPassword(value)]),
  );
}

function maskUrlPassword(value: unknown): unknown {
  return typeof value === "string" ? value.replace(/(\w+:\/\/[^:/@\s]+:)[^@\s]+@/, "$1*****@") : value;
}

function readSettingsFile(path: string | undefined, problems: SettingProblem[]): Record<string, unknown> {
  if (path === undefined) return {};
  try {
    const content: unknown = parseYaml(readFileSync(path, "utf8")) ?? {};
    if (typeof content === "object" && content !== null && !Array.isArray(content)) return content as Record<string, unknown>;
    problems.push({ source: path, message: "must be a YAML mapping of setting names to values" });
  } catch (error) {
    problems.push({ source: path, message: errorMessage(error) });
  }
  return {};
}

interface Given {
  readonly source: string;
  readonly value: unknown;
}

function firstGiven(candidates: readonly Given[]): Given | undefined {
  return candidates.find((candidate) => candidate.value !== undefined && candidate.value !== "");
}

function parseOne(setting: Setting<unknown>, given: Given, problems: SettingProblem[]): unknown {
  const text = Array.isArray(given.value) ? given.value.join(",") : String(given.value);
  try {
    return setting.type.parse(text);
  } catch (error) {
    const shown = setting.secret ? "the given value" : JSON.stringify(maskUrlPassword(text));
    problems.push({ source: given.source, message: `${shown} is not ${setting.type.expects}${detailOf(error)}` });
    return undefined;
  }
}

function detailOf(error: unknown): string {
  const message = errorMessage(error);
  return message ? ` (${message})` : "";
}
