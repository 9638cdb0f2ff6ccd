// `npm run bench`: sets up what is missing, then measures. `npm run bench -- --help` lists the figures to choose from.
await import("./setup.mjs");
await import("../test/bench/dist/main.js");
