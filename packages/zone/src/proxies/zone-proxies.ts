import {
  allMeshesCaName,
  meshCaSecretName,
  meshOfTrustBundle,
  type TypeUrl,
  trustBundleNameOf,
  trustBundleSecretName,
} from "@meridian/envoy";
import type { ConfigEngine } from "@meridian/generator";
import { keyText, type ResourceKey, type Revision } from "@meridian/model";
import {
  type Nack,
  type ProxyBinding,
  type ProxyRegistry,
  type ProxyStream,
  type StreamHello,
  StreamRefused,
} from "@meridian/xds";
import type { ExternalSecrets } from "../identity/external-secrets.ts";
import type { IdentityIssuer } from "../identity/identity-issuer.ts";
import type { ProxyAuthenticator } from "../identity/proxy-authenticator.ts";
import type { TrustBundles } from "../identity/trust-bundles.ts";
import type { Registration } from "../registration/registration.ts";
import type { ViewFeed, ViewStep } from "../view/view-feed.ts";
import { GenerationFailures } from "./generation-failures.ts";
import type { PolicyStatusTracker } from "./policy-status.ts";
import type { AdmittedProxy, ProxyAdmission } from "./proxy-admission.ts";
import { type ConnectingProxy, describeProxy, proxyIdOf } from "./proxy-description.ts";
import { ProxyReports, type ProxyReportsOptions } from "./proxy-reports.ts";
import { ProxySession, type ProxySessionEvents } from "./proxy-session.ts";
import { asRefusal } from "./refusal.ts";

export interface ZoneProxiesOptions extends ProxyReportsOptions {
  readonly engine: ConfigEngine;
  readonly feed: () => Pick<ViewFeed, "reached" | "revision" | "resourceOf" | "hold" | "release" | "answered">;
  readonly issuer: IdentityIssuer;
  readonly externalSecrets: ExternalSecrets;
  readonly trustBundles: TrustBundles;
  readonly authenticator: ProxyAuthenticator;
  readonly admission: ProxyAdmission;
  readonly registration: Registration;
  readonly policies: PolicyStatusTracker;
}

/** Every proxy that is connected to this zone control plane: binds streams to generated configs and keeps them moving. */
export class ZoneProxies implements ProxyRegistry, ProxySessionEvents {
  readonly #options: ZoneProxiesOptions;
  readonly #sessions = new Map<string, ProxySession>();
  readonly #reports: ProxyReports;
  readonly #failures: GenerationFailures;
  #streams = 0;
  #newestRevision: Revision = 0;

  constructor(options: ZoneProxiesOptions) {
    this.#options = options;
    this.#reports = new ProxyReports(options);
    this.#failures = new GenerationFailures(options.metrics.generationFailures, options.logger);
  }

  get(id: string): ProxySession | undefined {
    return this.#sessions.get(id);
  }

  get size(): number {
    return this.#sessions.size;
  }

  async connect(hello: StreamHello, stream: ProxyStream): Promise<ProxyBinding> {
    const order = ++this.#streams;
    let newcomer: string | undefined;
    try {
      const proxy = describeProxy(hello);
      newcomer = keyText({ ...proxy.description, kind: proxy.kind });
      // Before its resource is written: it must not be offered in between.
      if (proxy.kind !== "ZoneIngress") this.#options.feed().hold(newcomer);
      const admitted = await this.#options.admission.admit(proxy, hello);
      const session = await this.#bind(proxy, admitted, { stream, order });
      this.#options.logger.info(
        { proxy: session.id, mode: hello.mode, envoy: hello.userAgent.version, peer: hello.peer },
        "proxy connected",
      );
      return session;
    } catch (error) {
      const refusal = asRefusal(error);
      if (newcomer !== undefined && !this.#sessions.has(hello.nodeId)) this.#options.feed().release(newcomer);
      if (refusal instanceof StreamRefused) this.#tellRefusal(hello, refusal);
      throw refusal;
    }
  }

  /** Applies one step of the view to the proxies that it concerns. */
  step(step: ViewStep): void {
    this.#options.metrics.generationSeconds.observe(step.engineMs / 1000);
    this.#failures.tell(this.#options.engine.failures);
    for (const change of step.changes) if (change.op === "delete") this.#deleted(change.key);
    const updates = [...step.updates].filter(([id]) => this.#sessions.has(id));
    const recertified = this.#withSecretsOf(step);
    // What no revision caused (an address that resolves differently) is not waited for.
    const isNew = step.revision > this.#newestRevision;
    this.#newestRevision = step.revision;
    const given = [...updates.map(([id]) => id), ...recertified.map(({ id }) => id)];
    // Before anybody hears of the revision: a policy that it touched must not look settled.
    const isPolicyNews = this.#options.policies.stepped(step.revision);
    this.#reports.advanced(step.revision, isNew ? given : [], isPolicyNews);
    for (const [id, update] of updates) this.#sessions.get(id)?.take(update, step.revision);
    for (const session of recertified) session.refresh(step.revision);
  }

  acknowledged(session: ProxySession, generation: Revision): void {
    if (!this.#isCurrent(session)) return;
    this.#options.feed().release(keyText(keyOf(session)));
    this.#reports.acknowledged(session, generation);
    this.#options.feed().answered();
  }

  rejected(session: ProxySession, nack: Nack): void {
    if (!this.#isCurrent(session)) return;
    // It listens with whatever it took; whether its workload answers is not for us to say.
    this.#options.feed().release(keyText(keyOf(session)));
    this.#reports.rejected(session, nack);
    this.#options.feed().answered();
  }

  counted(session: ProxySession, event: "sent" | "acknowledged" | "rejected", typeUrl: TypeUrl): void {
    if (this.#isCurrent(session)) this.#reports.counted(session, event, typeUrl);
  }

  identityIssued(session: ProxySession): void {
    if (this.#isCurrent(session)) this.#reports.identityIssued(session);
  }

  closed(session: ProxySession): void {
    if (!this.#isCurrent(session)) return;
    this.#forget(session);
    this.#options.feed().release(keyText(keyOf(session)));
    if (session.isRegistered) this.#options.registration.left(session.id, keyOf(session));
    this.#options.feed().answered();
    this.#options.logger.info({ proxy: session.id }, "proxy disconnected");
  }

  /** From here on the proxy is connected, though its stream may be gone already: then `closed` follows at once. */
  async #bind(
    proxy: ConnectingProxy,
    { revision, isRegistered }: AdmittedProxy,
    { stream, order }: { readonly stream: ProxyStream; readonly order: number },
  ): Promise<ProxySession> {
    const { engine, feed, issuer, logger, registration } = this.#options;
    const { id, mesh } = proxy.description;
    try {
      await feed().reached(revision);
      this.#replace(id, order);
      const config = engine.attach(proxy.description);
      const generation = feed().revision;
      const session = new ProxySession({
        ...{ proxy, order, isRegistered, stream, config, generation, issuer, logger },
        sharedSecrets: this.#sharedSecrets(mesh),
        events: this,
      });
      this.#sessions.set(id, session);
      this.#reports.connected(session, this.#sessions.size);
      await session.prepare();
      return session;
    } catch (error) {
      if (isRegistered && !this.#sessions.has(id)) registration.left(id, { ...proxy.description, kind: proxy.kind });
      throw error;
    }
  }

  /** Secrets that are not of one proxy alone. */
  #sharedSecrets(mesh: string): Pick<ExternalSecrets, "get"> {
    const { externalSecrets, trustBundles } = this.#options;
    return {
      get: (name) => {
        if (name === allMeshesCaName) return trustBundles.ofAllMeshes();
        const trusting = meshOfTrustBundle(name, mesh);
        return trusting === undefined ? externalSecrets.get(name) : trustBundles.get(trusting, name);
      },
    };
  }

  /** @throws StreamRefused where the other stream is the newer one, though this one took longer to be admitted. */
  #replace(id: string, order: number): void {
    const other = this.#sessions.get(id);
    if (!other) return;
    const message = `proxy ${id} opened a newer stream; this one is replaced`;
    if (other.order > order) throw new StreamRefused({ code: "FAILED_PRECONDITION", message });
    this.#forget(other);
    other.close({ code: "FAILED_PRECONDITION", message });
  }

  #forget(session: ProxySession): void {
    this.#sessions.delete(session.id);
    this.#options.engine.detach(session.id);
    this.#reports.disconnected(session, this.#sessions.size);
  }

  #isCurrent(session: ProxySession): boolean {
    return this.#sessions.get(session.id) === session;
  }

  /**
   * The resource of a proxy was deleted. One that is connected keeps what it has: its stream ends with the reason instead of an
   * empty config, and with the next one it brings its resource again.
   */
  #deleted(key: ResourceKey): void {
    const id = proxyIdOf(key);
    if (id === undefined) return;
    const session = this.#sessions.get(id);
    if (session?.proxy.kind === key.kind) {
      const advice = session.isRegistered
        ? "it is registered again when the proxy connects again"
        : "create it again over the REST API; until then the proxy keeps its last config";
      session.close({ code: "FAILED_PRECONDITION", message: `${key.kind} ${key.name} was deleted: ${advice}` });
    }
    this.#options.insights.removed(id, key);
  }

  /** Proxies whose CA, or a secret of theirs, may be another one now. What signs tokens may be, too. */
  #withSecretsOf(step: ViewStep): readonly ProxySession[] {
    const meshes = new Set<string>();
    /** Meshes that may believe others now. */
    const trusts = new Set<string>();
    const names: string[] = [];
    for (const change of step.changes) {
      const key = change.op === "put" ? change.resource : change.key;
      if (key.kind === "Secret" || key.kind === "GlobalSecret" || key.kind === "Mesh") this.#options.authenticator.forgetKeys();
      const mesh = this.#options.issuer.changed(key);
      if (mesh !== undefined) {
        meshes.add(mesh);
        this.#options.trustBundles.forget(mesh);
      }
      const trusting = this.#options.trustBundles.changed(key);
      if (trusting !== undefined) trusts.add(trusting);
      names.push(...this.#options.externalSecrets.changed(key));
    }
    if (meshes.size + trusts.size + names.length === 0) return [];
    /** Meshes of which proxies of other meshes may believe others now. */
    const others = new Set([...meshes, ...trusts]);
    return [...this.#sessions.values()].filter((session) => {
      if (session.needsIdentityIn(meshes)) return true;
      const { mesh: own } = session.proxy.description;
      if (trusts.has(own) && session.needsSecret(trustBundleSecretName)) return true;
      if ([...trusts].some((mesh) => session.needsSecret(trustBundleNameOf(mesh)))) return true;
      if ([...others].some((mesh) => session.needsSecret(meshCaSecretName(mesh)))) return true;
      if (others.size > 0 && session.needsSecret(allMeshesCaName)) return true;
      return names.some((name) => session.needsSecret(name));
    });
  }

  #tellRefusal(hello: StreamHello, { message }: StreamRefused): void {
    this.#options.metrics.refusedProxies.inc();
    this.#options.logger.warn({ proxy: hello.nodeId, reason: message, peer: hello.peer }, "proxy refused");
  }
}

function keyOf({ proxy }: ProxySession): ResourceKey {
  const { mesh, name } = proxy.description;
  return { kind: proxy.kind, mesh, name };
}
