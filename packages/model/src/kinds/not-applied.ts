/** For a kind that is stored and synced, but shapes no proxy yet: who writes one should know. */
export function notAppliedWarning(kind: string): string {
  return `${kind} is stored and synced, but this version does not apply it to proxies yet`;
}
