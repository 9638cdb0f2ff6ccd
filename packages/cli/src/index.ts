export { CommandFailure, exitCodes } from "./failure.ts";
export { type CliIo, processIo, type TextOutput } from "./io.ts";
export { addUserCommands } from "./program.ts";
export { runCli } from "./run.ts";
