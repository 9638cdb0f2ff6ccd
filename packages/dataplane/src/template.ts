/** What a template came to, or the variables that nobody set. */
export type Rendered = { readonly text: string } | { readonly unset: readonly string[] };

/**
 * Fills `{{ name }}` in, the way of mustache without sections: braces of any number and a leading `&` mean the same, since YAML
 * needs no escaping of HTML. Unlike mustache, a variable that is not set is a mistake, not an empty text.
 */
export function renderTemplate(template: string, variables: Readonly<Record<string, string | undefined>>): Rendered {
  const unset = new Set<string>();
  const text = template.replace(/\{\{\{?\s*&?\s*([\w.-]+)\s*\}?\}\}/g, (_, name: string) => {
    const value = Object.hasOwn(variables, name) ? variables[name] : undefined;
    if (value === undefined) unset.add(name);
    return value ?? "";
  });
  return unset.size > 0 ? { unset: [...unset].sort() } : { text };
}
