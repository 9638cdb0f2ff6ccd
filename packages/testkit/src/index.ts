export { type BundledProgram, bundleProgram } from "./bundle-program.ts";
export { type EchoAnswer, type EchoOptions, type EchoUpstream, startEcho } from "./echo.ts";
export { type StartEnvoyOptions, startEnvoy, type TestEnvoy, validateConfig } from "./envoy.ts";
export { freePorts } from "./ports.ts";
export { startPostgres } from "./postgres.ts";
export type { TestPostgres } from "./test-postgres.ts";
export { type WaitOptions, waitFor } from "./wait.ts";
