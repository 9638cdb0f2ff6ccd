import { readFile } from "node:fs/promises";
import { errorMessage } from "@meridian/base";
import { type Client, createClient } from "@meridian/client";
import type { ConnectOptions, OptionSpec, OptionValues } from "./command.ts";
import { textOption } from "./command.ts";
import { type ControlPlaneEntry, readConfig } from "./config-file.ts";
import { usageFailure } from "./failure.ts";
import type { CliIo } from "./io.ts";

/** A batch of many thousand resources is read and judged as a whole before the answer begins. */
export const batchTimeoutMs = 600_000;

const defaultAddress = "http://localhost:5681";

/** Options of every command that talks to a control plane. */
export const connectionOptions: readonly OptionSpec[] = [
  {
    flags: "--control-plane <name|url>",
    description: "control plane to talk to; default: MERIDIAN_CONTROL_PLANE, else the current one of the config file",
  },
  { flags: "--token-file <file>", description: "file with a user token; default: MERIDIAN_TOKEN, else the config file" },
  { flags: "--ca-cert-file <file>", description: "PEM of the CA that signed the control plane's certificate" },
];

/** Config file < environment < option. */
export async function connect(io: CliIo, options: OptionValues, how: ConnectOptions = {}): Promise<Client> {
  const entry = await chooseEntry(io, textOption(options, "controlPlane") ?? io.env["MERIDIAN_CONTROL_PLANE"]);
  const tokenFile = textOption(options, "tokenFile");
  const token = tokenFile === undefined ? (io.env["MERIDIAN_TOKEN"] ?? entry.token) : await readSetting(tokenFile, "token");
  const caCertFile = textOption(options, "caCertFile") ?? io.env["MERIDIAN_CA_CERT_FILE"] ?? entry.caCertFile;
  return createClient({
    address: entry.address,
    fetch: io.fetch,
    userAgent: `meridian/${io.version}`,
    ...(token && { token: token.trim() }),
    ...(caCertFile && { caCert: await readSetting(caCertFile, "CA certificate") }),
    ...(entry.skipVerify && { skipVerify: true }),
    ...how,
  });
}

async function chooseEntry(io: CliIo, wanted: string | undefined): Promise<ControlPlaneEntry> {
  if (wanted && /^https?:\/\//.test(wanted)) return { name: wanted, address: parseAddress(wanted) };
  const { current, controlPlanes } = await readConfig(io);
  const name = wanted || current;
  if (!name) return { name: "default", address: defaultAddress };
  const entry = controlPlanes.find((candidate) => candidate.name === name);
  if (entry) return entry;
  // `localhost:5681`, `global.example`: a name in the config file seldom has a dot or a colon.
  if (/^[\w.-]+(:\d+|\.[a-z]+)$/i.test(name)) {
    throw usageFailure(
      `"${name}" is not an address of a control plane`,
      `An address begins with http:// or https://: http://${name}`,
    );
  }
  const known = controlPlanes.map((candidate) => candidate.name).join(", ") || "none";
  throw usageFailure(
    `the config file knows no control plane "${name}" (known: ${known})`,
    `Add it: meridian config control-planes add --name ${name} --address http://HOST:5681`,
  );
}

/** @throws CommandFailure (usage) when it is not an http(s) URL */
export function parseAddress(text: string): string {
  if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return text.replace(/\/+$/, "");
  throw usageFailure(
    `"${text}" is not an address of a control plane`,
    "Use a form like http://localhost:5681 or https://HOST:5682",
  );
}

export async function readSetting(path: string, what: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const reason = code === "ENOENT" ? "there is no such file" : code === "EACCES" ? "you may not read it" : errorMessage(error);
    throw usageFailure(`the file of the ${what}, ${path}, cannot be read: ${reason}`);
  }
}
