import { enabledCaBackend, type MeshSpec } from "@meridian/model";
import { fieldDifferences, valueText } from "./fields.ts";

interface MeshTexts {
  readonly texts: readonly string[];
  /** mTLS itself differs: every listener and cluster of the mesh with it. */
  readonly isMtls: boolean;
}

/**
 * What differs between two states of a Mesh; undefined: there is no such mesh.
 * @param isIdentified whether MeshIdentities give certificates afterwards, whatever the Mesh says
 */
export function meshTexts(before: MeshSpec | undefined, after: MeshSpec | undefined, isIdentified: boolean): MeshTexts {
  if (!before || !after) return { texts: [after ? "is new" : "goes"], isMtls: false };
  const { mtls: was, ...othersBefore } = before;
  const { mtls: is, ...othersAfter } = after;
  const isMtls = mtlsText(was) !== mtlsText(is);
  return {
    texts: [
      ...(isMtls ? [`${isIdentified ? "mTLS of its own CA" : "mTLS"} is ${mtlsText(is)}, was ${mtlsText(was)}`] : []),
      ...(isMtls && isIdentified ? ["MeshIdentities go on to give certificates"] : []),
      ...fieldDifferences(othersBefore, othersAfter).map(
        (field) => `${field.path.join(".")} ${valueText(field.after)}, was ${valueText(field.before)}`,
      ),
    ],
    isMtls,
  };
}

function mtlsText(mtls: MeshSpec["mtls"]): string {
  const backend = enabledCaBackend(mtls ? { mtls } : {});
  return backend ? `${backend.mode ?? "STRICT"} with backend ${backend.name}` : "off";
}
