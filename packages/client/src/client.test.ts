import { generateServerCertificate } from "@meridian/pki";
import { afterEach, expect, test } from "vitest";
import { createClient } from "./client.ts";
import { ApiFailure, UnexpectedAnswer, Unreachable } from "./errors.ts";
import { serve, type TestServer } from "./testing/server.ts";

let server: TestServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

const addressOf = ({ port }: TestServer): string => `http://127.0.0.1:${port}`;

test("an error body becomes a failure with every bad field", async () => {
  const body = {
    type: "/std-errors",
    status: 400,
    title: "Could not process a resource",
    detail: "Resource is not valid",
    invalid_parameters: [{ field: "conf", reason: "must be defined", rule: "", choices: [], document: 2 }],
  };
  server = await serve((_, answer) => answer.writeHead(400, { "content-type": "application/json" }).end(JSON.stringify(body)));
  const failure = await createClient({ address: addressOf(server) })
    .apply({ documents: [] })
    .catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(ApiFailure);
  expect(failure).toMatchObject({
    message: "Could not process a resource (Resource is not valid)",
    status: 400,
    violations: [{ field: "conf", reason: "must be defined", document: 2 }],
  });
});

test("a router's text and an answer of something else are told apart", async () => {
  server = await serve((request, answer) => {
    if (request.url === "/who-am-i") answer.writeHead(404, { "content-type": "text/plain" }).end("404: Page Not Found");
    else answer.end("<html>not a control plane</html>");
  });
  const client = createClient({ address: addressOf(server) });
  await expect(client.whoAmI()).rejects.toMatchObject({ code: "API_FAILURE", status: 404, title: "404: Page Not Found" });
  await expect(client.index()).rejects.toBeInstanceOf(UnexpectedAnswer);
});

test("names are escaped, tokens and bodies sent, the written revision returned", async () => {
  const seen: string[] = [];
  server = await serve((request, answer) => {
    seen.push(`${request.method} ${request.url} ${request.headers.authorization} ${request.headers["content-type"] ?? "-"}`);
    answer.setHeader("meridian-revision", "42").end("{}");
  });
  const client = createClient({ address: `${addressOf(server)}/`, token: "t" });
  const at = { path: "traffic-routes", mesh: "a/b", name: "c d" };
  expect(await client.put(at, {})).toEqual({ revision: 42 });
  await client.list({ path: "meshes" }, { size: 5, name: "x&y" });
  expect(seen).toEqual([
    "PUT /meshes/a%2Fb/traffic-routes/c%20d Bearer t application/json",
    "GET /meshes?size=5&name=x%26y Bearer t -",
  ]);
});

test("events arrive one by one, however the bytes are cut", async () => {
  const report = (converged: boolean) => JSON.stringify({ revision: 7, converged, zones: [] });
  const text = `: hello\n\nevent: progress\ndata: ${report(false)}\n\n: still here\n\nevent: converged\r\ndata: ${report(true)}\r\n\r\n`;
  server = await serve((_, answer) => {
    answer.writeHead(200, { "content-type": "text/event-stream" });
    for (const part of text.match(/[\s\S]{1,7}/g) ?? []) answer.write(part);
    answer.end();
  });
  const reports: boolean[] = [];
  for await (const { converged } of createClient({ address: addressOf(server) }).watchConvergence(
    7,
    new AbortController().signal,
  )) {
    reports.push(converged);
  }
  expect(reports).toEqual([false, true]);
});

test("what cannot be reached is described in words", async () => {
  const closed = await serve(() => undefined);
  await closed.close();
  const refused = await createClient({ address: addressOf(closed) })
    .index()
    .catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(Unreachable);
  expect(refused).toMatchObject({
    message: `the control plane at ${addressOf(closed)} cannot be reached: nothing listens there`,
    hint: expect.stringContaining("meridian global run"),
  });
  // Of what fetch does not even try, its error says nothing but "fetch failed".
  const { message } = (await createClient({ address: "http://127.0.0.1:1" })
    .index()
    .catch((error: unknown) => error as Error)) as Error;
  expect(message).not.toContain("fetch failed");
  server = await serve(() => undefined);
  await expect(createClient({ address: addressOf(server), timeoutMs: 20 }).index()).rejects.toMatchObject({
    code: "UNREACHABLE",
    message: expect.stringContaining("no answer within 0.02 s"),
  });
  const tls = createClient({ address: addressOf(server).replace("http:", "https:"), timeoutMs: 5000 });
  await expect(tls.index()).rejects.toMatchObject({ code: "UNREACHABLE", hint: expect.stringMatching(/http/) });
});

test("a private CA is trusted when it is given, and only then", async () => {
  const { certPem, keyPem } = await generateServerCertificate({ hosts: ["127.0.0.1"], validForMs: 3_600_000, now: new Date() });
  server = await serve((_, answer) => answer.end('{"product":"Meridian"}'), { cert: certPem, key: keyPem });
  const address = `https://127.0.0.1:${server.port}`;
  await expect(createClient({ address }).index()).rejects.toMatchObject({
    code: "UNREACHABLE",
    message: expect.stringContaining("its certificate is not trusted"),
    hint: expect.stringContaining("--ca-cert-file"),
  });
  expect(await createClient({ address, caCert: certPem }).index()).toEqual({ product: "Meridian" });
  expect(await createClient({ address, skipVerify: true }).index()).toEqual({ product: "Meridian" });
});
