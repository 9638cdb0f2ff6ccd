/** `T` with only the fields that have a value: absent is how a conf says that nothing is asked for. */
export type Present<T> = { readonly [K in keyof T]?: NonNullable<T[K]> };

export function present<T extends object>(fields: T): Present<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined && value !== null)) as Present<T>;
}
