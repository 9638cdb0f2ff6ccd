import { lookup } from "node:dns/promises";
import { readFile } from "node:fs/promises";
import { connect, isIP } from "node:net";
import { errorMessage, MeridianError, systemClock } from "@meridian/base";
import { type ProbeResult, probeGlobal } from "@meridian/kds";
import type { Running, StartContext } from "./run-command.ts";
import { version } from "./version.ts";
import { startZone } from "./zone.ts";
import { claimsOf, currentToken, type ZoneSettings, zoneName } from "./zone-token.ts";

const patienceMs = 10_000;

/** `meridian zone join`: says of address, certificate, token, clock and version what is right and what is wrong, then runs. */
export async function joinZone(values: ZoneSettings, context: StartContext): Promise<Running> {
  if (values.global === undefined)
    throw new MeridianError("NO_GLOBAL", "zone join needs --global ws://HOST:5685 or wss://HOST:5685");
  const zone = await zoneName(values);
  for (const finding of await findings(values.global, zone, values)) {
    process.stderr.write(`${finding.ok ? "✓" : "✗"} ${finding.text}\n`);
    if (!finding.ok) throw new MeridianError("CANNOT_JOIN", `zone ${zone} cannot join: ${finding.text}`);
  }
  return startZone(values, context);
}

interface Finding {
  readonly ok: boolean;
  readonly text: string;
}

/** Stops at the first thing that is wrong, for what comes after cannot be told apart from it. */
async function findings(global: string, zone: string, values: ZoneSettings): Promise<readonly Finding[]> {
  const found: Finding[] = [];
  const url = parseUrl(global);
  if (!url) return [{ ok: false, text: `address: ${global} is not ws://HOST:PORT or wss://HOST:PORT` }];
  const address = await checkAddress(url);
  found.push(address);
  if (!address.ok) return found;
  const token = await currentToken(values);
  const fromToken = checkTokenText(token, zone);
  if (fromToken) return [...found, fromToken];
  const result = await probeGlobal({
    url: global,
    ...{ zone, token, version },
    ...(values.globalCaFile !== undefined && { caCert: await readFile(values.globalCaFile, "utf8") }),
    skipTlsVerify: values.globalSkipVerify,
    instanceId: `join-${process.pid}`,
    nowMs: systemClock.now(),
    signal: AbortSignal.timeout(patienceMs),
  });
  return [...found, ...explain(result, url)];
}

function explain(result: ProbeResult, url: URL): readonly Finding[] {
  if (!result.ok) return [{ ok: false, text: `${result.code}: ${result.reason}` }];
  return [
    {
      ok: true,
      text:
        url.protocol === "wss:"
          ? "certificate: the global's is trusted"
          : "certificate: none, the connection is not encrypted (use wss://)",
    },
    { ok: true, text: "token: accepted" },
    { ok: true, text: `version: the global runs ${result.globalVersion}` },
    ...(result.warnings.length === 0
      ? [{ ok: true, text: "clock: agrees with the global's" }]
      : result.warnings.map((warning) => ({ ok: true, text: `warning: ${warning.message}` }))),
  ];
}

function parseUrl(text: string): URL | undefined {
  try {
    const url = new URL(text);
    return url.protocol === "ws:" || url.protocol === "wss:" ? url : undefined;
  } catch {
    return undefined;
  }
}

async function checkAddress(url: URL): Promise<Finding> {
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const port = Number(url.port) || (url.protocol === "wss:" ? 443 : 80);
  try {
    if (isIP(host) === 0) await lookup(host);
  } catch (error) {
    return {
      ok: false,
      text: `address: ${host} cannot be resolved (${errorMessage(error)}); check the name and this machine's DNS`,
    };
  }
  const reason = await dialReason(host, port);
  return reason
    ? {
        ok: false,
        text: `address: nothing answers at ${host}:${port} (${reason}); is the global running, and does a firewall allow the port?`,
      }
    : { ok: true, text: `address: ${host}:${port} answers` };
}

function dialReason(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: patienceMs });
    const end = (reason: string | undefined): void => {
      socket.destroy();
      resolve(reason);
    };
    socket.once("connect", () => end(undefined));
    socket.once("timeout", () => end(`no answer within ${patienceMs / 1000} s`));
    socket.once("error", (error: NodeJS.ErrnoException) => end(error.code ?? error.message));
  });
}

/** What can be seen of a token before it is sent: mistakes that are easier to mend when named here. */
function checkTokenText(token: string | undefined, zone: string): Finding | undefined {
  if (!token)
    return {
      ok: false,
      text: `token: none was given; make one at the global: meridian generate zone-token --zone ${zone} --valid-for 24h`,
    };
  const claims = claimsOf(token);
  if (!claims) return { ok: false, text: "token: this is not a token (a JWT has three parts); was it cut when it was copied?" };
  const tokenZone = claims["Zone"];
  if (typeof tokenZone === "string" && tokenZone !== "" && tokenZone !== zone) {
    return { ok: false, text: `token: it is for zone ${tokenZone}, not for ${zone}` };
  }
  return undefined;
}
