// What this program is and which Temporal it behaves like.

/** Ours; the same as in package.json (scripts/verify.ts compares them). */
export const OSTINATO_VERSION = '0.1.0';

/** The Temporal server whose behaviour is served; clients see it in GetSystemInfo. */
export const TEMPORAL_VERSION = '1.31.2';
