// Waits for a condition on the server to become true, up to a deadline; the only way in which scenarios wait.

const DEFAULT_DEADLINE_MS = 10_000;
const INTERVAL_MS = 25;

/** Repeats `attempt` until it returns something other than undefined or false. An assertion that fails is retried too. */
export async function waitUntil<T>(
  attempt: () => Promise<T | undefined | false> | T | undefined | false,
  what = 'the condition',
  deadlineMs = DEFAULT_DEADLINE_MS,
): Promise<T> {
  const deadline = Date.now() + deadlineMs;
  let lastError: unknown;
  for (;;) {
    try {
      const result = await attempt();
      if (result !== undefined && result !== false) return result;
    } catch (error) {
      lastError = error;
    }
    if (Date.now() >= deadline) {
      throw new Error(`${what} did not come true within ${deadlineMs} ms`, { cause: lastError });
    }
    await new Promise((resolve) => setTimeout(resolve, INTERVAL_MS));
  }
}

export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
