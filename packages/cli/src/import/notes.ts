import type { ApplyAnswer, Client, ResourceKindAnswer } from "@meridian/client";
import { inParallel } from "../in-parallel.ts";
import { describeResource } from "../output/format.ts";
import { type ImportPlan, meshesWithoutTheirCa } from "./plan.ts";

const parallelReads = 4;

/** What of an import somebody may trip over later. */
export function notesOn(plan: ImportPlan, results: ApplyAnswer["results"]): readonly string[] {
  const replacedKeys = results
    .filter(({ kind, name, outcome }) => outcome === "updated" && kind.endsWith("Secret") && /-token-signing-key-/.test(name))
    .map(({ mesh, name }) => (mesh === "" ? name : `${mesh}/${name}`));
  const withoutCa = meshesWithoutTheirCa(plan);
  return [
    ...(withoutCa.length > 0
      ? [
          `the certificate authority of ${withoutCa.join(", ")} does not come along: data planes that run now will not trust the ` +
            "ones that get a certificate here. Import again with an administrator's --token before anything connects.",
        ]
      : []),
    ...(replacedKeys.length > 0
      ? [`tokens that this control plane signed with its own ${replacedKeys.join(", ")} are no longer good; theirs are.`]
      : []),
  ];
}

/** Policies of the imported meshes that only this control plane has: they go on applying, so somebody should look at them. */
export async function policiesOnlyHere(
  client: Client,
  kinds: readonly ResourceKindAnswer[],
  plan: ImportPlan,
): Promise<readonly string[]> {
  const meshes = new Set(plan.documents.filter(({ kind }) => kind === "Mesh").map(({ name }) => name));
  const theirs = new Set(plan.documents.map(({ kind, mesh, name }) => `${kind}/${mesh}/${name}`));
  const only: string[] = [];
  const policies = kinds.filter(({ category }) => category === "policy");
  await inParallel(policies, parallelReads, async ({ name: kind, path }) => {
    for await (const { mesh = "", name, labels } of client.listAll({ path })) {
      const isZones = labels?.["kuma.io/origin"] === "zone";
      if (meshes.has(mesh) && !isZones && !theirs.has(`${kind}/${mesh}/${name}`))
        only.push(describeResource({ kind, mesh, name }));
    }
  });
  return only.sort();
}
