// The queues of one shard: what is durable is published to them, and their executors do it. History thread; one for each shard.

import type { ShardTask } from '#proto/ostinato/persistence/v1';
import type { DynamicConfig } from '../../config/dynamic-config.ts';
import type { Logger } from '../../metrics/logger.ts';
import type { ExecutionStore } from '../../persistence/index.ts';
import { TaskCategory } from '../../persistence/index.ts';
import type { Clock } from '../../runtime/clock.ts';
import { ImmediateQueue } from '../queues/immediate-queue.ts';
import { queueLimits, TIMER_QUEUE, TRANSFER_QUEUE, VISIBILITY_QUEUE } from '../queues/queue-limits.ts';
import type { TaskExecutor } from '../queues/task-executor.ts';
import { TimerQueue } from '../queues/timer-queue.ts';
import type { AckLevels } from './acknowledgement.ts';

export interface ShardQueuesDeps {
  readonly shardId: number;
  readonly store: ExecutionStore;
  readonly clock: Clock;
  readonly config: DynamicConfig;
  readonly logger: Logger;
  readonly executors: {
    readonly transfer: TaskExecutor;
    readonly timer: TaskExecutor;
    readonly visibility: TaskExecutor;
  };
}

export class ShardQueues {
  readonly transfer: ImmediateQueue;
  readonly visibility: ImmediateQueue;
  readonly timers: TimerQueue;

  /** Each goes on behind what is done already. */
  constructor({ config, executors, ...common }: ShardQueuesDeps, done: AckLevels) {
    this.transfer = new ImmediateQueue(
      {
        ...common,
        category: TaskCategory.TRANSFER,
        execute: executors.transfer,
        limits: queueLimits(config, TRANSFER_QUEUE),
      },
      done.transfer,
    );
    this.visibility = new ImmediateQueue(
      {
        ...common,
        category: TaskCategory.VISIBILITY,
        execute: executors.visibility,
        limits: queueLimits(config, VISIBILITY_QUEUE),
      },
      done.visibility,
    );
    this.timers = new TimerQueue(
      { ...common, execute: executors.timer, limits: queueLimits(config, TIMER_QUEUE) },
      done.timer,
    );
  }

  /** Resumes what was in flight. */
  start(): void {
    this.transfer.start();
    this.visibility.start();
    this.timers.start();
  }

  stop(): void {
    this.transfer.stop();
    this.visibility.stop();
    this.timers.stop();
  }

  /** A task that is durable (I2). */
  publish(category: TaskCategory, fireTimeMs: number, task: ShardTask): void {
    if (category === TaskCategory.TRANSFER) this.transfer.publish(task);
    else if (category === TaskCategory.TIMER) this.timers.publish(task, fireTimeMs);
    else if (category === TaskCategory.VISIBILITY) this.visibility.publish(task);
  }
}
