// Values that the tables of odd requests and commands share.

import { duration, searchAttribute } from '../../end-to-end/harness/api.ts';

/** Long enough that nothing happens by itself while a program is played, on a slow machine too. */
export const NEVER_MS = 600_000;
/** Short enough to wait for. */
export const SHORT_MS = 300;
export const LONG = 'x'.repeat(1_001);
export const RETRY = { initialInterval: duration(NEVER_MS), maximumAttempts: 3 };
export const QUICK_RETRY = { initialInterval: duration(SHORT_MS), maximumAttempts: 2 };
export const BAD_RETRY = { initialInterval: duration(5_000), maximumInterval: duration(1_000) };
export const UNKNOWN_SEARCH_ATTRIBUTE = { indexedFields: { Nonsense: searchAttribute('Keyword', 'x') } };
