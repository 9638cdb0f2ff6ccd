import type { Violation } from "../violation.ts";

const subdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const maxNameLength = 253;

/**
 * The rule for names of resources and meshes: a lower-case RFC 1123 subdomain of at most 253 characters (reference: resources.md
 * section 2). @param path where the name stands in the document.
 */
export function validateResourceName(name: string, path = "name"): readonly Violation[] {
  if (name === "") return [{ path, message: "cannot be empty" }];
  if (name.length > maxNameLength) return [{ path, message: `cannot be longer than ${maxNameLength} characters` }];
  if (subdomain.test(name)) return [];
  const message =
    "invalid characters: must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character";
  return [{ path, message }];
}

/** Mesh and Zone names end up in DNS labels and certificates. */
export function validateShortName(name: string, path = "name"): readonly Violation[] {
  return name.length > 63 ? [{ path, message: "cannot be longer than 63 characters" }] : [];
}

/** Names that become a label in DNS: those of services and workloads. */
export function validateDnsLabelName(name: string, path = "name"): readonly Violation[] {
  if (name.length > 63) return [{ path, message: "cannot be longer than 63 characters" }];
  if (/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(name)) return [];
  const message =
    "must be a DNS label: lower case alphanumeric characters or '-', starting and ending with an alphanumeric character";
  return [{ path, message }];
}

/** Of services: a name that is no label of RFC 1035 works here, but not wherever such labels are asked for, as Kubernetes does. */
export function serviceNameWarnings(kind: string, name: string): readonly string[] {
  if (name.length <= 63 && /^[a-z]([-a-z0-9]*[a-z0-9])?$/.test(name)) return [];
  return [
    `Invalid ${kind} resource name: "${name}" is no DNS label of RFC 1035 (a letter first, then letters, digits and '-', at most 63). ` +
      "This is deprecated",
  ];
}

/** Whether it is a lower-case RFC 1123 subdomain of at most 253 characters. */
export function isSubdomain(name: string): boolean {
  return name.length <= maxNameLength && subdomain.test(name);
}

const labelNamePart = /^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/;

/** Keys and values must be valid Kubernetes labels, so that a resource can be kept on either platform. */
export function validateLabels(labels: Readonly<Record<string, string>>, path = "labels"): readonly Violation[] {
  const violations: Violation[] = [];
  for (const key of Object.keys(labels).sort()) {
    const where = `${path}["${key}"]`;
    if (!isLabelKey(key)) {
      violations.push({
        path: where,
        message: "label key must be [prefix/]name: up to 63 alphanumeric characters, '-', '_' or '.'",
      });
    }
    const value = labels[key] ?? "";
    if (value !== "" && !(value.length <= 63 && labelNamePart.test(value))) {
      const message =
        "label value must be empty or up to 63 alphanumeric characters, '-', '_' or '.', and start and end with an alphanumeric character";
      violations.push({ path: where, message });
    }
  }
  return violations;
}

function isLabelKey(key: string): boolean {
  const parts = key.split("/");
  const name = parts.at(-1) ?? "";
  if (parts.length > 2 || name.length > 63 || !labelNamePart.test(name)) return false;
  const prefix = parts.length === 2 ? parts[0] : undefined;
  return prefix === undefined || (prefix.length <= maxNameLength && subdomain.test(prefix));
}
