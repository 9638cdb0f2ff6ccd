import type { Revision } from "@meridian/model";

/** Which request to explain; `header` holds `name:value`s. */
export interface ExplainRequest {
  readonly from: string;
  readonly to: string;
  readonly path?: string;
  readonly method?: string;
  readonly header?: readonly string[];
  readonly zone?: string;
}

/** The way of a request, as far as a command line shows it; the rest is passed on as it comes. */
export interface ExplainAnswer {
  readonly revision: Revision;
  readonly verdict: {
    readonly outcome: "reaches" | "partly" | "blocked" | "answered" | "unknown";
    readonly text: string;
    readonly status?: number;
    /** `Kind/mesh/name`. */
    readonly policies: readonly string[];
  };
  readonly steps: readonly {
    readonly step: string;
    readonly title: string;
    /** Absent: neither good nor bad, or not known. */
    readonly ok?: boolean;
    readonly lines: readonly string[];
  }[];
  readonly settings: readonly {
    readonly about: string;
    readonly where: string;
    readonly name: string;
    readonly value: string;
    readonly origin: "policy" | "default" | "envoy";
    readonly policies: readonly string[];
  }[];
}
