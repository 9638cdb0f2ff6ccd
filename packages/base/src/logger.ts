import { type DestinationStream, type Logger as PinoLogger, pino } from "pino";

/** Messages are constant; what varies goes into the fields, so that logs can be counted and searched. */
export type Logger = PinoLogger;

export interface LoggerOptions {
  readonly name: string;
  readonly level?: string;
  /** Where lines go; stderr when absent, so that stdout stays for a command's answer. */
  readonly destination?: DestinationStream;
}

/** Fields that could hold a secret never reach a log, wherever they appear up to two levels deep. */
const secretFields = ["token", "authorization", "data", "key", "privateKey", "password", "dataplaneToken"];

export function createLogger(options: LoggerOptions): Logger {
  return pino(
    {
      name: options.name,
      level: options.level ?? "info",
      redact: { paths: secretFields.flatMap((field) => [field, `*.${field}`]), censor: "***" },
    },
    options.destination ?? pino.destination({ dest: 2, sync: true }),
  );
}

/** For tests and for code paths that must stay quiet. */
export const silentLogger: Logger = pino({ level: "silent" });
