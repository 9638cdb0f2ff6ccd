import type { ExplainedDestination, Setting, Step } from "../types.ts";
import { policiesText } from "./words.ts";

export function settingsStep(settings: readonly Setting[], { name: to }: ExplainedDestination): Step {
  const lines = settings.map(({ about, name, value, where, origin, policies }) => {
    const from = { policy: policiesText(policies), default: "built-in default", envoy: "Envoy's default" }[origin];
    return `${about}: ${name} ${value} (${where}; ${from})`;
  });
  const policies = [...new Set(settings.flatMap((setting) => setting.policies))];
  return { step: "settings", title: `in force on the way to ${to}`, lines, policies };
}
