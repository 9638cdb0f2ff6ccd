import type protobuf from "protobufjs";
import type { MessageDefinition } from "./definitions.ts";
import type { MutableJson } from "./json.ts";
import type { TypeRegistry } from "./registry.ts";

/** What readers of single values need of the one who reads the whole message: types, and messages in them. */
export interface DecodeContext {
  readonly registry: TypeRegistry;
  /** Fields up to `end`, the position behind the message. */
  message(reader: protobuf.Reader, end: number, definition: MessageDefinition): MutableJson;
}
