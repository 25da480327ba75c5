import type { ShardTask } from '#proto/ostinato/persistence/v1';

/** What a finished task still waits for before it counts as done: a start that only memory knows (I5). */
export interface WaitForDurable {
  onceDurable(done: () => void): void;
}

/** Undefined: done. Thrown errors mean: again later. */
export type TaskOutcome = WaitForDurable | undefined;

export type TaskExecutor = (task: ShardTask, attempt: number) => TaskOutcome | Promise<TaskOutcome>;

/** Pauses between attempts of a failing task (Temporal: task reschedule policy, 1 s growing to some minutes; ours is a local thread). */
export const RETRY = { initialMs: 50, maxMs: 10_000, warnAfterAttempts: 10 };
