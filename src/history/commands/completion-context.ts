// Joins the pure validators (validate/) with a live workflow: limits by namespace, counts read at each command.

import { namespaceNotFound } from '../../proto/service-errors.ts';
import type { HistoryEngine } from '../engine.ts';
import {
  commandLimits,
  DEFAULT_ACTIVITY_RETRY_POLICY,
  DEFAULT_WORKFLOW_RETRY_POLICY,
  DEFAULT_WORKFLOW_TASK_TIMEOUT,
  ENABLE_CROSS_NAMESPACE_COMMANDS,
  retryPolicyDefaults,
} from '../limits.ts';
import { searchAttributeRules } from '../search-attribute-rules.ts';
import type { Workflow } from '../workflow/workflow.ts';
import type { CommandContext } from './validate/index.ts';

export function completionContext(
  engine: HistoryEngine,
  workflow: Workflow,
  startedChildren: ReadonlySet<string>,
): CommandContext {
  const { config } = engine;
  const { state } = workflow;
  return {
    namespace: workflow.namespace,
    nowMs: workflow.nowMs,
    limits: commandLimits(config, workflow.namespace.name),
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
    activityRetryDefaults: retryPolicyDefaults(config, DEFAULT_ACTIVITY_RETRY_POLICY, workflow.namespace.name),
    workflowRetryDefaults: (namespace) => retryPolicyDefaults(config, DEFAULT_WORKFLOW_RETRY_POLICY, namespace),
    defaultWorkflowTaskTimeoutMs: (namespace) => config.get(DEFAULT_WORKFLOW_TASK_TIMEOUT, { namespace }),
    crossNamespaceCommandsEnabled: config.get(ENABLE_CROSS_NAMESPACE_COMMANDS),
    resolveNamespace(name) {
      const record = engine.namespaces.byName(name);
      if (record === undefined) throw namespaceNotFound(name);
      return record;
    },
  };
}
