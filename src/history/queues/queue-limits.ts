// How much of a shard's queue is in memory, running, or read at once: dynamic settings with Temporal's keys (common/dynamicconfig/
// constants.go, v1.31), asked for at each use. History thread.

import { type DynamicConfig, defineSetting, type Setting } from '../../config/dynamic-config.ts';

export interface QueueLimits {
  /** Tasks in memory; what is more waits in the store until memory has room. Not for timers, which are read by time. */
  readonly loaded: number;
  /** Tasks running at a time. */
  readonly running: number;
  /** Tasks read from the store at once. */
  readonly batch: number;
}

export interface QueueSettings {
  readonly running: Setting<number>;
  readonly batch: Setting<number>;
}

const perServer = (key: string, defaultValue: number): Setting<number> =>
  defineSetting<number>({ key, type: 'int', scope: 'global', defaultValue });

const LOADED = perServer('history.queuePendingTasksMaxCount', 10_000);

/** Batches of 100 in Temporal, whose queues read every task from the store; ours read only what memory did not hold. A turn reads one. */
export const TRANSFER_QUEUE: QueueSettings = {
  running: perServer('history.transferProcessorSchedulerWorkerCount', 512),
  batch: perServer('history.transferTaskBatchSize', 1_000),
};
export const VISIBILITY_QUEUE: QueueSettings = {
  running: perServer('history.visibilityProcessorSchedulerWorkerCount', 512),
  batch: perServer('history.visibilityTaskBatchSize', 1_000),
};
export const TIMER_QUEUE: QueueSettings = {
  running: perServer('history.timerProcessorSchedulerWorkerCount', 512),
  batch: perServer('history.timerTaskBatchSize', 250),
};

/** At least one of each: a queue must go on. */
export function queueLimits(config: DynamicConfig, { running, batch }: QueueSettings): QueueLimits {
  const read = (setting: Setting<number>) => Math.max(1, config.get(setting));
  return {
    get loaded() {
      return read(LOADED);
    },
    get running() {
      return read(running);
    },
    get batch() {
      return read(batch);
    },
  };
}
