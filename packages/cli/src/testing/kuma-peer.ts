import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A kind as the peer lists it, and what it holds of it. */
export interface PeerKind {
  readonly name: string;
  readonly path: string;
  readonly scope: "Mesh" | "Global";
  readonly items: readonly PeerItem[];
}

export interface PeerItem {
  readonly name: string;
  readonly mesh?: string;
  readonly [field: string]: unknown;
}

export interface KumaPeer {
  readonly address: string;
  /** `GET /meshtimeouts`, in the order of arrival. */
  readonly requests: string[];
  close(): Promise<void>;
}

export const adminToken = "the-admin's-token";

/**
 * A control plane of the peer's, as far as reading goes (reference: rest-api.md sections 2, 3 and 5): its envelope, its pages with
 * absolute `next` links, its refusal of secrets to everybody but administrators. The binary itself is not to be had in tests.
 */
export async function startKumaPeer(kinds: readonly PeerKind[], config: object = { mode: "global" }): Promise<KumaPeer> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    const answer = answerTo(request, kinds, config);
    send(response, answer);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    address: `http://127.0.0.1:${port}`,
    requests,
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}

interface Answer {
  readonly status: number;
  readonly body: object | string;
}

function answerTo(request: IncomingMessage, kinds: readonly PeerKind[], config: object): Answer {
  const url = new URL(request.url ?? "/", `http://${request.headers.host}`);
  if (url.pathname === "/")
    return ok({ clusterId: "k", gui: "/gui", hostname: "h", instanceId: "h-1", product: "Kuma", version: "2.14.3" });
  if (url.pathname === "/config") return ok(config);
  if (url.pathname === "/_resources") return ok({ resources: kinds.map(describe) });
  const kind = kinds.find(({ path }) => url.pathname === `/${path}`);
  if (!kind) return { status: 404, body: "404: Page Not Found" };
  if (kind.name.endsWith("Secret") && request.headers.authorization !== `Bearer ${adminToken}`) {
    const detail = `user "mesh-system:anonymous/mesh-system:unauthenticated" cannot access the resource of type "${kind.name}"`;
    return { status: 403, body: { type: "/std-errors", status: 403, title: "Access Denied", detail, details: detail } };
  }
  return ok(pageOf(kind, url));
}

function describe({ name, path, scope }: PeerKind): object {
  return {
    name,
    path,
    scope,
    singularDisplayName: name,
    pluralDisplayName: `${name}s`,
    readOnly: false,
    includeInFederation: true,
  };
}

function pageOf(kind: PeerKind, url: URL): object {
  // Smaller than what is asked for, so that every list of a test has pages.
  const size = Math.min(Number(url.searchParams.get("size") ?? "100"), 2);
  const offset = Number(url.searchParams.get("offset") ?? "0");
  const next = new URL(url);
  next.searchParams.set("offset", String(offset + size));
  const items = kind.items.slice(offset, offset + size).map(({ mesh, name, ...fields }) => ({
    type: kind.name,
    ...(mesh !== undefined && { mesh }),
    name,
    creationTime: "2025-05-05T05:05:05.5Z",
    modificationTime: "2025-05-05T05:05:05.5Z",
    ...fields,
  }));
  return { total: kind.items.length, items, next: offset + size < kind.items.length ? next.toString() : null };
}

function ok(body: object): Answer {
  return { status: 200, body };
}

function send(response: ServerResponse, { status, body }: Answer): void {
  const isText = typeof body === "string";
  response.writeHead(status, { "content-type": isText ? "text/plain" : "application/json" });
  response.end(isText ? body : JSON.stringify(body, undefined, 1));
}
