// A sticky queue belongs to one worker. Without a recent poll of it the worker counts as gone, and history schedules on the
// normal queue instead. Temporal: stickyWorkerAvailable, v1.31. Matching thread.

import { STICKY_POLLER_WINDOW_MS } from './limits.ts';
import type { TaskQueuePartition } from './partition.ts';

/** A queue that is not in memory has not been polled since this process began, or for its whole idle time. */
export function stickyWorkerAvailable(
  partition: TaskQueuePartition | undefined,
  nowMs: number,
): partition is TaskQueuePartition {
  return partition?.polls.hasPollerAfter(nowMs - STICKY_POLLER_WINDOW_MS) ?? false;
}
