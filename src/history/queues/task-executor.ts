import type { ShardTask } from '#proto/ostinato/persistence/v1';
import type { HistoryEngine } from '../engine.ts';
import type { Shard } from '../shard/shard.ts';

/** What a finished task still waits for before it counts as done: a start that only memory knows (I5). */
export interface WaitForDurable {
  onceDurable(done: () => void): void;
}

/** Undefined: done. Thrown errors mean: again later. */
export type TaskOutcome = WaitForDurable | undefined;

export type TaskExecutor = (task: ShardTask, attempt: number) => TaskOutcome | Promise<TaskOutcome>;

/** Runs one task type. Resolving means done or obsolete; throwing means again later. */
export type ShardTaskExecutor = (engine: HistoryEngine, shard: Shard, task: ShardTask) => Promise<TaskOutcome>;
