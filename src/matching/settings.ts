// Matching's dynamic settings, with Temporal's keys and, unless a comment says otherwise, v1.31's defaults.

import { defineSetting, type Setting } from '../config/dynamic-config.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;

const taskQueueSetting = <T extends number | boolean>(
  key: string,
  type: 'int' | 'float' | 'durationMs' | 'bool',
  defaultValue: T,
): Setting<T> => defineSetting<T>({ key, type, scope: 'taskQueue', defaultValue });

export const LONG_POLL_EXPIRATION_INTERVAL = taskQueueSetting<number>(
  'matching.longPollExpirationInterval',
  'durationMs',
  MINUTE_MS,
);
export const MAX_TASK_QUEUE_IDLE_TIME = taskQueueSetting<number>(
  'matching.maxTaskQueueIdleTime',
  'durationMs',
  5 * MINUTE_MS,
);
export const GET_TASKS_BATCH_SIZE = taskQueueSetting<number>('matching.getTasksBatchSize', 'int', 1_000);
export const GET_TASKS_RELOAD_AT = taskQueueSetting<number>('matching.getTasksReloadAt', 'int', 100);
export const TASK_DELETE_INTERVAL = taskQueueSetting<number>(
  'matching.taskDeleteInterval',
  'durationMs',
  15 * SECOND_MS,
);
/**
 * Acknowledged tasks that may lie in the store before they are deleted without waiting for the timer. Differs: 100 in Temporal,
 * which deletes with a write of its own; ours goes along with the next commit.
 */
export const MAX_TASK_DELETE_BATCH_SIZE = taskQueueSetting<number>('matching.maxTaskDeleteBatchSize', 'int', 1_000);
export const BACKLOG_NEGLIGIBLE_AGE = taskQueueSetting<number>(
  'matching.backlogNegligibleAge',
  'durationMs',
  5 * SECOND_MS,
);
/** Differs: 250 in Temporal, whose commits hold at most 100 tasks; ours grow with the load, and every refusal costs a retry. */
export const OUTSTANDING_TASK_APPENDS_THRESHOLD = taskQueueSetting<number>(
  'matching.outstandingTaskAppendsThreshold',
  'int',
  10_000,
);
export const POLLER_HISTORY_TTL = defineSetting<number>({
  key: 'matching.PollerHistoryTTL',
  type: 'durationMs',
  scope: 'namespace',
  defaultValue: 5 * MINUTE_MS,
});
export const QUERY_POLLER_UNAVAILABLE_WINDOW = defineSetting<number>({
  key: 'matching.queryPollerUnavailableWindow',
  type: 'durationMs',
  scope: 'global',
  defaultValue: 20 * SECOND_MS,
});
/** Differs: 1,000 per partition in Temporal, which makes 4,000 a queue; our one partition does the work of all. */
export const TASK_QUEUE_DISPATCH_RATE = taskQueueSetting<number>(
  'admin.matchingNamespaceTaskqueueToPartitionDispatchRate',
  'float',
  100_000,
);
/** Differs: 10,000 per partition in Temporal, for the same reason. */
export const NAMESPACE_DISPATCH_RATE = defineSetting<number>({
  key: 'admin.matchingNamespaceToPartitionDispatchRate',
  type: 'float',
  scope: 'namespace',
  defaultValue: 100_000,
});
export const POLLER_SCALING_BACKLOG_AGE = taskQueueSetting<number>(
  'matching.pollerScalingMinimumBacklog',
  'durationMs',
  200,
);
export const POLLER_SCALING_WAIT_TIME = taskQueueSetting<number>(
  'matching.pollerScalingWaitTime',
  'durationMs',
  SECOND_MS,
);
export const POLLER_SCALING_DECISIONS_PER_SECOND = taskQueueSetting<number>(
  'matching.pollerScalingDecisionsPerSecond',
  'float',
  10,
);
export const MAX_FAIRNESS_WEIGHT_OVERRIDES = taskQueueSetting<number>(
  'matching.maxFairnessKeyWeightOverrides',
  'int',
  1_000,
);
export const FORWARDER_MAX_OUTSTANDING_POLLS = taskQueueSetting<number>(
  'matching.forwarderMaxOutstandingPolls',
  'int',
  1,
);
export const FORWARDER_MAX_OUTSTANDING_TASKS = taskQueueSetting<number>(
  'matching.forwarderMaxOutstandingTasks',
  'int',
  1,
);
export const FORWARDER_MAX_RATE_PER_SECOND = taskQueueSetting<number>(
  'matching.forwarderMaxRatePerSecond',
  'float',
  10,
);
export const FORWARDER_MAX_CHILDREN_PER_NODE = taskQueueSetting<number>(
  'matching.forwarderMaxChildrenPerNode',
  'int',
  20,
);
export const BACKLOG_TASK_FORWARD_TIMEOUT = taskQueueSetting<number>(
  'matching.backlogTaskForwardTimeout',
  'durationMs',
  MINUTE_MS,
);
export const MAX_WAIT_FOR_POLLER_BEFORE_FORWARD = taskQueueSetting<number>(
  'matching.maxWaitForPollerBeforeFwd',
  'durationMs',
  200,
);
