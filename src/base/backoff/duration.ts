// The rule that every duration of a request obeys. Milliseconds; any thread.

/** 100 years: what Go and the search stores can hold with room. Source: common/primitives/timestamp/duration.go, v1.31.2. */
export const MAX_DURATION_MS = 100 * 365 * 24 * 3_600_000;

/** Why the duration cannot be used, in Temporal's words; undefined when it can. */
export function durationProblem(durationMs: number | undefined): string | undefined {
  return durationMs !== undefined && durationMs < 0 ? 'negative duration' : undefined;
}

export function capDuration(durationMs: number | undefined): number | undefined {
  return durationMs === undefined ? undefined : Math.min(durationMs, MAX_DURATION_MS);
}
