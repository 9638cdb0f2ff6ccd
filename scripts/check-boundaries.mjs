// Package boundaries: a package may import only from the layers above it (ARCHITECTURE.md explains the order). Says which import
// breaks which rule and why the rule is there, so that nobody has to guess.
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative } from "node:path";

/** From the bottom up. A package may import from any earlier line, and from nothing later. */
const layers = [
  ["base", "logger, settings, lifecycle; knows nothing of meshes"],
  ["model", "resource kinds as data, no I/O"],
  ["services", "pure: names, addresses and members of MeshServices and their kin"],
  ["envoy", "Envoy types, codec and builders; no meshes"],
  ["store", "the log's contract and the memory driver; no Envoy"],
  ["store-sql", "one driver, no logic of the mesh"],
  ["store-lmdb", "one driver, no logic of the mesh"],
  ["pki", "certificates and tokens"],
  ["admission", "what every write passes"],
  ["reconcile", "writes what follows from other resources; no Envoy"],
  ["policies", "one folder per policy kind; match and merge"],
  ["generator", "pure: (proxy, view) to config"],
  ["inspect", "pure: which policies shape a proxy, and how, for people"],
  ["explain", "the way of one request, from the configs that proxies get"],
  ["plan", "what a change would do to which proxies"],
  ["xds", "the ADS transport; never knows a mesh"],
  ["kds", "the global-to-zone transport; never knows Envoy"],
  ["zone", "what a zone control plane does for its proxies"],
  ["api", "REST, derived from the kinds"],
  ["client", "typed REST client"],
  ["cli", "commands as data"],
  ["dataplane", "runs Envoy beside a workload"],
  ["testkit", "real Postgres and Envoy; imported by tests only"],
];
const rank = new Map(layers.map(([name], index) => [name, index]));

/** What packages offer to the tests of others, beside their index.ts. */
const forTests = { store: "/conformance", generator: "/testing", api: "/testing" };

/** Imports that the order alone would allow. */
const forbidden = [
  {
    from: "xds",
    to: ["model", "store", "policies", "generator"],
    why: "any Envoy with any resources can test a transport that knows no mesh",
  },
  {
    from: "kds",
    to: ["envoy", "xds", "policies", "generator", "pki"],
    why: "the sync stream moves resources and does not interpret them",
  },
  {
    from: "generator",
    to: ["store", "store-sql", "store-lmdb", "pki", "admission"],
    why: "plan and tests run the generator exactly as production does, without I/O",
  },
  { from: "inspect", to: ["store", "store-sql", "store-lmdb", "pki", "admission"], why: "answers are pure: the API reads" },
  { from: "policies", to: ["store", "store-sql", "store-lmdb", "pki", "admission"], why: "matching and merging are pure" },
  { from: "envoy", to: ["model"], why: "builders take plain options" },
  { from: "client", to: ["store", "api", "admission"], why: "a client knows the wire, not the server" },
  { from: "cli", to: ["store", "api", "admission", "kds"], why: "the command line talks to the REST API only" },
];

/** Pure packages: no clock, randomness, environment or output, so that equal input gives equal bytes. */
const pure = ["model", "services", "envoy", "policies", "generator", "inspect"];
const impure = [/\bDate\.now\(/, /\bMath\.random\(/, /\bconsole\./, /\bprocess\.(env|exit|stdout)/];

const problems = [];
for (const group of ["packages", "apps"]) {
  for (const name of readdirSync(group)) {
    for (const file of sources(join(group, name, "src"))) check(group === "apps" ? `app:${name}` : name, file);
  }
}
for (const problem of problems) console.error(problem);
console.log(problems.length === 0 ? "package boundaries hold" : `${problems.length} package boundary problem(s)`);
process.exit(problems.length === 0 ? 0 : 1);

function check(owner, file) {
  const text = readFileSync(file, "utf8");
  const isTest = /\.test\.ts$|\/testing\//.test(file);
  for (const [, target] of text.matchAll(/(?:from|import)\s*\(?\s*"([^"]+)"/g)) checkImport(owner, file, target, isTest);
  if (pure.includes(owner) && !isTest) {
    for (const pattern of impure) {
      if (pattern.test(text)) problems.push(`${file}: ${owner} is pure, but uses ${pattern.source}: pass the value in instead`);
    }
  }
}

function checkImport(owner, file, target, isTest) {
  const match = /^@meridian\/([^/]+)(\/.*)?$/.exec(target);
  if (!match) return;
  const [, to, deep] = match;
  if (!rank.has(to)) return problems.push(`${file}: @meridian/${to} is not in the list of layers (scripts/check-boundaries.mjs)`);
  if (deep && !(isTest && forTests[to] !== undefined && deep.startsWith(forTests[to]))) {
    problems.push(`${file}: imports ${target}; a package is used through its index.ts only, so that its inside can change`);
  }
  if (to === "testkit" && !isTest) problems.push(`${file}: testkit is for tests only`);
  if (owner.startsWith("app:") || isTest) return;
  const why = forbidden.find((rule) => rule.from === owner && rule.to.includes(to))?.why;
  if (why) problems.push(`${file}: ${owner} must not import ${to}: ${why}`);
  else if (rank.get(to) >= rank.get(owner)) {
    problems.push(`${file}: ${owner} must not import ${to}, which stands above it: ${layers[rank.get(to)][1]}`);
  }
}

function sources(directory) {
  return readdirSync(directory).flatMap((entry) => {
    const path = join(directory, entry);
    if (statSync(path).isDirectory()) return sources(path);
    return path.endsWith(".ts") ? [relative(".", path)] : [];
  });
}
