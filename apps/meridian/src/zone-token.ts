import { readFile } from "node:fs/promises";
import { MeridianError, type SettingValues } from "@meridian/base";
import type { zoneSettings } from "./settings.ts";

export type ZoneSettings = SettingValues<typeof zoneSettings>;

/** The token of `--token` or `--token-file`; a file is read again at each attempt, so that it can be replaced. */
export function tokenSource(values: ZoneSettings): (() => Promise<string>) | string | undefined {
  if (values.token !== undefined && values.tokenFile !== undefined) {
    throw new MeridianError("TWO_TOKENS", "give either --token or --token-file, not both");
  }
  const file = values.tokenFile;
  return file === undefined ? values.token : () => readToken(file);
}

/** The zone's name: as given, else the one that its token is for, else `default`. */
export async function zoneName(values: ZoneSettings): Promise<string> {
  return values.name ?? zoneOfToken(await currentToken(values)) ?? "default";
}

export async function currentToken(values: ZoneSettings): Promise<string | undefined> {
  const source = tokenSource(values);
  return typeof source === "function" ? source() : source;
}

/** Claims of a token, unchecked: for a message or a default, never for a decision. Undefined when it is not a JWT. */
export function claimsOf(token: string | undefined): Readonly<Record<string, unknown>> | undefined {
  try {
    return JSON.parse(Buffer.from(token?.split(".")[1] ?? "", "base64url").toString("utf8")) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}

function zoneOfToken(token: string | undefined): string | undefined {
  const zone = claimsOf(token)?.["Zone"];
  return typeof zone === "string" && zone !== "" ? zone : undefined;
}

async function readToken(file: string): Promise<string> {
  try {
    return (await readFile(file, "utf8")).trim();
  } catch (error) {
    throw new MeridianError("TOKEN_FILE", `the token file ${file} cannot be read`, { cause: error });
  }
}
