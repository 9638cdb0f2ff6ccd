import { type Logger, silentLogger } from "@meridian/base";
import type { LinkWarning } from "../ports.ts";
import { protocolVersion } from "../protocol/frames.ts";
import { Connection, type Welcome } from "./connection.ts";
import { dial } from "./dial.ts";

export interface ProbeOptions {
  readonly url: string;
  readonly zone: string;
  readonly token: string | undefined;
  readonly caCert?: string;
  readonly skipTlsVerify?: boolean;
  readonly instanceId: string;
  readonly version: string;
  readonly nowMs: number;
  readonly signal: AbortSignal;
  readonly logger?: Logger;
}

export type ProbeResult =
  | { readonly ok: true; readonly globalVersion: string; readonly warnings: readonly LinkWarning[] }
  | { readonly ok: false; readonly code: string; readonly reason: string };

/** Asks a global whether it would let this zone in, and changes nothing there. For `zone join`. */
export async function probeGlobal(options: ProbeOptions): Promise<ProbeResult> {
  const { zone, instanceId, version } = options;
  const dialled = await dial(options);
  if (!dialled.ok) return { ok: false, code: dialled.code, reason: dialled.reason };
  let welcome: Welcome | undefined;
  const connection = new Connection({
    socket: dialled.socket,
    hello: {
      type: "hello",
      zone,
      instanceId,
      protocol: protocolVersion,
      version,
      features: [],
      globalId: "",
      revision: 0,
      digest: "",
      clockMs: options.nowMs,
      config: "",
      probe: true,
    },
    heartbeatIntervalMs: 5000,
    heartbeatTimeoutMs: 15_000,
    logger: options.logger ?? silentLogger,
    onWelcome: (frame) => {
      welcome = frame;
    },
    onFrame: () => {},
  });
  const onAbort = (): void => connection.close(1000, "given up");
  options.signal.addEventListener("abort", onAbort, { once: true });
  const end = await connection.ended;
  options.signal.removeEventListener("abort", onAbort);
  if (welcome) return { ok: true, globalVersion: welcome.version, warnings: welcome.warnings };
  return { ok: false, code: end.refusal?.code ?? "NO_ANSWER", reason: end.reason };
}
