/** Another owner has taken the shard: unload it, answer nothing from its memory. */
export class ShardFencedError extends Error {
  override readonly name = 'ShardFencedError';
  readonly shardId: number;
  constructor(shardId: number, rangeId: number) {
    super(`shard ${shardId} is no longer owned under range id ${rangeId}`);
    this.shardId = shardId;
  }
}

/** A row was not as the commit expected it: memory and store disagree, the shard must be loaded anew. */
export class ConditionFailedError extends Error {
  override readonly name = 'ConditionFailedError';
}

/** The lease of a task queue was taken by another owner. */
export class TaskQueueFencedError extends Error {
  override readonly name = 'TaskQueueFencedError';
}

/** The store could not be reached or did not answer. The outcome of a write is unknown. */
export class StoreUnavailableError extends Error {
  override readonly name = 'StoreUnavailableError';
}

/** The data belongs to another running process, or another thread holds this part of it. Nothing was read or written. */
export class StoreInUseError extends Error {
  override readonly name = 'StoreInUseError';
}

/** The stored schema does not fit this program: missing, too old, or too new. The message says what to do. */
export class SchemaVersionError extends Error {
  override readonly name = 'SchemaVersionError';
}
