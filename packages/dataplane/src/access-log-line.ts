/** What Envoy writes into the pipe: where a line of an access log is to go. */
export interface ForwardedLine {
  /** host:port */
  readonly address: string;
  /** Whole lines, each with its end. */
  readonly text: string;
}

/**
 * Reads one line of the pipe: a JSON object `{address, message}` of a MeshAccessLog, whose message is text or an object, or
 * `address;text` of a TrafficLog. Undefined when it is neither.
 */
export function parseForwardedLine(line: string): ForwardedLine | undefined {
  if (line.startsWith("{")) return parseJson(line);
  const at = line.indexOf(";");
  return at > 0 ? { address: line.slice(0, at), text: `${line.slice(at + 1)}\n` } : undefined;
}

function parseJson(line: string): ForwardedLine | undefined {
  try {
    const { address, message } = JSON.parse(line) as { readonly address?: unknown; readonly message?: unknown };
    if (typeof address !== "string" || message === undefined) return undefined;
    return { address, text: typeof message === "string" ? message : `${JSON.stringify(message)}\n` };
  } catch {
    return undefined;
  }
}
