import { configureGlobal } from "fast-check";

/**
 * Property tests see the same cases in every run, so that a change is judged by what it changes and not by the day's luck; the
 * nightly run draws new ones. MERIDIAN_SEED repeats a nightly failure.
 */
const given = process.env["MERIDIAN_SEED"];
if (given !== undefined) configureGlobal({ seed: Number(given) });
else if (!process.env["MERIDIAN_NIGHTLY"]) configureGlobal({ seed: 20_261_121 });
