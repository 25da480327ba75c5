// What becomes of a queued task that failed: it stays outstanding and runs again, after a pause that doubles.

import type { ShardTask } from '#proto/ostinato/persistence/v1';
import type { Logger } from '../../metrics/logger.ts';
import type { Clock } from '../../runtime/clock.ts';

/** Pauses between attempts (Temporal: task reschedule policy, 1 s growing to some minutes; ours is a local thread). */
const FIRST_PAUSE_MS = 50;
export const LONGEST_PAUSE_MS = 10_000;
const WARN_AFTER_ATTEMPTS = 10;

interface Queue {
  readonly shardId: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

interface FailedTask {
  readonly task: ShardTask;
  attempt: number;
}

/** `warning` is what the log says of a task that keeps failing. */
export function runAgainLater(
  { shardId, clock, logger }: Queue,
  failed: FailedTask,
  error: Error,
  warning: string,
  run: () => void,
): void {
  if (failed.attempt === WARN_AFTER_ATTEMPTS) {
    const { type: taskType, workflowId, runId } = failed.task;
    logger.warn({ err: error, shardId, taskType, workflowId, runId }, warning);
  }
  const pauseMs = Math.min(FIRST_PAUSE_MS * 2 ** (failed.attempt - 1), LONGEST_PAUSE_MS);
  failed.attempt++;
  clock.after(pauseMs, run);
}
