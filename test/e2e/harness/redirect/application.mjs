// The application inside: a server that says who it is at the ports of its command line, and an ordinary client that sends one request
// for each URL on its standard input and tells what it came to. It stands in no file there, so that it needs no right to read one.
import { once } from "node:events";
import { createServer, request } from "node:http";
import { connect as connectHttp2 } from "node:http2";
import { request as tlsRequest } from "node:https";
import { connect } from "node:net";
import { createInterface } from "node:readline";

const timeoutMs = 10_000;
const calls = { "http:": callHttp, "https:": callHttp, "h2c:": callHttp2, "tcp:": hear };

const [host, ...ports] = process.argv.slice(1);
for (const port of ports) {
  const server = createServer((incoming, response) => {
    response.end(JSON.stringify({ service: "inside", port, headers: incoming.headers }));
  });
  await once(server.listen(Number(port), host), "listening");
}
console.log("ready");
// One at a time: the answers come in the order of the questions.
for await (const line of createInterface({ input: process.stdin })) {
  const url = new URL(line);
  const outcome = await calls[url.protocol](url).catch(({ code, message }) => ({ error: code ?? message }));
  console.log(JSON.stringify(outcome));
}
process.exit();

function callHttp(url) {
  const send = url.protocol === "https:" ? tlsRequest : request;
  return new Promise((resolve, reject) => {
    const outgoing = send(url, { agent: false, rejectUnauthorized: false, timeout: timeoutMs }, (response) => {
      text(response).then((body) => resolve({ status: response.statusCode, body }), reject);
    });
    outgoing.on("timeout", () => outgoing.destroy(new Error("no answer")));
    outgoing.on("error", reject);
    outgoing.end();
  });
}

/** HTTP/2 in plain text, without asking first. */
function callHttp2({ host: authority, pathname }) {
  return new Promise((resolve, reject) => {
    const session = connectHttp2(`http://${authority}`).on("error", reject);
    session.setTimeout(timeoutMs, () => session.destroy(new Error("no answer")));
    const stream = session.request({ ":path": pathname || "/" }).on("error", reject);
    stream.on("response", ({ ":status": status }) => {
      text(stream)
        .then((body) => resolve({ status, body }), reject)
        .finally(() => session.destroy());
    });
  });
}

/** What a server says before anybody asked: a client that waits, as databases have them. */
function hear({ hostname, port }) {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname).on("error", reject);
    socket.setTimeout(timeoutMs, () => socket.destroy(new Error("no answer")));
    socket.once("data", (data) => resolve({ status: 200, body: data.toString() }));
    socket.once("end", () => reject(Object.assign(new Error("closed"), { code: "ECONNRESET" })));
  });
}

async function text(stream) {
  let whole = "";
  for await (const chunk of stream.setEncoding("utf8")) whole += chunk;
  return whole;
}
