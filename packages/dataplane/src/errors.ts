import { MeridianError } from "@meridian/base";

/** Envoy is not on this host and could not be fetched. Trying again helps only if the network was the reason. */
export class EnvoyNotFoundError extends MeridianError<"ENVOY_NOT_FOUND"> {
  constructor(reason: string, options?: { readonly cause?: unknown }) {
    const wayOut = "install Envoy, or name it with --envoy-path or the environment variable ENVOY_PATH";
    super("ENVOY_NOT_FOUND", `no Envoy: ${reason}; ${wayOut}`, options);
    this.name = "EnvoyNotFoundError";
  }
}

/** The files or flags given to `dataplane run` cannot be used; every mistake is named. */
export class DataplaneInputError extends MeridianError<"DATAPLANE_INPUT"> {
  constructor(message: string, options?: { readonly cause?: unknown }) {
    super("DATAPLANE_INPUT", message, options);
    this.name = "DataplaneInputError";
  }
}

/** The control plane answered and will not serve this data plane as it is. Trying again does not help. */
export class BootstrapRefusedError extends MeridianError<"BOOTSTRAP_REFUSED"> {
  readonly status: number;

  constructor(status: number, text: string) {
    super(
      "BOOTSTRAP_REFUSED",
      `the control plane refused this data plane (${status}): ${text === "" ? "no reason given" : text}`,
    );
    this.name = "BootstrapRefusedError";
    this.status = status;
  }
}
