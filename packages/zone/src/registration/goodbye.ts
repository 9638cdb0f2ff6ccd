import type { ResourceKey } from "@meridian/model";
import type { ResourceReader } from "@meridian/store";
import type { BootstrapHandler } from "@meridian/xds";
import { parseBootstrapRequest } from "../bootstrap/bootstrap-request.ts";
import type { ProxyAuthenticator } from "../identity/proxy-authenticator.ts";
import { proxyKinds } from "../proxies/proxy-description.ts";
import type { Registration } from "./registration.ts";

export interface GoodbyeOptions {
  readonly store: ResourceReader;
  readonly authenticator: ProxyAuthenticator;
  readonly registration: Registration;
}

/**
 * `POST /goodbye`: a data plane of ours is about to stop. Its endpoints go at once, while it still finishes what it has; a
 * data plane that says nothing is given a grace instead.
 */
export function createGoodbyeHandler({ store, authenticator, registration }: GoodbyeOptions): BootstrapHandler {
  return async ({ body }) => {
    const request = parseBootstrapRequest(body);
    if (!request) return { status: 400, contentType: "text/plain", body: "this is not a goodbye" };
    const kind = proxyKinds[request.proxyType];
    const key: ResourceKey = { kind, mesh: request.mesh, name: request.name };
    const stored = await store.get(key);
    if (!stored) return { status: 200, contentType: "text/plain", body: "" };
    const refusal = await authenticator.refusal({ ...key, kind, stored, token: request.token });
    if (refusal) return { status: 401, contentType: "text/plain; charset=utf-8", body: refusal };
    await registration.goodbye(`${request.mesh}.${request.name}`, stored);
    return { status: 200, contentType: "text/plain", body: "" };
  };
}
