export { Backoff, type BackoffOptions } from "./backoff.ts";
export { type Clock, delay, systemClock } from "./clock.ts";
export { errorMessage, MeridianError } from "./errors.ts";
export { Latest } from "./latest.ts";
export { type Component, Lifecycle } from "./lifecycle.ts";
export { createLogger, type Logger, type LoggerOptions, silentLogger } from "./logger.ts";
export { Counter, createRegistry, Gauge, Histogram, Registry } from "./metrics.ts";
export {
  booleanSetting,
  choiceSetting,
  durationSetting,
  type HostPort,
  hostPortSetting,
  integerSetting,
  textSetting,
} from "./setting-types.ts";
export {
  envOf,
  flagOf,
  loadSettings,
  maskSettings,
  type Setting,
  type SettingProblem,
  type SettingSources,
  SettingsError,
  type SettingTable,
  type SettingType,
  type SettingValues,
} from "./settings.ts";
export { didYouMean, isNear, squash } from "./spelling.ts";
