import { isIPv4, isIPv6 } from "node:net";
import type { KindDefinition } from "@meridian/model";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { TokensPort, User } from "../ports.ts";
import { accessDenied, unauthenticated } from "./errors.ts";

declare module "fastify" {
  interface FastifyRequest {
    user: User;
  }
  interface FastifyContextConfig {
    /** Credentials are not even looked at. */
    readonly isPublic?: boolean;
  }
}

const adminName = "mesh-system:admin";
export const adminUser: User = { name: adminName, groups: [adminName, "mesh-system:authenticated"] };
export const anonymousUser: User = { name: "mesh-system:anonymous", groups: ["mesh-system:unauthenticated"] };

export interface AccessOptions {
  readonly localhostIsAdmin: boolean;
  readonly tokens: Pick<TokensPort, "verifyUserToken">;
}

/** Finds out who asks (reference: rest-api.md section 7): this machine's user, a user token, or nobody in particular. */
export function identifyUsers(app: FastifyInstance, options: AccessOptions): void {
  app.decorateRequest("user");
  app.addHook("onRequest", async (request) => {
    request.user = anonymousUser;
    if (!request.routeOptions.config.isPublic) request.user = await identify(request, options);
  });
}

async function identify(request: FastifyRequest, options: AccessOptions): Promise<User> {
  if (options.localhostIsAdmin && isLocalRequest(request)) return adminUser;
  const token = /^Bearer\s+(\S+)$/i.exec(request.headers.authorization ?? "")?.[1];
  if (token === undefined) return anonymousUser;
  const verdict = await options.tokens.verifyUserToken(token);
  if (!verdict.ok) throw unauthenticated();
  const groups = [...new Set([...verdict.user.groups, "mesh-system:authenticated"])];
  return { name: verdict.user.name, groups };
}

/**
 * From this machine and not on behalf of somebody else: a proxy adds a forwarding header, a page of another site an Origin or
 * Sec-Fetch-Site, and a name that was bound to 127.0.0.1 for a DNS rebinding attack shows in Host.
 */
export function isLocalRequest(request: Pick<FastifyRequest, "headers" | "socket">): boolean {
  const { headers, socket } = request;
  if (!isLoopbackAddress(socket.remoteAddress ?? "")) return false;
  if (headers.forwarded ?? headers["x-forwarded-for"] ?? headers["x-real-ip"]) return false;
  const host = headers.host ?? "";
  if (!isLocalHost(host)) return false;
  const fetchSite = headers["sec-fetch-site"];
  if (fetchSite !== undefined && fetchSite !== "same-origin" && fetchSite !== "none") return false;
  return headers.origin === undefined || headers.origin.replace(/^https?:\/\//, "") === host;
}

function isLocalHost(host: string): boolean {
  const name = host
    .replace(/:\d+$/, "")
    .replace(/^\[|\]$/g, "")
    .toLowerCase();
  return name === "localhost" || isLoopbackAddress(name);
}

function isLoopbackAddress(address: string): boolean {
  const plain = address.replace(/^::ffff:/i, "");
  return (isIPv4(plain) && plain.startsWith("127.")) || (isIPv6(address) && address === "::1");
}

export function isAdmin(user: User): boolean {
  return user.name === adminName || user.groups.includes(adminName);
}

/** Only secrets are guarded: everything else is open to whoever reaches the port, as in the peer. */
export function mayAccess(user: User, kind: KindDefinition): boolean {
  return kind.category !== "secret" || isAdmin(user);
}

export function assertAccess(user: User, kind: KindDefinition): void {
  if (!mayAccess(user, kind)) throw accessDenied(user, `cannot access the resource of type "${kind.kind}"`);
}

/** @param what `cannot generate zone token`, for the refusal. */
export function assertAdmin(user: User, what: string): void {
  if (!isAdmin(user)) throw accessDenied(user, what);
}
