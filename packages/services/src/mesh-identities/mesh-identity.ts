import {
  compareText,
  type Labels,
  labelNames,
  type MeshIdentitySpec,
  type NameTemplate,
  parseTemplate,
  type Resource,
  renderTemplate,
  type TemplateResult,
} from "@meridian/model";
import { hasLabels } from "../identity.ts";
import { spiffeIdProblem, trustDomainProblem } from "./spiffe-id.ts";

const defaultTrustDomain = "{{ .Mesh }}.{{ .Zone }}.mesh.local";
const defaultPaths = {
  kubernetes: "/ns/{{ .Namespace }}/sa/{{ .ServiceAccount }}",
  universal: "/workload/{{ .Workload }}",
} as const;
/** What a path can name besides `label`. */
const labelsOfFields = {
  Namespace: labelNames.namespace,
  ServiceAccount: "k8s.kuma.io/service-account",
  Workload: labelNames.workload,
} as const;

/** A MeshIdentity, read once for all the data planes that it may name. */
export interface MeshIdentity {
  readonly resource: Resource<MeshIdentitySpec>;
  /** Labels that a data plane must have; undefined: it selects nobody. */
  readonly wanted: Labels | undefined;
  readonly trustDomain: TemplateResult<string>;
  readonly paths: Readonly<Record<keyof typeof defaultPaths, TemplateResult<NameTemplate>>>;
}

/** @param zone whose proxies are meant, unless the resource says that it belongs to another one. */
export function readMeshIdentity(resource: Resource<MeshIdentitySpec>, zone: string): MeshIdentity {
  const { dataplane } = resource.spec.selector ?? {};
  const { path } = resource.spec.spiffeID ?? {};
  return {
    resource,
    wanted: dataplane && (dataplane.matchLabels ?? {}),
    trustDomain: trustDomainOf(resource, resource.labels[labelNames.zone] || zone),
    paths: {
      kubernetes: parseTemplate(path ?? defaultPaths.kubernetes),
      universal: parseTemplate(path ?? defaultPaths.universal),
    },
  };
}

function trustDomainOf({ mesh, labels, spec }: Resource<MeshIdentitySpec>, zone: string): TemplateResult<string> {
  const template = parseTemplate(spec.spiffeID?.trustDomain ?? defaultTrustDomain);
  if ("problem" in template) return template;
  const rendered = renderTemplate(template.ok, { fields: { Mesh: mesh, Zone: zone }, label: (key) => labels[key] });
  const problem = "ok" in rendered ? trustDomainProblem(rendered.ok) : undefined;
  return problem === undefined ? rendered : { problem };
}

/** All that select a data plane with these labels, the best first: the one that asks for most labels, then by name. */
export function meshIdentitiesFor(labels: Labels, identities: readonly MeshIdentity[]): readonly MeshIdentity[] {
  return identities
    .filter(({ wanted }) => wanted !== undefined && hasLabels(labels, wanted))
    .sort((a, b) => asked(b) - asked(a) || compareText(a.resource.name, b.resource.name));
}

function asked({ wanted = {} }: MeshIdentity): number {
  return Object.keys(wanted).length;
}

/** The SPIFFE id that a MeshIdentity gives a data plane with these labels; a problem where a label that it is made of is missing. */
export function spiffeIdOf({ trustDomain, paths }: MeshIdentity, labels: Labels): TemplateResult<string> {
  if ("problem" in trustDomain) return trustDomain;
  const path = labels[labelNames.env] === "kubernetes" ? paths.kubernetes : paths.universal;
  if ("problem" in path) return path;
  const rendered = renderPath(path.ok, trustDomain.ok, labels);
  if ("problem" in rendered) return rendered;
  const id = `spiffe://${trustDomain.ok}${rendered.ok}`;
  const problem = spiffeIdProblem(id);
  if (problem === undefined) return { ok: id };
  // A hole in the path is told by the label that would fill it.
  const isUsed = (label: string): boolean => {
    const filled = renderPath(path.ok, trustDomain.ok, { ...labels, [label]: "x" });
    return "ok" in filled && filled.ok !== rendered.ok;
  };
  const missing = Object.entries(labelsOfFields).find(([, label]) => !labels[label] && isUsed(label));
  return { problem: missing ? `there is no label "${missing[1]}", which {{ .${missing[0]} }} stands for` : problem };
}

function renderPath(path: NameTemplate, trustDomain: string, labels: Labels): TemplateResult<string> {
  const fields = Object.entries(labelsOfFields).map(([field, label]) => [field, labels[label] ?? ""]);
  return renderTemplate(path, {
    fields: { TrustDomain: trustDomain, ...Object.fromEntries(fields) },
    label: (key) => labels[key],
  });
}

/** Whether the id of a data plane follows from what its label `kuma.io/workload` says. */
export function isNamedByWorkload(identity: MeshIdentity, labels: Labels): boolean {
  const [selected] = meshIdentitiesFor(labels, [identity]);
  if (!selected) return false;
  const own = spiffeIdOf(selected, labels);
  const other = spiffeIdOf(selected, { ...labels, [labelNames.workload]: `${labels[labelNames.workload] ?? ""}x` });
  return "ok" in own && "ok" in other && own.ok !== other.ok;
}

/** Every SPIFFE id that clients may find at a data plane, now or while it moves from one identity to another; sorted. */
export function spiffeIdsOf(labels: Labels, identities: readonly MeshIdentity[]): readonly string[] {
  const ids = meshIdentitiesFor(labels, identities).map((identity) => spiffeIdOf(identity, labels));
  return [...new Set(ids.flatMap((id) => ("ok" in id ? [id.ok] : [])))].sort(compareText);
}
