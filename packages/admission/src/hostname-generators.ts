import { labelNames, type ResourceInput } from "@meridian/model";
import { computeLabels } from "./labels.ts";
import type { AdmissionDeps } from "./ports.ts";

interface DefaultGenerator {
  readonly name: string;
  /** Which services get the name, by their labels. */
  readonly selector: Readonly<Record<string, { readonly matchLabels: Readonly<Record<string, string>> }>>;
  readonly template: string;
}

const headless = "k8s.kuma.io/is-headless-service";
const ofGlobal = { [labelNames.origin]: "global" };
const ofZone = { [labelNames.origin]: "zone" };
const ofKubernetes = { ...ofGlobal, [labelNames.env]: "kubernetes" };

/** Names in every zone of what came through the global (reference: multizone.md section 7). */
const atGlobal: readonly DefaultGenerator[] = [
  {
    name: "synced-mesh-multi-zone-service",
    selector: { meshMultiZoneService: { matchLabels: ofGlobal } },
    template: "{{ .DisplayName }}.mzsvc.mesh.local",
  },
  {
    name: "synced-kube-mesh-service",
    selector: { meshService: { matchLabels: { ...ofKubernetes, [headless]: "false" } } },
    template: "{{ .DisplayName }}.{{ .Namespace }}.svc.{{ .Zone }}.mesh.local",
  },
  {
    name: "synced-headless-kube-mesh-service",
    selector: { meshService: { matchLabels: { ...ofKubernetes, [headless]: "true" } } },
    template:
      '{{ label "statefulset.kubernetes.io/pod-name" }}.{{ label "k8s.kuma.io/service-name" }}.{{ .Namespace }}.svc.{{ .Zone }}.mesh.local',
  },
  {
    name: "synced-universal-mesh-service",
    selector: { meshService: { matchLabels: { ...ofGlobal, [labelNames.env]: "universal" } } },
    template: "{{ .DisplayName }}.svc.{{ .Zone }}.mesh.local",
  },
  {
    name: "synced-mesh-external-service",
    selector: { meshExternalService: { matchLabels: ofGlobal } },
    template: "{{ .DisplayName }}.extsvc.mesh.local",
  },
];

/** Names inside of a zone of what the zone has itself. On Kubernetes a service has a name already. */
function atZone(env: AdmissionDeps["env"]): readonly DefaultGenerator[] {
  const external: DefaultGenerator = {
    name: "local-mesh-external-service",
    selector: { meshExternalService: { matchLabels: ofZone } },
    template: "{{ .DisplayName }}.extsvc.mesh.local",
  };
  const universal: DefaultGenerator = {
    name: "local-universal-mesh-service",
    selector: { meshService: { matchLabels: ofZone } },
    template: "{{ .DisplayName }}.svc.mesh.local",
  };
  return env === "universal" ? [external, universal] : [external];
}

/** The generators that a control plane of this role starts with; none where the process does not know the kind. */
export function defaultHostnameGenerators(
  deps: Pick<AdmissionDeps, "kinds" | "role" | "zone" | "env">,
): readonly ResourceInput[] {
  const definition = deps.kinds.get("HostnameGenerator");
  if (!definition) return [];
  return (deps.role === "global" ? atGlobal : atZone(deps.env)).map(({ name, selector, template }) => {
    const bare: ResourceInput = { kind: "HostnameGenerator", mesh: "", name, labels: {}, spec: { selector, template } };
    return { ...bare, labels: computeLabels(bare, definition, deps) };
  });
}
