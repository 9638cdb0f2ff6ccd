import { createServer as createHttp2Server } from "node:http2";
import { connect, createServer, type TLSSocket } from "node:tls";
import { createLeafIssuer, type KeyPair } from "@meridian/pki";
import { type HttpAnswer, http } from "./http.ts";
import type { Mesh } from "./mesh.ts";

/** The CA that the control plane made for a mesh: what an attacker who stole it could use, and what no proxy ever sees. */
export async function builtinCaOf(mesh: Mesh, name = "default"): Promise<KeyPair> {
  const read = async (secret: string): Promise<string> => {
    const { data } = await mesh.global.client.get({ path: "secrets", mesh: name, name: secret });
    return Buffer.from(String(data), "base64").toString();
  };
  return { certPem: await read(`${name}.ca-builtin-cert-ca-1`), keyPem: await read(`${name}.ca-builtin-key-ca-1`) };
}

/** A certificate with one SPIFFE id, good for an hour. */
export async function leafOf(ca: KeyPair, spiffeId: string): Promise<KeyPair> {
  return createLeafIssuer(ca).issue({ uris: [spiffeId], validForMs: 3_600_000, now: new Date() });
}

/**
 * A request over TLS of one's own making, past every client sidecar. @returns what the server answered, or why it did not.
 * @param identity certificate to show; none when absent.
 */
export async function askOverTls(address: string, identity?: KeyPair): Promise<HttpAnswer | { readonly refused: string }> {
  try {
    return await http({ url: `https://${address}/`, ...(identity && { identity }) });
  } catch (error) {
    return { refused: String(error) };
  }
}

/** The certificate that a server shows: serial number and end of its life. */
export function shownCertificate(
  address: string,
  identity: KeyPair,
): Promise<{ readonly serial: string; readonly expiresMs: number }> {
  const [host = "", port] = address.split(":");
  return new Promise((resolve, reject) => {
    const options = { host, port: Number(port), rejectUnauthorized: false, cert: identity.certPem, key: identity.keyPem };
    const socket = connect(options, () => {
      const { serialNumber, valid_to } = socket.getPeerCertificate();
      socket.destroy();
      resolve({ serial: serialNumber, expiresMs: Date.parse(valid_to) });
    });
    socket.once("error", reject);
  });
}

/** Stands where a sidecar should: answers 200 as sidecars do, TLS with their protocol name and HTTP/2 inside, by an identity of its own. */
export async function startTlsServer(host: string, port: number, identity: KeyPair): Promise<{ stop(): Promise<void> }> {
  const http2 = createHttp2Server((_request, response) => response.end("{}"));
  const sockets = new Set<TLSSocket>();
  const tls = { cert: identity.certPem, key: identity.keyPem, ALPNProtocols: ["kuma"] };
  const server = createServer(tls, (socket) => {
    sockets.add(socket);
    http2.emit("connection", socket);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host, port }, resolve);
  });
  return {
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
