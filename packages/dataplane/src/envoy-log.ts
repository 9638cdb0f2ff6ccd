import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import type { Logger } from "@meridian/base";

/** `--log-format` for Envoy: level, logger and message. Our own log adds the time. */
export const envoyLogFormat = "%l|%n|%v";

const levels: Readonly<Record<string, "trace" | "debug" | "info" | "warn" | "error">> = {
  trace: "trace",
  debug: "debug",
  info: "info",
  warning: "warn",
  error: "error",
  critical: "error",
};

/** Hands Envoy's lines on at the level that Envoy gave them. */
export function forwardEnvoyLog(output: Readable, logger: Logger): void {
  createInterface({ input: output }).on("line", (line) => {
    const [, level, name, message] = /^(\w+)\|([\w.]*)\|(.*)$/.exec(line) ?? [];
    const known = levels[level ?? ""];
    if (known) logger[known]({ component: name, message }, "envoy");
    else if (line !== "") logger.info({ message: line }, "envoy");
  });
}
