import { booleanSetting, choiceSetting, durationSetting, hostPortSetting, loadSettings, textSetting } from "@meridian/base";
import { expect, test } from "vitest";
import { helpOf } from "./setting-help.ts";
import { globalSettings, zoneSettings } from "./settings.ts";

test("help names the default of a setting as a user would write it", () => {
  const description = "words";
  expect(helpOf({ type: hostPortSetting, default: { host: "0.0.0.0", port: 5685 }, description })).toBe(
    "words (default: 0.0.0.0:5685)",
  );
  for (const [ms, text] of [
    [15_000, "15s"],
    [90_000, "90s"],
    [500, "500ms"],
    [3_600_000, "1h"],
    [0, "0"],
  ] as const) {
    expect(helpOf({ type: durationSetting, default: ms, description })).toBe(`words (default: ${text})`);
  }
  expect(helpOf({ type: choiceSetting("a", "b"), default: "b", description })).toBe("words (one of a, b; default: b)");
  expect(helpOf({ type: booleanSetting, default: true, description })).toBe("words (true or false; default: true)");
  expect(helpOf({ type: booleanSetting, default: false, description })).toBe("words");
  expect(helpOf({ type: textSetting, default: "", description })).toBe("words");
  expect(helpOf({ type: textSetting, description })).toBe("words");
});

test("a default that help names, given as a flag, is that default", () => {
  for (const table of [globalSettings, zoneSettings]) {
    const named = Object.entries(table).flatMap(([name, setting]) => {
      const text = /default: ([^)]*)\)$/.exec(helpOf(setting))?.[1];
      return text === undefined ? [] : [[name, text] as const];
    });
    expect(named.length).toBeGreaterThan(5);
    const flags = Object.fromEntries(named);
    expect(loadSettings(table, { flags, env: {} })).toEqual(loadSettings(table, { flags: {}, env: {} }));
  }
});
