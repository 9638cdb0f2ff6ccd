import { systemClock } from "@meridian/base";
import { createMemoryStore, type Store, UnavailableError } from "@meridian/store";

/** A memory store whose database can go away: for as long as `isAway` says so, every call fails. */
export function failingStore(): { readonly store: Store; isAway: boolean } {
  const real = createMemoryStore({ clock: systemClock });
  const control = { store: real, isAway: false };
  control.store = new Proxy(real, {
    get(target, property, receiver) {
      const value: unknown = Reflect.get(target, property, receiver);
      if (typeof value !== "function" || property === "watch" || property === "close") return value;
      return (...parts: readonly unknown[]) =>
        control.isAway ? Promise.reject(new UnavailableError("the database is away")) : Reflect.apply(value, target, parts);
    },
  });
  return control;
}

/** Holds the next call of a method that matches until it is let go. */
export function holdNext<Name extends "get" | "commit">(
  store: Store,
  name: Name,
  matches: (first: Parameters<Store[Name]>[0]) => boolean,
): { readonly reached: Promise<void>; release: () => void } {
  const method = store[name] as (...parts: readonly unknown[]) => Promise<unknown>;
  let arrived: () => void = () => {};
  const reached = new Promise<void>((resolve) => {
    arrived = resolve;
  });
  let release: () => void = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  let isHeld = false;
  (store as unknown as Record<string, unknown>)[name] = async (...parts: readonly unknown[]) => {
    if (!isHeld && matches(parts[0] as Parameters<Store[Name]>[0])) {
      isHeld = true;
      arrived();
      await released;
    }
    return method.apply(store, parts as unknown[]);
  };
  return { reached, release };
}
