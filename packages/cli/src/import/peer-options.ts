import { type Client, createClient } from "@meridian/client";
import { type OptionSpec, type OptionValues, textOption } from "../command.ts";
import { readSetting } from "../connection.ts";
import { usageFailure } from "../failure.ts";
import type { CliIo } from "../io.ts";

/** How the other control plane is reached; the options of every command say how this one is. */
export const peerOptions: readonly OptionSpec[] = [
  { flags: "--from <url>", description: "the control plane to import from; without a port: 5681, or 5682 for https" },
  { flags: "--token <token>", description: "user token of that control plane; secrets are only given to administrators" },
  { flags: "--from-token-file <file>", description: "file with that token, so that it shows in no list of processes" },
  { flags: "--from-ca-cert-file <file>", description: "PEM of the CA of that control plane; default: --ca-cert-file" },
  { flags: "--from-skip-verify", description: "trust any certificate of that control plane: for tests only" },
];

/** @throws CommandFailure (usage) for an address that is none, or a file that cannot be read */
export async function connectPeer(io: CliIo, options: OptionValues, from: string): Promise<Client> {
  const tokenFile = textOption(options, "fromTokenFile");
  const token = tokenFile === undefined ? textOption(options, "token") : await readSetting(tokenFile, "token");
  const caCertFile = textOption(options, "fromCaCertFile") ?? textOption(options, "caCertFile");
  return createClient({
    address: peerAddress(from),
    fetch: io.fetch,
    userAgent: `meridian/${io.version}`,
    ...(token && { token: token.trim() }),
    ...(caCertFile && { caCert: await readSetting(caCertFile, "CA certificate") }),
    ...(options["fromSkipVerify"] === true && { skipVerify: true }),
  });
}

/** `kuma-global` → `http://kuma-global:5681`. An address with a path keeps the port of its scheme: something stands in front. */
export function peerAddress(text: string): string {
  const withScheme = /^[a-z][a-z+.-]*:\/\//i.test(text) ? text : `http://${text}`;
  const url = URL.canParse(withScheme) ? new URL(withScheme) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.hostname === "") {
    throw usageFailure(`"${text}" is not an address of a control plane`, "Use a form like http://kuma-global:5681");
  }
  if (url.username !== "" || url.password !== "") {
    throw usageFailure("an address with a user name or password is not taken", "Pass a user token with --token");
  }
  const authority = /^[^/]*\/\/([^/?#]*)/.exec(withScheme)?.[1] ?? "";
  if (!/:\d+$/.test(authority) && url.pathname === "/") url.port = url.protocol === "https:" ? "5682" : "5681";
  return `${url.origin}${url.pathname}`.replace(/\/+$/, "");
}
