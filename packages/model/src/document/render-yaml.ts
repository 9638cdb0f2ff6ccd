import { stringify } from "yaml";

/** A document as YAML, one value a line however long it is, so that it can be applied again and compared line by line. */
export function renderYaml(document: unknown): string {
  return stringify(document, { lineWidth: 0, aliasDuplicateObjects: false });
}
