import { at } from "@meridian/model";
import { definePolicy } from "../core/define-policy.ts";
import { oneOfWarnings } from "../core/fragments/one-of.ts";
import { proxyTemplateApply } from "./apply.ts";
import { modificationTargets } from "./modifications.ts";
import { type Modification, type ProxyTemplateSpec, proxyTemplateSchema } from "./schema.ts";
import { validateProxyTemplate } from "./validate.ts";

export const proxyTemplate = definePolicy<ProxyTemplateSpec>({
  // After every other kind, MeshProxyPatch (9999) too: a template changes the finished config (resources-legacy.md 0.5).
  order: 10_000,
  definition: {
    kind: "ProxyTemplate",
    path: "proxytemplates",
    singularDisplayName: "Proxy Template",
    pluralDisplayName: "Proxy Templates",
    style: "legacy",
    policy: { isTargetRef: false },
    schema: proxyTemplateSchema,
    validate: validateProxyTemplate,
    warnings: ({ conf }) => (conf?.modifications ?? []).flatMap(modificationWarnings),
    example: `type: ProxyTemplate
mesh: default
name: web-timeouts
selectors:
  - match:
      kuma.io/service: web
conf:
  imports:
    - default-proxy
  modifications:
    - cluster:
        operation: patch
        match:
          origin: outbound
        value: |
          connectTimeout: 3s
    - httpFilter:
        operation: addBefore
        match:
          origin: inbound
          name: envoy.filters.http.router
        value: |
          name: envoy.filters.http.gzip
`,
  },
  apply: proxyTemplateApply,
  outboundReach: () => ({ services: "any" }),
  inboundReach: () => ({ services: "any" }),
});

function modificationWarnings(modification: Modification, index: number): readonly string[] {
  const path = at("conf.modifications", index);
  if (Object.keys(modification).length === 0) return [`${path} is empty: it changes nothing`];
  return oneOfWarnings(path, modification, modificationTargets);
}
