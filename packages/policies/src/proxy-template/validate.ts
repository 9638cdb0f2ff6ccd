import { at, type Unchecked, type Violation, validateSelectors } from "@meridian/model";
import { validateEnvoyResourceYaml } from "../core/fragments/envoy-yaml.ts";
import { selectors } from "../core/fragments/source-destination.ts";
import { validateModification } from "./modifications.ts";
import type { ProxyTemplateConf, ProxyTemplateSpec } from "./schema.ts";

type Conf = Unchecked<ProxyTemplateConf>;

/** Source of rules and words: resources-legacy.md section 11. */
export function validateProxyTemplate(spec: Unchecked<ProxyTemplateSpec>): readonly Violation[] {
  const { imports, resources, modifications } = spec.conf ?? {};
  return [
    ...validateSelectors("selectors", selectors(spec.selectors), { requireSelector: false, requireService: true }),
    ...(imports ?? []).flatMap((profile, index) => validateImport(at("conf.imports", index), profile)),
    ...(resources ?? []).flatMap((resource, index) => validateRawResource(at("conf.resources", index), resource)),
    ...(modifications ?? []).flatMap((modification, index) =>
      validateModification(at("conf.modifications", index), modification),
    ),
  ];
}

const profiles = ["default-proxy", "egress-proxy", "gateway-proxy", "ingress-proxy"];

function validateImport(path: string, profile: string): readonly Violation[] {
  if (profile === "") return [{ path, message: "cannot be empty" }];
  if (profiles.includes(profile)) return [];
  return [{ path, message: `profile not found. Available profiles: ${profiles.join(",")}` }];
}

type RawResource = NonNullable<Conf["resources"]>[number];

function validateRawResource(path: string, { name, version, resource }: RawResource): readonly Violation[] {
  const violations: Violation[] = [];
  if (!name) violations.push({ path: `${path}.name`, message: "cannot be empty" });
  if (!version) violations.push({ path: `${path}.version`, message: "cannot be empty" });
  if (!resource) return [...violations, { path: `${path}.resource`, message: "cannot be empty" }];
  return [...violations, ...validateEnvoyResourceYaml(`${path}.resource`, resource)];
}
