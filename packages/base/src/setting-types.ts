import type { SettingType } from "./settings.ts";

/** A host and a port to listen on or to dial. */
export interface HostPort {
  readonly host: string;
  readonly port: number;
}

/** `Error` without words: the type's `expects` says enough. */
function refuse(detail = ""): never {
  throw new Error(detail);
}

export const textSetting: SettingType<string> = { expects: "a text", parse: (text) => text };

export const booleanSetting: SettingType<boolean> = {
  expects: "true or false",
  parse: (text) => (text === "true" ? true : text === "false" ? false : refuse()),
};

export function choiceSetting<const T extends string>(...choices: readonly T[]): SettingType<T> {
  return { expects: `one of ${choices.join(", ")}`, parse: (text) => choices.find((choice) => choice === text) ?? refuse() };
}

export const integerSetting: SettingType<number> = {
  expects: "a whole number",
  parse: (text) => (/^-?\d+$/.test(text) ? Number(text) : refuse()),
};

/** `host:port`, `[v6]:port`; port 0 lets the system choose. */
export const hostPortSetting: SettingType<HostPort> = {
  expects: "HOST:PORT",
  parse: (text) => {
    const match = /^(\[[0-9a-fA-F:]+\]|[^:]+):(\d{1,5})$/.exec(text);
    const port = Number(match?.[2]);
    if (!match?.[1] || port > 65535) refuse();
    return { host: match[1].replace(/^\[|\]$/g, ""), port };
  },
};

const unitsMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `500ms`, `10s`, `1h30m`, `1d` → milliseconds. */
export const durationSetting: SettingType<number> = {
  expects: "a duration like 500ms, 10s, 1h30m",
  parse: (text) => {
    if (text === "0") return 0;
    const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)];
    if (parts.length === 0 || parts.map((part) => part[0]).join("") !== text) refuse();
    return parts.reduce((sum, part) => sum + Number(part[1]) * (unitsMs[part[2] ?? ""] ?? 0), 0);
  },
};
