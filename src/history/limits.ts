// The settings of the history service, with Temporal's keys and v1.31.2's defaults (common/dynamicconfig/constants.go); and
// the few questions that need several of them. A limit of 0 is no limit where a comment says so. History threads.

import { type DynamicConfig, defineSetting, type Setting } from '../config/dynamic-config.ts';
import { DEFAULT_RETRY_POLICY_DEFAULTS, type RetryPolicyDefaults } from './backoff/index.ts';
import type { CommandLimits } from './commands/validate/index.ts';
import type { UpdateLimits } from './workflow/update/index.ts';

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const KIB = 1024;
const MIB = 1024 * KIB;

type NumberType = 'int' | 'float' | 'durationMs';
const perNamespace = (key: string, type: NumberType, defaultValue: number): Setting<number> =>
  defineSetting<number>({ key, type, scope: 'namespace', defaultValue });
const perServer = (key: string, type: NumberType, defaultValue: number): Setting<number> =>
  defineSetting<number>({ key, type, scope: 'global', defaultValue });
const perNamespaceFlag = (key: string, defaultValue: boolean): Setting<boolean> =>
  defineSetting<boolean>({ key, type: 'bool', scope: 'namespace', defaultValue });
const retryPolicy = (key: string): Setting<Readonly<Record<string, unknown>>> =>
  defineSetting<Readonly<Record<string, unknown>>>({ key, type: 'map', scope: 'namespace', defaultValue: {} });

// -- What one request or command may carry, in bytes

export const MAX_ID_LENGTH = perServer('limit.maxIDLength', 'int', 1000);
/** Past `warn` the server logs, past `error` it refuses; here and below. */
export const BLOB_SIZE_WARN = perNamespace('limit.blobSize.warn', 'int', 512 * KIB);
export const BLOB_SIZE_ERROR = perNamespace('limit.blobSize.error', 'int', 2 * MIB);
export const MEMO_SIZE_WARN = perNamespace('limit.memoSize.warn', 'int', 2 * KIB);
export const MEMO_SIZE_ERROR = perNamespace('limit.memoSize.error', 'int', 2 * MIB);
export const USER_METADATA_SUMMARY_SIZE = perNamespace('limit.userMetadataSummarySize', 'int', 400);
export const USER_METADATA_DETAILS_SIZE = perNamespace('limit.userMetadataDetailsSize', 'int', 20_000);
export const SEARCH_ATTRIBUTE_KEYS = perNamespace('frontend.searchAttributesNumberOfKeysLimit', 'int', 100);
export const SEARCH_ATTRIBUTE_VALUE_SIZE = perNamespace('frontend.searchAttributesSizeOfValueLimit', 'int', 2 * KIB);
export const SEARCH_ATTRIBUTES_TOTAL_SIZE = perNamespace('frontend.searchAttributesTotalSizeLimit', 'int', 40 * KIB);
/** Of the last failure of an activity that is retried; a larger one is truncated. */
export const ACTIVITY_FAILURE_SIZE_WARN = perNamespace('limit.mutableStateActivityFailureSize.warn', 'int', 2 * KIB);
export const ACTIVITY_FAILURE_SIZE_ERROR = perNamespace('limit.mutableStateActivityFailureSize.error', 'int', 4 * KIB);

// -- What one run may grow to

export const HISTORY_SIZE_WARN = perNamespace('limit.historySize.warn', 'int', 10 * MIB);
export const HISTORY_SIZE_ERROR = perNamespace('limit.historySize.error', 'int', 50 * MIB);
export const HISTORY_SIZE_SUGGEST = perNamespace('limit.historySize.suggestContinueAsNew', 'int', 4 * MIB);
/** Events. */
export const HISTORY_COUNT_WARN = perNamespace('limit.historyCount.warn', 'int', 10 * KIB);
export const HISTORY_COUNT_ERROR = perNamespace('limit.historyCount.error', 'int', 50 * KIB);
export const HISTORY_COUNT_SUGGEST = perNamespace('limit.historyCount.suggestContinueAsNew', 'int', 4 * KIB);
export const MUTABLE_STATE_SIZE_WARN = perServer('limit.mutableStateSize.warn', 'int', MIB);
export const MUTABLE_STATE_SIZE_ERROR = perServer('limit.mutableStateSize.error', 'int', 8 * MIB);
/** One pending thing more than this is refused; 0 is no limit. */
export const PENDING_ACTIVITIES = perNamespace('limit.numPendingActivities.error', 'int', 2000);
export const PENDING_CHILD_EXECUTIONS = perNamespace('limit.numPendingChildExecutions.error', 'int', 2000);
export const PENDING_SIGNALS = perNamespace('limit.numPendingSignals.error', 'int', 2000);
export const PENDING_CANCEL_REQUESTS = perNamespace('limit.numPendingCancelRequests.error', 'int', 2000);
export const MAX_SIGNALS = perNamespace('history.maximumSignalsPerExecution', 'int', 10_000);
export const MAX_AUTO_RESET_POINTS = perNamespace('history.historyMaxAutoResetPoints', 'int', 20);
/** Failed workflow tasks in a row after which a search attribute tells of them; 0 for never. */
export const WORKFLOW_TASK_PROBLEMS_TO_REPORT = perNamespace(
  'system.numConsecutiveWorkflowTaskProblemsToTriggerSearchAttribute',
  'int',
  5,
);
/** Past either the started workflow task is failed, so that the buffer flushes. */
export const MAX_BUFFERED_EVENTS = perServer('history.maximumBufferedEventsBatch', 'int', 100);
export const MAX_BUFFERED_EVENTS_BYTES = perServer('history.maximumBufferedEventsSizeInBytes', 'int', 2 * MIB);
/** Consistent queries that wait for one run's workflow task. */
export const MAX_BUFFERED_QUERIES = perServer('history.MaxBufferedQueryCount', 'int', 1);

// -- Updates of one run; 0 is no limit

export const MAX_IN_FLIGHT_UPDATES = perNamespace('history.maxInFlightUpdates', 'int', 10);
/** Bytes of requests and outcomes held in memory. */
export const MAX_IN_FLIGHT_UPDATE_PAYLOADS = perNamespace('history.maxInFlightUpdatePayloads', 'int', 20 * MIB);
export const MAX_TOTAL_UPDATES = perNamespace('history.maxTotalUpdates', 'int', 2000);
export const TOTAL_UPDATES_SUGGEST = perNamespace(
  'history.maxTotalUpdates.suggestContinueAsNewThreshold',
  'float',
  0.9,
);

// -- Workflow tasks, retries, waiting

export const DEFAULT_WORKFLOW_TASK_TIMEOUT = perNamespace(
  'history.defaultWorkflowTaskTimeout',
  'durationMs',
  10 * SECOND_MS,
);
/** How long a worker may keep one workflow task by heartbeats. */
export const WORKFLOW_TASK_HEARTBEAT_TIMEOUT = perNamespace(
  'history.workflowTaskHeartbeatTimeout',
  'durationMs',
  30 * MINUTE_MS,
);
/** Attempts past which a failing workflow task is logged as critical. */
export const WORKFLOW_TASK_CRITICAL_ATTEMPT = perServer('history.workflowTaskCriticalAttempt', 'int', 10);
export const WORKFLOW_TASK_RETRY_MAX_INTERVAL = perServer(
  'history.workflowTaskRetryMaxInterval',
  'durationMs',
  10 * MINUTE_MS,
);
/** A speculative workflow task that did nothing is dropped while history has grown by less than this many events. */
export const DISCARD_SPECULATIVE_MAX_EVENTS = perServer(
  'history.discardSpeculativeWorkflowTaskMaximumEventsCount',
  'int',
  10,
);
export const WORKFLOW_ID_REUSE_MINIMAL_INTERVAL = perNamespace(
  'history.workflowIdReuseMinimalInterval',
  'durationMs',
  SECOND_MS,
);
export const LONG_POLL_EXPIRATION_INTERVAL = perNamespace(
  'history.longPollExpirationInterval',
  'durationMs',
  20 * SECOND_MS,
);
export const HISTORY_MAX_PAGE_SIZE = perNamespace('limit.historyMaxPageSize', 'int', 256);
export const MAX_LINKS_PER_ACTIVITY = perNamespace('chasm.maxLinksPerComponent', 'int', 2000);
/** Runs, and activities without a workflow, that memory keeps per shard when nothing else needs them. Differs: Temporal's 512 a shard are often too few. */
export const CACHE_MAX_SIZE = perServer('history.cacheMaxSize', 'int', 5_000);
/** History bytes of the runs in memory per shard. Differs: Temporal keeps single events, 512 KiB a shard. */
export const EVENTS_CACHE_MAX_BYTES = perServer('history.eventsCacheMaxSizeBytes', 'int', 64 * MIB);
export const RETENTION_TIMER_JITTER = perServer('history.retentionTimerJitterDuration', 'durationMs', 30 * MINUTE_MS);
export const DEFAULT_ACTIVITY_RETRY_POLICY = retryPolicy('history.defaultActivityRetryPolicy');
export const DEFAULT_WORKFLOW_RETRY_POLICY = retryPolicy('history.defaultWorkflowRetryPolicy');

// -- Switches

/** Search attributes of one value may be given a list of them. */
export const VISIBILITY_ALLOW_LIST = perNamespaceFlag('system.visibilityAllowList', true);
/** System search attributes that a client sets are passed over instead of refused. */
export const SUPPRESS_ERROR_SET_SYSTEM_SEARCH_ATTRIBUTE = perNamespaceFlag(
  'system.suppressErrorSetSystemSearchAttribute',
  false,
);
/** Clients get encoded batches instead of events. */
export const SEND_RAW_WORKFLOW_HISTORY = perNamespaceFlag('frontend.sendRawWorkflowHistory', false);
/** History calls show the events of a workflow task that history does not have yet. */
export const SEND_UNWRITTEN_TASK_EVENTS = perNamespaceFlag(
  'history.sendTransientOrSpeculativeWorkflowTaskEvents',
  true,
);

export const ENABLE_CROSS_NAMESPACE_COMMANDS = defineSetting<boolean>({
  key: 'system.enableCrossNamespaceCommands',
  type: 'bool',
  scope: 'global',
  defaultValue: false,
});
/** Differs: on, as `temporal server start-dev` sets it; the server's own default is off. */
export const ENABLE_ACTIVITY_EAGER_EXECUTION = perNamespaceFlag('system.enableActivityEagerExecution', true);
/** Starts of one workflow id keep the minimal interval. */
export const VALIDATE_START_INTERVAL = perNamespaceFlag('history.enableWorkflowIdReuseStartTimeValidation', false);
/** A reset may leave children of the base run behind. */
export const ALLOW_RESET_WITH_PENDING_CHILDREN = perNamespaceFlag('history.allowResetWithPendingChildren', true);
export const ENABLE_EAGER_WORKFLOW_START = perNamespaceFlag('system.enableEagerWorkflowStart', true);
/** Off: children outlive their parents whatever their policy says. */
export const ENABLE_PARENT_CLOSE_POLICY = perNamespaceFlag('history.enableParentClosePolicy', true);

// -- Questions

export function commandLimits(config: DynamicConfig, namespace: string): CommandLimits {
  const get = (setting: Setting<number>) => config.get(setting, { namespace });
  return {
    maxIdLengthBytes: config.get(MAX_ID_LENGTH),
    blobSizeErrorBytes: get(BLOB_SIZE_ERROR),
    memoSizeErrorBytes: get(MEMO_SIZE_ERROR),
    pendingActivities: get(PENDING_ACTIVITIES),
    pendingChildExecutions: get(PENDING_CHILD_EXECUTIONS),
    pendingSignals: get(PENDING_SIGNALS),
    pendingCancelRequests: get(PENDING_CANCEL_REQUESTS),
  };
}

export function updateLimits(config: DynamicConfig, namespace: string): UpdateLimits {
  const get = (setting: Setting<number>) => config.get(setting, { namespace });
  return {
    maxInFlight: get(MAX_IN_FLIGHT_UPDATES),
    maxInFlightBytes: get(MAX_IN_FLIGHT_UPDATE_PAYLOADS),
    maxTotal: get(MAX_TOTAL_UPDATES),
    suggestContinueAsNewThreshold: get(TOTAL_UPDATES_SUGGEST),
  };
}

/** One of the two retry policy settings, as defaults; keys that are missing or no number are Temporal's. */
export function retryPolicyDefaults(
  config: DynamicConfig,
  setting: Setting<Readonly<Record<string, unknown>>>,
  namespace: string,
): RetryPolicyDefaults {
  const value = config.get(setting, { namespace });
  const number = (name: string, otherwise: number) => {
    const given = Number(value[name] ?? Number.NaN);
    return Number.isFinite(given) ? given : otherwise;
  };
  const standard = DEFAULT_RETRY_POLICY_DEFAULTS;
  return {
    initialIntervalMs: number('InitialIntervalInSeconds', standard.initialIntervalMs / SECOND_MS) * SECOND_MS,
    maximumIntervalCoefficient: number('MaximumIntervalCoefficient', standard.maximumIntervalCoefficient),
    backoffCoefficient: number('BackoffCoefficient', standard.backoffCoefficient),
    maximumAttempts: number('MaximumAttempts', standard.maximumAttempts),
  };
}

/** Size of a run, for `runTooLarge`. */
export interface RunSize {
  readonly historyBytes: number;
  readonly historyEvents: number;
  readonly mutableStateBytes: number;
}

/** Why a running workflow is terminated before it grows further, in Temporal's words; undefined while it may go on. */
export function runTooLarge(config: DynamicConfig, namespace: string, size: RunSize): string | undefined {
  if (size.historyBytes > config.get(HISTORY_SIZE_ERROR, { namespace })) return 'Workflow history size exceeds limit.';
  if (size.historyEvents > config.get(HISTORY_COUNT_ERROR, { namespace }))
    return 'Workflow history count exceeds limit.';
  if (size.mutableStateBytes > config.get(MUTABLE_STATE_SIZE_ERROR))
    return 'Workflow mutable state size exceeds limit.';
  return undefined;
}
