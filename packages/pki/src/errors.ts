import { MeridianError } from "@meridian/base";

/** A certificate or key cannot be used. The message never holds key material or a library's own text, which might. */
export class PkiError extends MeridianError<"PKI_INVALID"> {
  constructor(message: string) {
    super("PKI_INVALID", message);
    this.name = "PkiError";
  }
}
