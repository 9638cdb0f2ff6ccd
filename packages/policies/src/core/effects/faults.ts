import { durationFromMs, type Filter, type TypedConfig, typed } from "@meridian/envoy";
import { fractionalPercent } from "../fractional-percent.ts";
import type { ProtoJson } from "../route.ts";

/** What goes wrong with some of the requests; of either generation (reference: policies-envoy.md section 11). Shares are per cent. */
export interface Fault {
  readonly abort?: { readonly status: number; readonly percentage: number };
  readonly delay?: { readonly ms: number; readonly percentage: number };
  readonly bandwidth?: { readonly kbps: number; readonly percentage: number };
}

export const faultFilterName = "envoy.filters.http.fault";

/** A fault that Envoy can do: a delay of nothing is none, an answer below 200 is no answer. Undefined: nothing is left. */
export function possibleFault({ abort, delay, bandwidth }: Fault): Fault | undefined {
  const fault: Fault = {
    ...(abort && canAbortWith(abort.status) && { abort }),
    ...(delay && delay.ms > 0 && { delay }),
    ...(bandwidth && { bandwidth }),
  };
  return Object.keys(fault).length > 0 ? fault : undefined;
}

/** Envoy refuses other statuses, and with them the whole listener (fault.proto, `http_status`). */
export function canAbortWith(status: number): boolean {
  return status >= 200 && status < 600;
}

export function abortNote(path: string, status: number): string {
  return `${path}: Envoy cannot answer with ${status}; requests are not aborted`;
}

/** @param headers Envoy `HeaderMatcher`s that a request must fit; none: every request. */
export function faultFilter(fault: Fault, headers: readonly ProtoJson[] = []): Filter {
  return { name: faultFilterName, typedConfig: faultConfig(fault, headers) };
}

export function faultConfig({ abort, delay, bandwidth }: Fault, headers: readonly ProtoJson[] = []): TypedConfig {
  return typed("envoy.extensions.filters.http.fault.v3.HTTPFault", {
    ...(delay && { delay: { fixedDelay: durationFromMs(delay.ms), percentage: fractionalPercent(delay.percentage) } }),
    ...(abort && { abort: { httpStatus: abort.status, percentage: fractionalPercent(abort.percentage) } }),
    ...(headers.length > 0 && { headers }),
    ...(bandwidth && {
      responseRateLimit: {
        fixedLimit: { limitKbps: bandwidth.kbps },
        percentage: fractionalPercent(bandwidth.percentage),
      },
    }),
  });
}

const kbpsByUnit: Readonly<Record<string, number>> = { k: 1, m: 1_000, g: 1_000_000 };

/** `50kbps`, `2 Mbps`, `1gbps`. The slowest that Envoy knows is 1. Undefined for other texts. */
export function kbpsOf(limit: string): number | undefined {
  const [, amount, unit = ""] = /^(\d+)\s?([kmg])bps$/i.exec(limit) ?? [];
  const factor = kbpsByUnit[unit.toLowerCase()];
  return amount === undefined || factor === undefined ? undefined : Math.max(1, Number(amount) * factor);
}
