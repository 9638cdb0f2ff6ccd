import type { Endpoint } from "@meridian/envoy";
import { keyText, type Resource } from "@meridian/model";
import type { ClientTrait } from "../core/define-policy.ts";
import { decideTo } from "../core/effects/decide-to.ts";
import { mapTcpProxy } from "../core/effects/edit.ts";
import type { Decision, OutboundHooks } from "../core/effects/hooks.ts";
import type { OutboundDecisionInput } from "../core/effects/targets.ts";
import type { PolicyNote } from "../core/policy-note.ts";
import { isHttpFamily } from "../core/protocol.ts";
import type { ProtoJson } from "../core/route.ts";
import { arrange } from "./arrange.ts";
import { balancerFields, withBalancer } from "./balancer-fields.ts";
import { connectionHashPolicies, hashPoliciesOf, needsNoRequest, routeHashPolicy } from "./hash-policies.ts";
import { type Nearness, nearness } from "./near-first.ts";
import type { LoadBalancingConf, MeshLoadBalancingStrategySpec } from "./schema.ts";

/** What policies make of one destination for one client. */
interface Balancing {
  /** Fields of the cluster; absent: the balancer stays. */
  readonly balancer?: ProtoJson;
  /** Of each route; absent: no policy says anything. */
  readonly routeHash?: readonly ProtoJson[];
  /** Of a TCP proxy. */
  readonly connectionHash?: readonly ProtoJson[];
  /** Absent: endpoints stay as the mesh has them. */
  readonly nearness?: Nearness;
}

/** Reference: policies-envoy.md section 12. */
export const loadBalancingHooks: OutboundHooks<Balancing> = {
  decide: decideBalancing,
  cluster(cluster, { balancer, nearness: near }) {
    const balanced = balancer ? withBalancer(cluster, balancer) : cluster;
    if (near?.order !== "stepwise" || !near.affinities) return balanced;
    const common = balanced["commonLbConfig"] as ProtoJson | undefined;
    return { ...balanced, commonLbConfig: { ...common, localityWeightedLbConfig: {} } };
  },
  endpoints(assignment, { nearness: near }, { zone }) {
    const arranged = near ? arrange(assignment, near, zone) : assignment;
    const keys = near?.order === "stepwise" ? (near.affinities ?? []).map(({ key }) => key) : [];
    return { ...arranged, endpoints: arranged.endpoints.map((endpoint) => withLabels(endpoint, keys)) };
  },
  route(route, { routeHash }) {
    return routeHash && route.route ? { ...route, route: { ...route.route, hashPolicy: routeHash } } : route;
  },
  chain(chain, { connectionHash = [] }) {
    if (connectionHash.length === 0) return chain;
    return mapTcpProxy(chain, (proxy) => ({ ...proxy, hashPolicy: connectionHash }));
  },
};

/** Envoy is told only the labels that matter here: others change often. */
function withLabels({ labels = {}, ...endpoint }: Endpoint, keys: readonly string[]): Endpoint {
  const kept = Object.entries(labels).filter(([key]) => keys.includes(key));
  return kept.length > 0 ? { ...endpoint, labels: Object.fromEntries(kept) } : endpoint;
}

function decideBalancing(input: OutboundDecisionInput): Decision<Balancing> | undefined {
  const decision = decideTo<LoadBalancingConf>(input);
  if (!decision) return undefined;
  const { conf, byRoute = {}, origins } = decision;
  const ofRoutes = Object.entries(byRoute).map(([route, ofRoute]) => [route, hashing(ofRoute)] as const);
  const notes = impossibleHashing(input, origins);
  return {
    conf: { ...hashing(conf), ...placing(conf, input) },
    ...(ofRoutes.length > 0 && { byRoute: Object.fromEntries(ofRoutes) }),
    origins,
    ...(notes.length > 0 && { notes }),
  };
}

function hashing(conf: LoadBalancingConf): Balancing {
  const policies = hashPoliciesOf(conf);
  return policies ? { routeHash: policies.map(routeHashPolicy), connectionHash: connectionHashPolicies(policies) } : {};
}

/** An empty conf is that of policies which only speak of single routes: the destination is not theirs. */
function placing(conf: LoadBalancingConf, { subject }: OutboundDecisionInput): Balancing {
  if (Object.keys(conf).length === 0) return {};
  const { loadBalancer, localityAwareness = {} } = conf;
  return {
    ...(loadBalancer && { balancer: balancerFields(loadBalancer) }),
    nearness: nearness(localityAwareness, subject),
  };
}

/** TCP has no requests whose headers, cookies or parameters could be hashed. */
function impossibleHashing({ outbound, policies }: OutboundDecisionInput, origins: readonly string[]): readonly PolicyNote[] {
  const { protocol, service } = outbound;
  if (isHttpFamily(protocol) || protocol === "unknown") return [];
  const message = `hashPolicies: ${service} is ${protocol}, where only the client's address and filter state can be hashed`;
  return (policies as readonly Resource<MeshLoadBalancingStrategySpec>[])
    .filter((policy) => origins.includes(keyText(policy)))
    .filter(({ spec }) =>
      (spec.to ?? []).some(({ default: conf = {} }) => hashPoliciesOf(conf)?.some((each) => !needsNoRequest(each))),
    )
    .map((policy) => ({ policy: keyText(policy), message }));
}

/** Whoever is near is told by the client's own values of the affinity tags. */
export function affinityTraits({ spec }: Resource<MeshLoadBalancingStrategySpec>): readonly ClientTrait[] {
  return (spec.to ?? [])
    .flatMap(({ default: conf }) => conf?.localityAwareness?.localZone?.affinityTags ?? [])
    .flatMap(({ key }) => [{ tag: key }, { label: key }]);
}
