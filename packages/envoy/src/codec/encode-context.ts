import type protobuf from "protobufjs";
import type { MessageDefinition } from "./definitions.ts";
import type { TypeRegistry } from "./registry.ts";

/** What writers of single values need of the one who writes the whole message: types, the place they are at, and messages in them. */
export interface EncodeContext {
  readonly registry: TypeRegistry;
  /** Fields of `json` as a message, without a length before it. */
  message(writer: protobuf.Writer, definition: MessageDefinition, json: unknown, ignoredKey?: string): void;
  /** Runs one step further down, for the path of errors. */
  at<T>(step: string | number, run: () => T): T;
  /** @throws EncodeError with the path of the place */
  fail(problem: string): never;
}
