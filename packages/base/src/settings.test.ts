import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { choiceSetting, durationSetting, hostPortSetting, integerSetting, textSetting } from "./setting-types.ts";
import { envOf, flagOf, loadSettings, maskSettings, SettingsError } from "./settings.ts";

const table = {
  apiListen: { type: hostPortSetting, default: { host: "127.0.0.1", port: 5681 }, description: "" },
  store: { type: textSetting, description: "" },
  grace: { type: durationSetting, default: 500, description: "" },
  auth: { type: choiceSetting("token", "none"), default: "token" as const, description: "" },
  token: { type: textSetting, secret: true, description: "" },
  size: { type: integerSetting, default: 1, description: "" },
};

function fileOf(text: string): string {
  const path = join(mkdtempSync(join(tmpdir(), "settings-")), "config.yaml");
  writeFileSync(path, text);
  return path;
}

describe("settings", () => {
  it("prefers the flag over the environment over the file over the default", () => {
    const file = fileOf("grace: 2s\nsize: 3\nauth: none\n");
    const values = loadSettings(table, { flags: { grace: "1m" }, env: { MERIDIAN_GRACE: "3s", MERIDIAN_SIZE: "4" }, file });
    expect(values).toMatchObject({ grace: 60_000, size: 4, auth: "none", apiListen: { host: "127.0.0.1", port: 5681 } });
    expect(values.store).toBeUndefined();
  });

  it("reports every mistake of all sources in one run", () => {
    const file = fileOf("unknownKey: 1\nsize: many\n");
    const load = (): unknown => loadSettings(table, { flags: { apiListen: "5681" }, env: { MERIDIAN_AUTH: "maybe" }, file });
    expect(load).toThrow(SettingsError);
    try {
      load();
    } catch (error) {
      const sources = (error as SettingsError).problems.map((problem) => problem.source);
      expect(sources).toEqual([`unknownKey in ${file}`, "--api-listen", "MERIDIAN_AUTH", `size in ${file}`]);
      expect((error as Error).message).toContain('--api-listen: "5681" is not HOST:PORT');
    }
  });

  it("masks secrets and passwords in URLs", () => {
    expect(maskSettings(table, { token: "abc", store: "postgres://user:pw@host/db", size: 1 })).toEqual({
      token: "*****",
      store: "postgres://user:*****@host/db",
      size: 1,
    });
  });

  it("derives flag and environment names", () => {
    expect(flagOf("kdsListen")).toBe("--kds-listen");
    expect(envOf("kdsListen")).toBe("MERIDIAN_KDS_LISTEN");
  });
});
