// The application inside: one request as an ordinary client makes it (`call`), or a server that says who it is (`serve`). It stands in
// no file there: a user without rights may not read this one.
import { createServer, request } from "node:http";
import { request as tlsRequest } from "node:https";

const [what, ...args] = process.argv.slice(1);

if (what === "call") {
  const [url = ""] = args;
  const send = url.startsWith("https:") ? tlsRequest : request;
  const outgoing = send(url, { agent: false, rejectUnauthorized: false, timeout: 10_000 }, (response) => {
    let body = "";
    response.setEncoding("utf8").on("data", (chunk) => {
      body += chunk;
    });
    response.on("end", () => console.log(JSON.stringify({ status: response.statusCode, body })));
  });
  outgoing.on("timeout", () => outgoing.destroy(new Error("no answer")));
  outgoing.on("error", ({ code, message }) => console.log(JSON.stringify({ error: code ?? message })));
  outgoing.end();
} else if (what === "serve") {
  const [host, ...ports] = args;
  for (const port of ports) {
    const server = createServer((incoming, response) => {
      response.end(JSON.stringify({ service: "inside", port, headers: incoming.headers }));
    });
    server.listen(Number(port), host);
  }
}
