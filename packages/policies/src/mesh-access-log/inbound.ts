import { keyText } from "@meridian/model";
import { type InboundSpec, selectingInbound, withFromAsRules } from "../core/effects/decide-inbound.ts";
import { withTlsInspector } from "../core/effects/edit.ts";
import type { Decision, InboundHooks } from "../core/effects/hooks.ts";
import type { InboundChainTarget, InboundDecisionInput } from "../core/effects/targets.ts";
import {
  type AccessLogConf as AccessLogs,
  accessLogConf,
  accessLoggers,
  addLoggers,
  celFilter,
  logClusters,
} from "../core/observability/loggers.ts";
import { peerAddressValues } from "../core/observability/placeholders.ts";
import { orderRules, type PeerMatch } from "../core/rule-list.ts";
import { notesOn, resolveBackends } from "./backends.ts";
import type { AccessLogConf } from "./schema.ts";

/** Logs for some clients, or for all. */
interface RuleLogs {
  readonly match?: PeerMatch;
  /** More specific rules that turn logging off for their clients. */
  readonly except: readonly PeerMatch[];
  readonly logs: AccessLogs;
}

interface InboundLogs {
  readonly rules: readonly RuleLogs[];
}

/**
 * Access logs of requests that the proxy receives (reference: policies-envoy.md section 13). Rules for different clients add up: who
 * fits several is logged by each. Of rules for the same clients the strongest policy's counts, and an empty list turns logging off
 * for just its clients; the peer lets those add up, too, so that nothing can be turned off.
 */
export const inboundLogs: InboundHooks<InboundLogs> = {
  decide,
  chain: (chain, { rules }, target) => {
    const { mesh, zone, service } = target;
    const values = { mesh, zone, destination: service, direction: "INBOUND", ...peerAddressValues } as const;
    return addLoggers(chain, (isHttp) =>
      rulesFor(target, rules).flatMap(({ match, except, logs }) => {
        const expression = expressionOf(match, target.secured ? except : []);
        return accessLoggers(logs, values, { isHttp, filter: expression === "" ? undefined : celFilter(expression) });
      }),
    );
  },
  listener: (listener, { rules }) => (rules.some(asksForServerName) ? withTlsInspector(listener) : listener),
  extraClusters: ({ rules }) => logClusters(rules.map(({ logs }) => logs)),
};

function decide(input: InboundDecisionInput): Decision<InboundLogs> | undefined {
  const policies = selectingInbound<InboundSpec<AccessLogConf>>(input).map(withFromAsRules);
  const ordered = orderRules<AccessLogConf>(policies);
  if (ordered.length === 0) return undefined;
  // Equally specific rules come weakest first: the last one for the same clients decides.
  const byMatch = new Map(ordered.map((rule) => [JSON.stringify(rule.match ?? null), rule]));
  const origins = [...new Set([...byMatch.values()].map(({ policy }) => keyText(policy)))].sort();
  const problems: string[] = [];
  const rules: RuleLogs[] = [];
  const silent: PeerMatch[] = [];
  for (const { match, conf } of byMatch.values()) {
    const written = conf.backends ?? [];
    if (written.length === 0 && match) silent.push(match);
    const resolved = resolveBackends(written, input);
    problems.push(...resolved.problems);
    if (resolved.backends.length === 0) continue;
    // Nobody but the TLS handshake says who the client is, so its service stays unknown.
    const logs = { ...accessLogConf(resolved.backends, input.subject), source: "unknown" };
    rules.push({ ...(match && { match }), except: [...silent], logs });
  }
  const notes = notesOn([...new Set(problems)], origins);
  return { conf: { rules }, origins, ...(notes.length > 0 && { notes }) };
}

/** Without mesh TLS nobody knows the client. */
function rulesFor({ secured }: InboundChainTarget, rules: readonly RuleLogs[]): readonly RuleLogs[] {
  return secured ? rules : rules.filter(({ match }) => !match);
}

function asksForServerName({ match, except }: RuleLogs): boolean {
  return [...(match ? [match] : []), ...except].some(({ sni }) => sni);
}

/** "" where nothing is asked. */
function expressionOf(match: PeerMatch | undefined, except: readonly PeerMatch[]): string {
  return [...(match ? [peerExpression(match)] : []), ...except.map((each) => `!(${peerExpression(each)})`)].join(" && ");
}

function peerExpression({ spiffeID, sni }: PeerMatch): string {
  const uri = "connection.uri_san_peer_certificate";
  const id = spiffeID && JSON.stringify(spiffeID.value);
  return [
    ...(spiffeID ? [spiffeID.type === "Exact" ? `${uri} == ${id}` : `${uri}.startsWith(${id})`] : []),
    ...(sni ? [`connection.requested_server_name == ${JSON.stringify(sni.value)}`] : []),
  ].join(" && ");
}
