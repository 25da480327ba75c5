import { ShardTask } from '#proto/ostinato/persistence/v1';

/** All fields of a queued task at their defaults, to be spread under those that a task has. */
export const EMPTY_TASK: ShardTask = ShardTask.decode(Buffer.alloc(0));
