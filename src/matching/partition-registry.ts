// The partitions in memory, by key. Loads one when a call needs it, each only once at a time. One per matching thread.

import type { Partition as PartitionMessage } from '#proto/ostinato/matching/v1';
import { ResourceExhaustedCause } from '#proto/temporal/api/enums/v1';
import { invariant } from '../base/invariant.ts';
import type { MaybePromise } from '../base/maybe-promise.ts';
import { ServiceError } from '../base/service-error.ts';
import { invalidArgument, resourceExhausted, unavailable } from '../proto/service-errors.ts';
import { partitionKey } from '../runtime/task-queue-partition.ts';
import type { MatchingEnvironment } from './environment.ts';
import { MAX_LOADED_PARTITIONS } from './limits.ts';
import { MATCHING_METRICS } from './metrics.ts';
import { type PartitionHome, TaskQueuePartition, type UnloadReason } from './partition.ts';

export class PartitionRegistry implements PartitionHome {
  readonly #loaded = new Map<string, TaskQueuePartition>();
  readonly #loading = new Map<string, Promise<TaskQueuePartition>>();
  /** Rows of abandoned sticky queues on their way out: a queue that is polled again waits for that. */
  readonly #deleting = new Map<string, Promise<void>>();
  readonly #environment: MatchingEnvironment;
  #stopped = false;

  constructor(environment: MatchingEnvironment) {
    this.#environment = environment;
  }

  /** The partition that the message names, read from the store if it is not in memory. */
  get(message: PartitionMessage | undefined): MaybePromise<TaskQueuePartition> {
    if (message === undefined) throw invalidArgument('task queue partition is not set');
    const key = partitionKey(message);
    return this.#loaded.get(key) ?? this.#loading.get(key) ?? this.#load(key, message);
  }

  /** Only if it is in memory: a sticky queue that is not has no worker. */
  peek(message: PartitionMessage | undefined): TaskQueuePartition | undefined {
    return message === undefined ? undefined : this.#loaded.get(partitionKey(message));
  }

  all(): IterableIterator<TaskQueuePartition> {
    return this.#loaded.values();
  }

  /** Unloads everything: parked polls are answered empty. */
  stop(): void {
    this.#stopped = true;
    for (const partition of [...this.#loaded.values()]) partition.unload('shutdown');
  }

  #load(key: string, message: PartitionMessage): MaybePromise<TaskQueuePartition> {
    if (this.#stopped) throw unavailable('matching is shutting down');
    if (this.#loaded.size + this.#loading.size >= MAX_LOADED_PARTITIONS) {
      throw resourceExhausted('Too many task queues are in use', ResourceExhaustedCause.SYSTEM_OVERLOADED);
    }
    const partition = new TaskQueuePartition(message, this.#environment, this);
    const deleting = this.#deleting.get(key);
    let loading: MaybePromise<void>;
    try {
      loading = deleting === undefined ? partition.load() : deleting.then(() => partition.load());
    } catch (error) {
      throw this.#loadFailed(partition, error);
    }
    if (!(loading instanceof Promise)) return this.#ready(partition);
    const promise = loading.then(
      () => {
        this.#loading.delete(key);
        if (this.#stopped) partition.unload('shutdown');
        if (partition.closed) throw unavailable('task queue was taken over while it was loading');
        return this.#ready(partition);
      },
      (error: unknown) => {
        this.#loading.delete(key);
        throw this.#loadFailed(partition, error);
      },
    );
    this.#loading.set(key, promise);
    return promise;
  }

  #ready(partition: TaskQueuePartition): TaskQueuePartition {
    invariant(!this.#loaded.has(partition.key), `partition ${partition.key} is loaded twice`);
    this.#loaded.set(partition.key, partition);
    const { metrics, logger } = this.#environment;
    metrics.counter(MATCHING_METRICS.taskQueueStarted).add();
    metrics.gauge(MATCHING_METRICS.loadedPartitions).set(this.#loaded.size);
    logger.debug({ taskQueue: partition.key }, 'task queue partition loaded');
    partition.begin();
    return partition;
  }

  #loadFailed(partition: TaskQueuePartition, error: unknown): ServiceError {
    partition.metrics.leaseFailures.add();
    partition.unload('fenced');
    if (error instanceof ServiceError) return error;
    this.#environment.logger.error({ err: error, taskQueue: partition.key }, 'cannot load a task queue partition');
    const failure = unavailable('task queue could not be loaded');
    failure.cause = error;
    return failure;
  }

  unloaded(partition: TaskQueuePartition, reason: UnloadReason): void {
    if (this.#loaded.get(partition.key) !== partition) return;
    this.#loaded.delete(partition.key);
    const { metrics, logger } = this.#environment;
    metrics.counter(MATCHING_METRICS.taskQueueStopped).add();
    metrics.gauge(MATCHING_METRICS.loadedPartitions).set(this.#loaded.size);
    logger.debug({ taskQueue: partition.key, reason }, 'task queue partition unloaded');
    if (partition.sticky && reason === 'idle' && partition.backlogs.count === 0) this.#deleteRows(partition);
  }

  normalQueueOf({ namespaceId, normalName, taskQueueType }: PartitionMessage): TaskQueuePartition | undefined {
    return this.#loaded.get(partitionKey({ namespaceId, taskQueue: normalName, taskQueueType, partitionId: 0 }));
  }

  /** A sticky queue's name is never used again once its worker is gone: its row would stay for good. */
  #deleteRows(partition: TaskQueuePartition): void {
    const { writer, store, logger } = this.#environment;
    const { key } = partition;
    const deletion = (async () => {
      try {
        await writer.settled();
        for (const [, backlog] of partition.backlogs.levels()) await store.delete(backlog.key);
      } catch (error) {
        logger.warn({ err: error, taskQueue: key }, 'cannot delete an abandoned sticky queue');
      } finally {
        this.#deleting.delete(key);
      }
    })();
    this.#deleting.set(key, deletion);
  }
}
