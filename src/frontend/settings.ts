// Dynamic settings that the frontend reads: Temporal's keys and defaults (common/dynamicconfig/constants.go, v1.31). Main loop.

import { defineSetting } from '../config/dynamic-config.ts';

const KIB = 1024;
const MIB = 1024 * KIB;

// Limits on what a request may hold.
export const MAX_ID_LENGTH = defineSetting({
  key: 'limit.maxIDLength',
  type: 'int',
  scope: 'global',
  defaultValue: 1000,
});
export const BLOB_SIZE_ERROR = defineSetting({
  key: 'limit.blobSize.error',
  type: 'int',
  scope: 'namespace',
  defaultValue: 2 * MIB,
});
export const BLOB_SIZE_WARN = defineSetting({
  key: 'limit.blobSize.warn',
  type: 'int',
  scope: 'namespace',
  defaultValue: 512 * KIB,
});
export const MEMO_SIZE_ERROR = defineSetting({
  key: 'limit.memoSize.error',
  type: 'int',
  scope: 'namespace',
  defaultValue: 2 * MIB,
});
export const WORKER_BUILD_ID_SIZE = defineSetting({
  key: 'limit.workerBuildIdSize',
  type: 'int',
  scope: 'global',
  defaultValue: 255,
});
export const REACHABILITY_QUERY_BUILD_IDS = defineSetting({
  key: 'limit.reachabilityQueryBuildIds',
  type: 'int',
  scope: 'global',
  defaultValue: 5,
});
export const MAX_LINKS_PER_REQUEST = defineSetting({
  key: 'frontend.maxlinksPerRequest',
  type: 'int',
  scope: 'namespace',
  defaultValue: 10,
});
/** Bytes of one encoded link: it may hold a workflow id and a namespace name of 1000 bytes each. */
export const LINK_MAX_SIZE = defineSetting({
  key: 'frontend.linkMaxSize',
  type: 'int',
  scope: 'namespace',
  defaultValue: 4000,
});
export const USER_METADATA_SUMMARY_SIZE = defineSetting({
  key: 'limit.userMetadataSummarySize',
  type: 'int',
  scope: 'namespace',
  defaultValue: 400,
});
export const USER_METADATA_DETAILS_SIZE = defineSetting({
  key: 'limit.userMetadataDetailsSize',
  type: 'int',
  scope: 'namespace',
  defaultValue: 20_000,
});
export const MAX_CALLBACKS_PER_WORKFLOW = defineSetting({
  key: 'system.maxCallbacksPerWorkflow',
  type: 'int',
  scope: 'namespace',
  defaultValue: 32,
});
export const CALLBACK_URL_MAX_LENGTH = defineSetting({
  key: 'frontend.callbackURLMaxLength',
  type: 'int',
  scope: 'namespace',
  defaultValue: 1000,
});
export const CALLBACK_HEADER_MAX_SIZE = defineSetting({
  key: 'frontend.callbackHeaderMaxLength',
  type: 'int',
  scope: 'namespace',
  defaultValue: 8 * KIB,
});
export const MAX_FAIRNESS_WEIGHT_OVERRIDES = defineSetting({
  key: 'matching.maxFairnessKeyWeightOverrides',
  type: 'int',
  scope: 'taskQueue',
  defaultValue: 1000,
});

// Pages.
export const VISIBILITY_MAX_PAGE_SIZE = defineSetting({
  key: 'frontend.visibilityMaxPageSize',
  type: 'int',
  scope: 'namespace',
  defaultValue: 1000,
});
export const HISTORY_MAX_PAGE_SIZE = defineSetting({
  key: 'frontend.historyMaxPageSize',
  type: 'int',
  scope: 'namespace',
  defaultValue: 256,
});
export const ARCHIVED_VISIBILITY_MAX_PAGE_SIZE = defineSetting({
  key: 'frontend.visibilityArchivalQueryMaxPageSize',
  type: 'int',
  scope: 'global',
  defaultValue: 10_000,
});

// What is allowed.
export const ENABLE_UPDATE = defineSetting({
  key: 'frontend.enableUpdateWorkflowExecution',
  type: 'bool',
  scope: 'namespace',
  defaultValue: true,
});
export const ENABLE_UPDATE_ASYNC_ACCEPTED = defineSetting({
  key: 'frontend.enableUpdateWorkflowExecutionAsyncAccepted',
  type: 'bool',
  scope: 'namespace',
  defaultValue: true,
});
export const DISALLOW_QUERY = defineSetting({
  key: 'system.disallowQuery',
  type: 'bool',
  scope: 'namespace',
  defaultValue: false,
});
export const DISABLE_LIST_BY_FILTER = defineSetting({
  key: 'frontend.disableListVisibilityByFilter',
  type: 'bool',
  scope: 'namespace',
  defaultValue: false,
});
export const WORKFLOW_PAUSE_ENABLED = defineSetting({
  key: 'frontend.WorkflowPauseEnabled',
  type: 'bool',
  scope: 'namespace',
  defaultValue: false,
});
/** Activities without a workflow: on since Temporal 1.32. */
export const ENABLE_STANDALONE_ACTIVITIES = defineSetting({
  key: 'activity.enableStandalone',
  type: 'bool',
  scope: 'namespace',
  defaultValue: true,
});
export const ENABLE_ACTIVITY_START_DELAY = defineSetting({
  key: 'activity.startDelayEnabled',
  type: 'bool',
  scope: 'namespace',
  defaultValue: true,
});
/** Pause, unpause, reset and update of such activities. Differs: `temporal server start-dev` has them on, the server alone off. */
export const ENABLE_ACTIVITY_OPERATOR_COMMANDS = defineSetting({
  key: 'history.enableStandaloneActivityOperatorCommands',
  type: 'bool',
  scope: 'namespace',
  defaultValue: true,
});
export const TOKEN_NAMESPACE_ENFORCEMENT = defineSetting({
  key: 'frontend.enableTokenNamespaceEnforcement',
  type: 'bool',
  scope: 'global',
  defaultValue: true,
});
export const MASK_INTERNAL_ERRORS = defineSetting({
  key: 'frontend.maskInternalErrorDetails',
  type: 'bool',
  scope: 'namespace',
  defaultValue: true,
});
export const EXPOSE_AUTHORIZER_ERRORS = defineSetting({
  key: 'frontend.exposeAuthorizerErrors',
  type: 'bool',
  scope: 'global',
  defaultValue: false,
});

// Rates: requests per second on this host. A global rate that is not zero is divided by the frontend hosts and used instead.
export const GLOBAL_RPS = defineSetting({ key: 'frontend.globalRPS', type: 'int', scope: 'global', defaultValue: 0 });
export const GLOBAL_NAMESPACE_RPS = defineSetting({
  key: 'frontend.globalNamespaceRPS',
  type: 'int',
  scope: 'namespace',
  defaultValue: 0,
});
export const GLOBAL_NAMESPACE_VISIBILITY_RPS = defineSetting({
  key: 'frontend.globalNamespaceRPS.visibility',
  type: 'int',
  scope: 'namespace',
  defaultValue: 0,
});
export const GLOBAL_NAMESPACE_REPLICATION_RPS = defineSetting({
  key: 'frontend.globalNamespaceRPS.namespaceReplicationInducingAPIs',
  type: 'int',
  scope: 'namespace',
  defaultValue: 10,
});
export const HOST_RPS = defineSetting({ key: 'frontend.rps', type: 'int', scope: 'global', defaultValue: 2400 });
export const HOST_NAMESPACE_REPLICATION_RPS = defineSetting({
  key: 'frontend.rps.namespaceReplicationInducingAPIs',
  type: 'int',
  scope: 'global',
  defaultValue: 20,
});
export const NAMESPACE_RPS = defineSetting({
  key: 'frontend.namespaceRPS',
  type: 'int',
  scope: 'namespace',
  defaultValue: 2400,
});
export const NAMESPACE_BURST_RATIO = defineSetting({
  key: 'frontend.namespaceBurstRatio',
  type: 'float',
  scope: 'namespace',
  defaultValue: 2,
});
export const NAMESPACE_VISIBILITY_RPS = defineSetting({
  key: 'frontend.namespaceRPS.visibility',
  type: 'int',
  scope: 'namespace',
  defaultValue: 10,
});
export const NAMESPACE_VISIBILITY_BURST_RATIO = defineSetting({
  key: 'frontend.namespaceBurstRatio.visibility',
  type: 'float',
  scope: 'namespace',
  defaultValue: 1,
});
export const NAMESPACE_REPLICATION_RPS = defineSetting({
  key: 'frontend.namespaceRPS.namespaceReplicationInducingAPIs',
  type: 'int',
  scope: 'namespace',
  defaultValue: 1,
});
export const NAMESPACE_REPLICATION_BURST_RATIO = defineSetting({
  key: 'frontend.namespaceBurstRatio.namespaceReplicationInducingAPIs',
  type: 'float',
  scope: 'namespace',
  defaultValue: 10,
});
/** Share of a rate that operators (`caller-type: operator`) get of their own. */
export const OPERATOR_RPS_RATIO = defineSetting({
  key: 'system.operatorRPSRatio',
  type: 'float',
  scope: 'global',
  defaultValue: 0.2,
});
/** Calls that wait (polls, queries, updates) at one time, per namespace and method. */
export const NAMESPACE_CONCURRENT_LIMIT = defineSetting({
  key: 'frontend.namespaceCount',
  type: 'int',
  scope: 'namespace',
  defaultValue: 1200,
});

/** What a given retry policy leaves out. Keys as in Temporal's configuration. */
const RETRY_DEFAULTS: Readonly<Record<string, unknown>> = {
  InitialIntervalInSeconds: 1,
  MaximumIntervalCoefficient: 100,
  BackoffCoefficient: 2,
  MaximumAttempts: 0,
};
export const DEFAULT_WORKFLOW_RETRY_POLICY = defineSetting({
  key: 'history.defaultWorkflowRetryPolicy',
  type: 'map',
  scope: 'namespace',
  defaultValue: RETRY_DEFAULTS,
});
export const DEFAULT_ACTIVITY_RETRY_POLICY = defineSetting({
  key: 'history.defaultActivityRetryPolicy',
  type: 'map',
  scope: 'namespace',
  defaultValue: RETRY_DEFAULTS,
});

/** A list of host patterns with `*`; HTTP requests whose Host header matches none are refused. None: every host is allowed. */
export const HTTP_ALLOWED_HOSTS = defineSetting({
  key: 'frontend.httpAllowedHosts',
  type: 'map',
  scope: 'global',
  defaultValue: {} as Readonly<Record<string, unknown>>,
});
