// One process of the demo application. benigno answers with its version; magnanimo asks benigno through its own sidecar and
// passes the answer on. Neither knows of zones, certificates or versions of the other: that is the mesh's work.
import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from "node:http";

interface ServiceSettings {
  readonly name: string;
  readonly version: string;
  readonly zone: string;
  readonly host: string;
  readonly port: number;
  /** URL of the service it calls; "" for none. */
  readonly upstream: string;
}

const settings: ServiceSettings = JSON.parse(process.env["DEMO_SERVICE"] ?? "{}");
const agent = new Agent({ keepAlive: true, maxSockets: 32 });

createServer((incoming, response) => {
  if (settings.upstream) passOn(incoming, response);
  else answer(incoming, response);
}).listen(settings.port, settings.host, () => process.stdout.write("listening\n"));

function answer(incoming: IncomingMessage, response: ServerResponse): void {
  const { name: service, version, zone } = settings;
  const body = JSON.stringify({ service, version, zone, caller: callerOf(incoming) });
  response.writeHead(200, { "content-type": "application/json" }).end(body);
}

/** The sidecar writes who called into this header, from the certificate that it verified. */
function callerOf(incoming: IncomingMessage): string | undefined {
  const header = incoming.headers["x-forwarded-client-cert"];
  return /URI=(spiffe:[^;,]*)/.exec(String(header))?.[1];
}

function passOn(incoming: IncomingMessage, response: ServerResponse): void {
  const upstream = request(new URL(incoming.url ?? "/", settings.upstream), { agent }, (reply) => {
    response.writeHead(reply.statusCode ?? 502, { "content-type": reply.headers["content-type"] ?? "text/plain" });
    reply.pipe(response);
  });
  upstream.on("error", (error) => {
    if (!response.headersSent) response.writeHead(502, { "content-type": "text/plain" });
    response.end(`calling ${settings.upstream} failed: ${error.message}`);
  });
  upstream.end();
}
