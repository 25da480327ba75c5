// Dynamic settings of namespaces: Temporal's keys and defaults (common/dynamicconfig/constants.go, v1.31). Worker thread.

import { defineSetting } from '../config/dynamic-config.ts';

const MIB = 1024 * 1024;
const DAY_MS = 24 * 3600 * 1000;

/**
 * Differs: Temporal 1.31 lets local namespaces go down to an hour; its documents promise a day, and so do ours. Lower it for
 * tests.
 */
export const MIN_RETENTION_LOCAL = defineSetting({
  key: 'system.namespaceMinRetentionLocal',
  type: 'durationMs',
  scope: 'global',
  defaultValue: DAY_MS,
});
export const MIN_RETENTION_GLOBAL = defineSetting({
  key: 'system.namespaceMinRetentionGlobal',
  type: 'durationMs',
  scope: 'global',
  defaultValue: DAY_MS,
});
/** Changes by other hosts are seen after this long at most. */
export const CACHE_REFRESH_INTERVAL = defineSetting({
  key: 'system.namespaceCacheRefreshInterval',
  type: 'durationMs',
  scope: 'global',
  defaultValue: 2_000,
});
export const MAX_BAD_BINARIES = defineSetting({
  key: 'frontend.maxBadBinaries',
  type: 'int',
  scope: 'namespace',
  defaultValue: 10,
});
export const MAX_ID_LENGTH = defineSetting({
  key: 'limit.maxIDLength',
  type: 'int',
  scope: 'global',
  defaultValue: 1000,
});

// What a namespace's description says of its capabilities and limits.
export const BLOB_SIZE_LIMIT_ERROR = defineSetting({
  key: 'limit.blobSize.error',
  type: 'int',
  scope: 'namespace',
  defaultValue: 2 * MIB,
});
export const MEMO_SIZE_LIMIT_ERROR = defineSetting({
  key: 'limit.memoSize.error',
  type: 'int',
  scope: 'namespace',
  defaultValue: 2 * MIB,
});
const flag = (key: string, defaultValue: boolean) =>
  defineSetting<boolean>({ key, type: 'bool', scope: 'namespace', defaultValue });
export const ENABLE_EAGER_WORKFLOW_START = flag('system.enableEagerWorkflowStart', true);
export const ENABLE_UPDATE = flag('frontend.enableUpdateWorkflowExecution', true);
export const ENABLE_UPDATE_ASYNC = flag('frontend.enableUpdateWorkflowExecutionAsyncAccepted', true);
export const ENABLE_WORKFLOW_PAUSE = flag('frontend.WorkflowPauseEnabled', false);
/** On since Temporal 1.32. */
export const ENABLE_STANDALONE_ACTIVITIES = flag('activity.enableStandalone', true);
export const ENABLE_ACTIVITY_START_DELAY = flag('activity.startDelayEnabled', true);
/** Differs: `temporal server start-dev` has them on, the server alone off. */
export const ENABLE_ACTIVITY_OPERATOR_COMMANDS = flag('history.enableStandaloneActivityOperatorCommands', true);
/** Temporal's default is false: a task can then be handed to a poll that its worker is just giving up. */
export const CANCEL_WORKER_POLLS_ON_SHUTDOWN = flag('frontend.enableCancelWorkerPollsOnShutdown', true);
export const REPORTED_PROBLEMS_THRESHOLD = defineSetting({
  key: 'system.numConsecutiveWorkflowTaskProblemsToTriggerSearchAttribute',
  type: 'int',
  scope: 'namespace',
  defaultValue: 5,
});
