import { keyText, type ResourceInput, type ResourceKey, type Revision } from "@meridian/model";
import type { ResourceReader as StoreReader } from "@meridian/store";
import { type StreamHello, StreamRefused } from "@meridian/xds";
import type { ProxyAuthenticator } from "../identity/proxy-authenticator.ts";
import { isRegisteredByProxy } from "../registration/registered-resource.ts";
import type { Registration } from "../registration/registration.ts";
import { type ResourceReader, violationText } from "../registration/resource-reader.ts";
import type { ConnectingProxy } from "./proxy-description.ts";

export interface ProxyAdmissionOptions {
  readonly store: StoreReader;
  readonly authenticator: ProxyAuthenticator;
  readonly reader: ResourceReader;
  readonly registration: Registration;
}

export interface AdmittedProxy {
  /** The first config must reflect this revision. */
  readonly revision: Revision;
  /** Its resource came with the proxy, and goes with it. */
  readonly isRegistered: boolean;
}

/** Decides whether a stream may have a proxy's config, and writes the resource that the proxy brings. */
export class ProxyAdmission {
  readonly #options: ProxyAdmissionOptions;

  constructor(options: ProxyAdmissionOptions) {
    this.#options = options;
  }

  /** @throws StreamRefused, or a MeridianError of the store or the writer: with the reason, in words for the proxy's operator. */
  async admit(proxy: ConnectingProxy, hello: StreamHello): Promise<AdmittedProxy> {
    const { store, authenticator, registration } = this.#options;
    const { id, mesh, name } = proxy.description;
    const key: ResourceKey = { kind: proxy.kind, mesh, name };
    const token = singleToken(hello);
    const brought = this.#broughtBy(proxy);
    const stored = await store.get(key);
    if (mesh && !(await store.get({ kind: "Mesh", mesh: "", name: mesh }))) {
      throw refusal("FAILED_PRECONDITION", `mesh "${mesh}" does not exist: create it first, or name another one`);
    }
    const reason = await authenticator.refusal({ ...key, kind: proxy.kind, brought, stored, token });
    if (reason !== undefined) throw refusal("UNAUTHENTICATED", reason);
    if (brought) return { revision: await registration.register(id, brought), isRegistered: true };
    if (!stored) {
      throw refusal(
        "FAILED_PRECONDITION",
        `${keyText(key)} does not exist and the proxy brings no resource: create it over the REST API or start the data plane with --dataplane-file`,
      );
    }
    registration.cameBack(id);
    return { revision: stored.version, isRegistered: isRegisteredByProxy(stored) };
  }

  #broughtBy({ resourceJson, kind, description }: ConnectingProxy): ResourceInput | undefined {
    if (resourceJson === undefined) return undefined;
    const { id, mesh, name } = description;
    const read = this.#options.reader.read(resourceJson, { kind, mesh, name });
    if ("resource" in read) return read.resource;
    throw refusal("INVALID_ARGUMENT", `the resource of proxy ${id} is not valid: ${violationText(read.violations)}`);
  }
}

function singleToken({ authorization }: StreamHello): string | undefined {
  if (authorization.length > 1) {
    throw refusal("UNAUTHENTICATED", "more than one authorization value was sent; send exactly one token");
  }
  return authorization[0]?.replace(/^Bearer /, "") || undefined;
}

function refusal(code: StreamRefused["status"]["code"], message: string): StreamRefused {
  return new StreamRefused({ code, message });
}
