/**
 * Names of the facts of a view. A unit of generation records the keys of what it read; a change names the keys of what became
 * different; the intersection is what must be generated again. Nothing else knows what depends on what.
 */
export const viewKeys = {
  /** Settings of a mesh that shape configs: mTLS, locality. */
  mesh: (mesh: string) => `mesh:${mesh}`,
  /** MeshIdentities of a mesh: which proxies may show, and why not the others. */
  identities: (mesh: string) => `identities:${mesh}`,
  /** Which trust domains proxies of a mesh believe, and by which MeshTrusts. */
  trust: (mesh: string) => `trust:${mesh}`,
  dataplane: (mesh: string, name: string) => `dataplane:${mesh}/${name}`,
  zoneIngress: (name: string) => `zone-ingress:${name}`,
  zoneEgress: (name: string) => `zone-egress:${name}`,
  /** Where the egresses of this zone are. */
  zoneEgresses: "zone-egresses",
  /** Healthy endpoints of a service in this zone. */
  localEndpoints: (mesh: string, service: string) => `local:${mesh}/${service}`,
  /** What the ingresses of other zones offer of a service. */
  remoteOffers: (mesh: string, service: string) => `remote:${mesh}/${service}`,
  /** ExternalServices behind a service. */
  externalEndpoints: (mesh: string, service: string) => `external:${mesh}/${service}`,
  /** Whether the mesh has any ExternalService. */
  externalServices: (mesh: string) => `external:${mesh}`,
  /** How many distinct addresses the ingresses of other zones have. */
  remoteIngresses: "remote-ingresses",
  protocol: (mesh: string, service: string) => `protocol:${mesh}/${service}`,
  /** Which services have a workload in this zone, of all meshes. */
  localServices: "local-services",
  /** Which services ingresses of other zones offer, of all meshes. */
  remoteServices: "remote-services",
  /** Which services have an ExternalService, of all meshes. */
  outsideServices: "outside-services",
  /** Policies that decide the outbounds to one service. */
  outboundPolicies: (mesh: string, service: string) => `outbound-policies:${mesh}/${service}`,
  anyOutboundPolicies: (mesh: string) => `outbound-policies:${mesh}`,
  /** Policies that decide who may reach the inbounds of one service. */
  inboundPolicies: (mesh: string, service: string) => `inbound-policies:${mesh}/${service}`,
  anyInboundPolicies: (mesh: string) => `inbound-policies:${mesh}`,
  /** Policies whose target is a MeshGateway. */
  gatewayPolicies: (mesh: string) => `gateway-policies:${mesh}`,
  /** Every policy of a kind that acts on whole proxies, or every resource of a kind that policies refer to. */
  resources: (mesh: string, kind: string) => `resources:${mesh}/${kind}`,
  /** Subsets of a service that routes ask for: what a zone ingress needs a filter chain for. */
  destinationTagSets: (mesh: string, service: string) => `tag-sets:${mesh}/${service}`,
  anyDestinationTagSets: (mesh: string) => `tag-sets:${mesh}`,
  /** Whether an outbound policy of the mesh looks at one trait of its clients. */
  mention: (mesh: string, mention: string) => `mention:${mesh}/${mention}`,
  /** A MeshService, MeshExternalService or MeshMultiZoneService: all but its status and state. */
  service: (mesh: string, kind: string, name: string) => `service:${mesh}/${kind}/${name}`,
  /** Which services of a kind have a trait, and what these are (see real-services.ts). */
  serviceTrait: (mesh: string, kind: string, trait: string) => `service-trait:${mesh}/${kind}/${trait}`,
  /** Whether a MeshService says that it has a healthy proxy. */
  serviceState: (mesh: string, name: string) => `service-state:${mesh}/${name}`,
  serviceAddress: (mesh: string, kind: string, name: string) => `service-address:${mesh}/${kind}/${name}`,
  /** Of any service of the mesh. */
  serviceAddresses: (mesh: string) => `service-addresses:${mesh}`,
  /** Healthy endpoints in this zone that the selector of a MeshService takes, where it is not about one `kuma.io/service`. */
  serviceMembers: (mesh: string, name: string) => `service-members:${mesh}/${name}`,
  /** What the ingress of this zone serves under names of their own, of all meshes. */
  servicesBehindIngress: "services-behind-ingress",
  /** What the egress of this zone serves under names of their own, of all meshes. */
  servicesBehindEgress: "services-behind-egress",
  /** Addresses of the ingresses of another zone. */
  ingressesOf: (zone: string) => `ingresses-of:${zone}`,
  /** Host names by tags, and where they lead. */
  names: (mesh: string) => `names:${mesh}`,
  /** Those that lead to one service. */
  namesOf: (mesh: string, service: string) => `names:${mesh}/${service}`,
  nameConflicts: (mesh: string) => `name-conflicts:${mesh}`,
  /** Whether a policy of the mesh selects clients by their tags, inside a request. */
  sourceTags: (mesh: string) => `source-tags:${mesh}`,
} as const;
