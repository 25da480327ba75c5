import type { ShardTask } from '#proto/ostinato/persistence/v1';
import type { HistoryEngine } from '../engine.ts';
import type { TaskOutcome } from './task-executor.ts';

/** Counts a queue task and how long it took, from its time or its creation on. */
export function measured(engine: HistoryEngine, task: ShardTask, running: Promise<TaskOutcome>): Promise<TaskOutcome> {
  const instruments = engine.metrics.task(task.type);
  instruments.requests.add();
  const sinceMs = task.visibilityTime ?? task.createdTime ?? engine.clock.nowMs();
  return running.then(
    (outcome) => {
      instruments.latency.record(Math.max(0, engine.clock.nowMs() - sinceMs));
      return outcome;
    },
    (error: unknown) => {
      instruments.errors.add();
      throw error;
    },
  );
}
