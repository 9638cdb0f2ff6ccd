import { keyText, type Resource } from "@meridian/model";
import { winsTie } from "../core/legacy-selection.ts";
import {
  type ModificationTarget,
  type PatchModification,
  readModification,
  readRawResource,
} from "../core/patches/modification.ts";
import { type DecidePatches, patchHooks } from "../core/patches/patch-hooks.ts";
import { bestRank, compareRanks } from "../core/selectors.ts";
import type { ProxySubject } from "../core/types.ts";
import { modificationTargets } from "./modifications.ts";
import type { Modification, ProxyTemplateSpec } from "./schema.ts";

type ProxyTemplate = Resource<ProxyTemplateSpec>;

/** Procedure DP: the one template whose selector fits the proxy best (reference: resources-legacy.md 0.3, section 11). */
const decide: DecidePatches = (subject, policies) => {
  const template = selectTemplate(subject, policies as readonly ProxyTemplate[]);
  return template && { conf: modificationsOf(template), origins: [keyText(template)] };
};

export const proxyTemplateApply = patchHooks(decide);

function selectTemplate({ mesh, tagSets }: ProxySubject, templates: readonly ProxyTemplate[]): ProxyTemplate | undefined {
  const candidates = templates
    .filter((template) => template.mesh === mesh)
    .flatMap((template) => {
      const { selectors = [] } = template.spec;
      const rank = bestRank(selectors.length === 0 ? [{}] : selectors, tagSets);
      return rank ? [{ template, rank }] : [];
    });
  candidates.sort((a, b) => compareRanks(b.rank, a.rank) || (winsTie(a.template, b.template) ? -1 : 1));
  return candidates[0]?.template;
}

/** Read once per version of a template: resources are immutable. Of several targets in one modification only the first counts. */
const read = new WeakMap<ProxyTemplate, readonly PatchModification[]>();

function modificationsOf(template: ProxyTemplate): readonly PatchModification[] {
  let modifications = read.get(template);
  if (!modifications) {
    const { resources = [], modifications: changes = [] } = template.spec.conf ?? {};
    modifications = [...resources.flatMap(({ resource }) => readRawResource(resource)), ...changes.flatMap(readOne)];
    read.set(template, modifications);
  }
  return modifications;
}

function readOne(modification: Modification): readonly PatchModification[] {
  const target = modificationTargets.find((each) => modification[each]) as ModificationTarget | undefined;
  const written = target && modification[target];
  return target && written ? [readModification(target, written)] : [];
}
