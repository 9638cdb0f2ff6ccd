/** What Envoy says of one resource, or of several alike. */
interface Statement {
  readonly resources: readonly string[];
  readonly text: string;
}

/** `-o json` shows all of it. */
const mostCharacters = 600;
const namedResources = 5;

/**
 * Why Envoy refuses a config, for people: the resource, then Envoy's own words about it. Left out are the sentence that introduces a
 * list and the dump of the whole resource (`goo.gle/debug…`), which stands before the reason or behind it. Indented lines.
 * @param resources names of the refused resources; those that the message names are told with their own part of it.
 */
export function envoyWords(message: string, resources: readonly string[]): readonly string[] {
  return statements(message, resources).flatMap(({ resources: about, text }) => {
    const [first = "", ...more] = shorten(text)
      .replaceAll(" | caused by ", "\ncaused by ")
      .split("\n")
      .filter((line) => line.trim() !== "");
    return [`  Envoy says${aboutText(about)}: ${first}`, ...more.map((line) => `    ${line}`)];
  });
}

function statements(message: string, resources: readonly string[]): readonly Statement[] {
  const text = message
    .replace(/goo\.gle\/debug\w*[ \t]*\n[\s\S]*?\n(?=: )|goo\.gle\/debug[\s\S]*$/g, "")
    .replace(/(?:^|; )Error adding\/updating [\w ]+\(s\) /g, "\n");
  const parts = partsByName(text, resources);
  const alike = new Map<string, string[]>();
  for (const { name, words } of parts) alike.set(words, [...(alike.get(words) ?? []), ...(name === undefined ? [] : [name])]);
  const isNamed = parts.some(({ name }) => name !== undefined);
  return [...alike].map(([words, names]) => ({ resources: isNamed ? names : resources, text: words }));
}

interface Part {
  readonly name: string | undefined;
  readonly words: string;
}

/** `a: wrong, b: wrong too` → each with its words. A name counts at the beginning, and behind what ends the words about another. */
function partsByName(text: string, names: readonly string[]): readonly Part[] {
  const longestFirst = [...names].sort((a, b) => b.length - a.length).map((name) => name.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"));
  const beginning = new RegExp(`(?:^|\\n|, |; )(${longestFirst.join("|")}): `, "g");
  const found = names.length === 0 ? [] : [...text.matchAll(beginning)];
  const before = text.slice(0, found[0]?.index ?? text.length);
  const parts = found.map((match, index): Part => {
    const words = text.slice(match.index + match[0].length, found[index + 1]?.index);
    return { name: match[1], words: tidy(words) };
  });
  return [...(tidy(before) === "" && parts.length > 0 ? [] : [{ name: undefined, words: tidy(before) }]), ...parts];
}

/** What remains of the sentence around a dump goes, too. */
function tidy(words: string): string {
  return words.trim().replace(/^: /, "").replace(/:$/, "").trim();
}

function shorten(text: string): string {
  if (text.length <= mostCharacters) return text;
  return `${text.slice(0, mostCharacters)} … (${text.length - mostCharacters} characters more: meridian inspect zones -o yaml)`;
}

function aboutText(resources: readonly string[]): string {
  if (resources.length === 0) return "";
  const more = resources.length - namedResources;
  return ` of ${resources.slice(0, namedResources).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}
