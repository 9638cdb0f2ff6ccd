import { MeridianError } from "@meridian/base";

/** A value does not fit its proto message. Never a user's mistake by itself: kinds validate first; raw patches catch and report it. */
export class EncodeError extends MeridianError<"ENVOY_ENCODE"> {
  /** Where in the JSON: `filterChains[0].filters[1].typedConfig.statPrefx`. */
  readonly path: string;

  constructor(path: string, problem: string) {
    super("ENVOY_ENCODE", path === "" ? problem : `${path}: ${problem}`);
    this.name = "EncodeError";
    this.path = path;
  }
}

/** The proto tree has no such type, or bytes are not a message of it. */
export class UnknownTypeError extends MeridianError<"ENVOY_UNKNOWN_TYPE"> {
  constructor(typeName: string) {
    super("ENVOY_UNKNOWN_TYPE", `the Envoy API has no type ${typeName}`);
    this.name = "UnknownTypeError";
  }
}
