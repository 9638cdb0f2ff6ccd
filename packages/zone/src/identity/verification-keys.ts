import type { Resource, SecretSpec } from "@meridian/model";
import { publicKeyPem, type VerificationKeys } from "@meridian/pki";

/**
 * Reads `<prefix>` (key id 0) and `<prefix>-<kid>` as keys, and the comma-separated ids of revoked tokens. A secret that holds no
 * key is as good as none: it must not lock out those whose tokens are of another one.
 */
export function verificationKeys(
  secrets: readonly Resource<SecretSpec>[],
  prefix: string,
  revocations: string,
): VerificationKeys {
  const keys = new Map<string, string>();
  const revoked = new Set<string>();
  for (const secret of secrets) {
    const content = Buffer.from(secret.spec.data ?? "", "base64").toString("utf8");
    if (secret.name === revocations) for (const id of content.split(",")) revoked.add(id.trim());
    const keyId = keyIdOf(secret.name, prefix);
    const key = keyId === undefined ? undefined : readKey(content);
    if (keyId !== undefined && key !== undefined) keys.set(keyId, key);
  }
  return { keys, revoked };
}

function keyIdOf(name: string, prefix: string): string | undefined {
  if (name === prefix) return "0";
  return name.startsWith(`${prefix}-`) ? name.slice(prefix.length + 1) : undefined;
}

function readKey(content: string): string | undefined {
  try {
    return publicKeyPem(content);
  } catch {
    return undefined;
  }
}
