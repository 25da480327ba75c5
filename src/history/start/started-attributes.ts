// From a client's or parent's request to a run's started event: defaults, timeouts capped by each other, first backoff.

import type { ParentInfo } from '#proto/ostinato/history/v1';
import type { NamespaceRecord } from '#proto/ostinato/worker/v1';
import { ContinueAsNewInitiator, TaskQueueKind } from '#proto/temporal/api/enums/v1';
import type { WorkflowExecutionStartedEventAttributesInit } from '#proto/temporal/api/history/v1';
import type { StartWorkflowExecutionRequest } from '#proto/temporal/api/workflowservice/v1';
import type { DynamicConfig } from '../../config/dynamic-config.ts';
import { firstWorkflowTaskBackoffMs, withRetryPolicyDefaults } from '../backoff/index.ts';
import { effectiveRunTimeout, effectiveWorkflowTaskTimeout } from '../commands/validate/workflow-timeouts.ts';
import { withoutNullMemoFields, withoutNullSearchAttributes } from '../events/index.ts';
import { DEFAULT_WORKFLOW_RETRY_POLICY, DEFAULT_WORKFLOW_TASK_TIMEOUT, retryPolicyDefaults } from '../limits.ts';

import { typedSearchAttributes } from '../search-attribute-rules.ts';

export interface StartContext {
  readonly config: DynamicConfig;
  readonly namespace: NamespaceRecord;
  readonly runId: string;
  readonly nowMs: number;
  readonly parent?: ParentInfo | undefined;
}

export function startedAttributes(
  request: StartWorkflowExecutionRequest,
  { config, namespace, runId, nowMs, parent }: StartContext,
): WorkflowExecutionStartedEventAttributesInit {
  const constraints = { namespace: namespace.name };
  const runTimeoutMs = effectiveRunTimeout(request.workflowRunTimeout ?? 0, request.workflowExecutionTimeout ?? 0);
  const backoffMs = firstWorkflowTaskBackoffMs(request.cronSchedule, request.workflowStartDelay, nowMs);
  const executionTimeoutMs = request.workflowExecutionTimeout ?? 0;
  const retryPolicy =
    request.retryPolicy === undefined
      ? undefined
      : withRetryPolicyDefaults(
          request.retryPolicy,
          retryPolicyDefaults(config, DEFAULT_WORKFLOW_RETRY_POLICY, namespace.name),
        );
  const searchAttributes = withoutNullSearchAttributes(request.searchAttributes);
  return {
    workflowType: request.workflowType,
    taskQueue: {
      name: request.taskQueue?.name ?? '',
      kind: request.taskQueue?.kind || TaskQueueKind.NORMAL,
      normalName: request.taskQueue?.normalName ?? '',
    },
    input: request.input,
    workflowExecutionTimeout: request.workflowExecutionTimeout,
    workflowRunTimeout: unlessUnset(runTimeoutMs, request.workflowRunTimeout),
    workflowTaskTimeout: effectiveWorkflowTaskTimeout(
      request.workflowTaskTimeout ?? 0,
      runTimeoutMs,
      config.get(DEFAULT_WORKFLOW_TASK_TIMEOUT, constraints),
    ),
    initiator: request.cronSchedule === '' ? ContinueAsNewInitiator.UNSPECIFIED : ContinueAsNewInitiator.CRON_SCHEDULE,
    continuedFailure: request.continuedFailure,
    lastCompletionResult: request.lastCompletionResult,
    originalExecutionRunId: runId,
    identity: request.identity,
    firstExecutionRunId: runId,
    retryPolicy,
    attempt: 1,
    workflowExecutionExpirationTime: executionTimeoutMs > 0 ? Math.round(nowMs + executionTimeoutMs) : undefined,
    cronSchedule: request.cronSchedule,
    firstWorkflowTaskBackoff: backoffMs,
    memo: withoutNullMemoFields(request.memo),
    searchAttributes: searchAttributes && typedSearchAttributes(namespace, searchAttributes),
    header: request.header,
    workflowId: request.workflowId,
    completionCallbacks: request.completionCallbacks,
    versioningOverride: request.versioningOverride,
    priority: request.priority,
    ...(parent === undefined
      ? {}
      : {
          parentWorkflowNamespace: parent.namespace,
          parentWorkflowNamespaceId: parent.namespaceId,
          parentWorkflowExecution: parent.execution,
          parentInitiatedEventId: parent.initiatedId,
          parentInitiatedEventVersion: parent.initiatedVersion,
          rootWorkflowExecution: parent.rootExecution,
        }),
  };
}

/** A timeout that was not given, and that nothing bounds, stays away from the event. */
function unlessUnset(effectiveMs: number, given: number | undefined): number | undefined {
  return effectiveMs === 0 && given === undefined ? undefined : effectiveMs;
}
