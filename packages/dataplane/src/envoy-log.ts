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
    if (known) logger[known]({ component: name, message: readable(message ?? "") }, "envoy");
    else if (line !== "") logger.info({ message: line }, "envoy");
  });
}

/**
 * Why a control plane ended a stream comes as it travelled, percent-encoded (gRPC over HTTP2, `Status-Message`): the one line that
 * says that a token has expired should be read without effort.
 */
function readable(message: string): string {
  if (!message.includes("gRPC config stream")) return message;
  return message.replace(/(?:%[0-9A-F]{2})+/gi, (escaped) => {
    try {
      return decodeURIComponent(escaped);
    } catch {
      return escaped;
    }
  });
}
