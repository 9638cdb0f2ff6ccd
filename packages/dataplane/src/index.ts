export { BootstrapRefusedError, DataplaneInputError, EnvoyNotFoundError } from "./errors.ts";
export { defaultCacheDirectory, type FindEnvoyOptions, findEnvoy } from "./find-envoy.ts";
export { defaultDrainTimeMs, defaultReadiness, type ProxyType, type RunDataplaneOptions } from "./options.ts";
export { runDataplane } from "./run-dataplane.ts";
