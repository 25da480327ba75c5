// How long the player waits for what a server does by itself.

/** A timer of Temporal may be a second late; then come the calls that it leads to. */
export const BY_ITSELF_MS = 2_200;
export const SETTLE_INTERVAL_MS = 15;
export const SETTLE_DEADLINE_MS = 3_000;
/** Visibility follows after a moment. */
export const VISIBLE_MS = 250;
/** A query or a poll that waits has arrived: nothing shows that a server has it. */
export const ARRIVES_MS = 150;
/** Timeouts of tasks that are waited for. */
export const SHORT_TIMEOUT_MS = 1_000;
