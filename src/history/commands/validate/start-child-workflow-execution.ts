// StartChildWorkflowExecution.

import type { NamespaceRecord } from '#proto/ostinato/worker/v1';
import type { StartChildWorkflowExecutionCommandAttributes } from '#proto/temporal/api/command/v1';
import type { WorkflowType } from '#proto/temporal/api/common/v1';
import {
  ParentClosePolicy,
  TaskQueueKind,
  WorkflowIdReusePolicy,
  WorkflowTaskFailedCause,
} from '#proto/temporal/api/enums/v1';
import type { TaskQueue } from '#proto/temporal/api/taskqueue/v1';
import {
  capDuration,
  durationProblem,
  validateCronSchedule,
  validateRetryPolicy,
  withRetryPolicyDefaults,
} from '../../backoff/index.ts';
import type { CommandContext } from './command-context.ts';
import { blame, CommandError } from './command-error.ts';
import { checkCrossNamespace } from './cross-namespace.ts';
import { validatePriority } from './priority.ts';
import { checkLength, checkPendingCount, checkSize } from './size-checks.ts';
import { describeTaskQueue, normalizeTaskQueue } from './task-queue.ts';
import { checkSearchAttributesSize } from './upsert-workflow-search-attributes.ts';
import { effectiveRunTimeout, effectiveWorkflowTaskTimeout } from './workflow-timeouts.ts';

const CAUSE = WorkflowTaskFailedCause.BAD_START_CHILD_EXECUTION_ATTRIBUTES;
const BAD_SEARCH_ATTRIBUTES = WorkflowTaskFailedCause.BAD_SEARCH_ATTRIBUTES;
const COMMAND = 'StartChildWorkflowExecutionCommand';

export type StartChildAttributes = StartChildWorkflowExecutionCommandAttributes & {
  workflowType: WorkflowType;
  taskQueue: TaskQueue;
  workflowRunTimeout: number;
  workflowTaskTimeout: number;
};

export function validateStartChildWorkflowExecution(
  given: StartChildWorkflowExecutionCommandAttributes | undefined,
  context: CommandContext,
): { attributes: StartChildAttributes; target: NamespaceRecord } {
  if (given === undefined) throw new CommandError(CAUSE, `${COMMAND}Attributes is not set on ${COMMAND}.`);
  const target = given.namespace === '' ? context.namespace : context.resolveNamespace(given.namespace);
  const aliased = given.searchAttributes;
  const searchAttributes =
    aliased && blame(BAD_SEARCH_ATTRIBUTES, () => context.searchAttributes.unalias(aliased, target.name));
  const named = { ...given, namespace: given.namespace || context.namespace.name, searchAttributes };
  const attributes = normalize(named, target, context);
  const { workflow, limits } = context;
  const otherQueue = attributes.taskQueue.name !== workflow.taskQueue;
  if (workflow.assignedBuildId === '' && attributes.inheritBuildId && otherQueue) {
    const message = 'StartChildWorkflowExecution with UseCompatibleVersion cannot run on different task queue.';
    throw new CommandError(CAUSE, message);
  }
  const inputBytes = attributes.input?.length ?? 0;
  checkSize(inputBytes, limits.blobSizeErrorBytes, CAUSE, `${COMMAND}Attributes. Input exceeds size limit.`);
  const memoBytes = attributes.memo?.length ?? 0;
  checkSize(memoBytes, limits.memoSizeErrorBytes, CAUSE, `${COMMAND}Attributes.Memo exceeds size limit.`);
  checkSearchAttributesSize(searchAttributes, target.name, CAUSE, context);
  checkPendingCount(
    workflow.pendingChildExecutionCount,
    limits.pendingChildExecutions,
    WorkflowTaskFailedCause.PENDING_CHILD_WORKFLOWS_LIMIT_EXCEEDED,
    'pending child workflow executions',
  );
  return { attributes, target };
}

function normalize(
  given: StartChildWorkflowExecutionCommandAttributes,
  target: NamespaceRecord,
  context: CommandContext,
): StartChildAttributes {
  const { workflowId, namespace } = given;
  const typeName = given.workflowType?.name ?? '';
  blame(CAUSE, () => checkCrossNamespace(context.namespace, target, context.crossNamespaceCommandsEnabled));
  checkIds(workflowId, typeName, namespace, context.limits.maxIdLengthBytes);
  const ids = `WorkflowId=${workflowId} WorkflowType=${typeName} Namespace=${namespace}`;
  const checked = (name: string, duration: number | undefined) => {
    const problem = durationProblem(duration);
    if (problem) throw new CommandError(CAUSE, `Invalid ${name} on ${COMMAND}: ${problem}. ${ids}`);
    return capDuration(duration);
  };
  const workflowExecutionTimeout = checked('WorkflowExecutionTimeout', given.workflowExecutionTimeout);
  const runTimeout = checked('WorkflowRunTimeout', given.workflowRunTimeout);
  const taskTimeout = checked('WorkflowTaskTimeout', given.workflowTaskTimeout);
  const policy = given.retryPolicy;
  const retryPolicy =
    policy &&
    blame(
      CAUSE,
      () => validateRetryPolicy(withRetryPolicyDefaults(policy, context.workflowRetryDefaults(namespace))),
      (message) => `invalid WorkflowRetryPolicy on ${COMMAND}: ${message}. ${ids}`,
    );
  blame(
    CAUSE,
    () => validateCronSchedule(given.cronSchedule, context.nowMs),
    (message) => `invalid CronSchedule on ${COMMAND}: ${message}. ${ids}`,
  );
  const { searchAttributes } = given;
  if (searchAttributes) {
    blame(
      BAD_SEARCH_ATTRIBUTES,
      () => context.searchAttributes.validate(searchAttributes, target.name),
      (message) => `invalid SearchAttributes on StartChildWorkflowCommand: ${message}. ${ids}`,
    );
  }
  blame(CAUSE, () => validatePriority(given.priority));
  const taskQueue = childTaskQueue(given.taskQueue, ids, context);
  const workflowRunTimeout = effectiveRunTimeout(runTimeout, workflowExecutionTimeout);
  const defaultTaskTimeout = context.defaultWorkflowTaskTimeoutMs(target.name);
  return {
    ...given,
    workflowType: { name: typeName },
    taskQueue,
    workflowExecutionTimeout,
    workflowRunTimeout,
    workflowTaskTimeout: effectiveWorkflowTaskTimeout(taskTimeout, workflowRunTimeout, defaultTaskTimeout),
    retryPolicy,
    parentClosePolicy: given.parentClosePolicy || ParentClosePolicy.TERMINATE,
    workflowIdReusePolicy: given.workflowIdReusePolicy || WorkflowIdReusePolicy.ALLOW_DUPLICATE,
  };
}

function childTaskQueue(given: TaskQueue | undefined, ids: string, { workflow, limits }: CommandContext): TaskQueue {
  const queue = given ?? { name: '', kind: TaskQueueKind.NORMAL, normalName: '' };
  const rules = {
    defaultName: workflow.taskQueue,
    parentName: workflow.taskQueue,
    maxLengthBytes: limits.maxIdLengthBytes,
  };
  return blame(
    CAUSE,
    () => normalizeTaskQueue(queue, rules),
    (message) => {
      const kind = queue.kind || TaskQueueKind.NORMAL;
      const described = describeTaskQueue({ ...queue, name: queue.name || workflow.taskQueue, kind });
      return `invalid TaskQueue on ${COMMAND}: ${message}. ${ids} TaskQueue=${described}`;
    },
  );
}

function checkIds(workflowId: string, workflowType: string, namespace: string, limit: number): void {
  if (workflowId === '') {
    const detail = `WorkflowType=${workflowType} Namespace=${namespace}`;
    throw new CommandError(CAUSE, `Required field WorkflowId is not set on ${COMMAND}. ${detail}`);
  }
  if (workflowType === '') {
    const detail = `WorkflowId=${workflowId} Namespace=${namespace}`;
    throw new CommandError(CAUSE, `Required field WorkflowType is not set on ${COMMAND}. ${detail}`);
  }
  const tooLong = (field: string, detail: string) =>
    new CommandError(CAUSE, `${field} on ${COMMAND} exceeds length limit. WorkflowId=${workflowId} ${detail}`);
  checkLength(namespace, limit, (length) =>
    tooLong('Namespace', `WorkflowType=${workflowType} Namespace=${namespace} Length=${length} Limit=${limit}`),
  );
  checkLength(workflowId, limit, (length) =>
    tooLong('WorkflowId', `Length=${length} Limit=${limit} WorkflowType=${workflowType} Namespace=${namespace}`),
  );
  checkLength(workflowType, limit, (length) =>
    tooLong('WorkflowType', `WorkflowType=${workflowType} Length=${length} Limit=${limit} Namespace=${namespace}`),
  );
}
