// Joins the pure validators (validate/) with a live workflow: limits by namespace, counts read at each command.

import { defineSetting } from '../../config/dynamic-config.ts';
import { namespaceNotFound } from '../../proto/service-errors.ts';
import { DEFAULT_RETRY_POLICY_DEFAULTS } from '../backoff/index.ts';
import type { HistoryEngine } from '../engine.ts';
import { searchAttributeRules } from '../search-attribute-rules.ts';
import type { Workflow } from '../workflow/workflow.ts';
import type { CommandContext } from './validate/index.ts';

const MIB = 1024 * 1024;
const limit = (key: string, defaultValue: number) =>
  defineSetting({ key, type: 'int', scope: 'namespace', defaultValue });
const MAX_ID_LENGTH = limit('limit.maxIDLength', 1000);
const BLOB_SIZE_ERROR = limit('limit.blobSize.error', 2 * MIB);
const MEMO_SIZE_ERROR = limit('limit.memoSize.error', 2 * MIB);
const PENDING_ACTIVITIES = limit('limit.numPendingActivities.error', 2000);
const PENDING_CHILDREN = limit('limit.numPendingChildExecutions.error', 2000);
const PENDING_SIGNALS = limit('limit.numPendingSignals.error', 2000);
const PENDING_CANCELS = limit('limit.numPendingCancelRequests.error', 2000);
const CROSS_NAMESPACE = defineSetting({
  key: 'system.enableCrossNamespaceCommands',
  type: 'bool',
  scope: 'global',
  defaultValue: false,
});
export const DEFAULT_WORKFLOW_TASK_TIMEOUT = defineSetting({
  key: 'history.defaultWorkflowTaskTimeout',
  type: 'durationMs',
  scope: 'namespace',
  defaultValue: 10_000,
});

export function completionContext(
  engine: HistoryEngine,
  workflow: Workflow,
  startedChildren: ReadonlySet<string>,
): CommandContext {
  const { config } = engine;
  const constraints = { namespace: workflow.namespace.name };
  const { state } = workflow;
  return {
    namespace: workflow.namespace,
    nowMs: workflow.nowMs,
    limits: {
      maxIdLengthBytes: config.get(MAX_ID_LENGTH, constraints),
      blobSizeErrorBytes: config.get(BLOB_SIZE_ERROR, constraints),
      memoSizeErrorBytes: config.get(MEMO_SIZE_ERROR, constraints),
      pendingActivities: config.get(PENDING_ACTIVITIES, constraints),
      pendingChildExecutions: config.get(PENDING_CHILDREN, constraints),
      pendingSignals: config.get(PENDING_SIGNALS, constraints),
      pendingCancelRequests: config.get(PENDING_CANCELS, constraints),
    },
    workflow: {
      workflowId: workflow.workflowId,
      workflowType: state.workflowType,
      taskQueue: state.taskQueue,
      runTimeoutMs: state.runTimeout,
      executionTimeoutMs: state.executionTimeout,
      defaultWorkflowTaskTimeoutMs: state.defaultWorkflowTaskTimeout,
      assignedBuildId: state.assignedBuildId,
      get memo() {
        return workflow.state.memo;
      },
      get searchAttributes() {
        return workflow.state.searchAttributes;
      },
      get pendingActivityCount() {
        return workflow.activities.size;
      },
      get pendingChildExecutionCount() {
        return workflow.children.size;
      },
      get pendingSignalCount() {
        return workflow.signals.size;
      },
      get pendingCancelRequestCount() {
        return workflow.requestCancels.size;
      },
      startedChildInThisTask: (workflowId) => startedChildren.has(workflowId),
    },
    searchAttributes: searchAttributeRules(engine, workflow.namespace),
    activityRetryDefaults: DEFAULT_RETRY_POLICY_DEFAULTS,
    workflowRetryDefaults: () => DEFAULT_RETRY_POLICY_DEFAULTS,
    defaultWorkflowTaskTimeoutMs: (namespace) => config.get(DEFAULT_WORKFLOW_TASK_TIMEOUT, { namespace }),
    crossNamespaceCommandsEnabled: config.get(CROSS_NAMESPACE),
    resolveNamespace(name) {
      const record = engine.namespaces.byName(name);
      if (record === undefined) throw namespaceNotFound(name);
      return record;
    },
  };
}
