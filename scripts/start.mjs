// `npm start`: sets up what is missing, then runs the demo mesh in the foreground.
await import("./setup.mjs");
await import("../apps/demo/dist/main.js");
