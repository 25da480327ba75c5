// ContinueAsNewWorkflowExecution. What the command leaves out, the new run takes from this one.

import type { ContinueAsNewWorkflowExecutionCommandAttributes } from '#proto/temporal/api/command/v1';
import type { WorkflowType } from '#proto/temporal/api/common/v1';
import { TaskQueueKind, WorkflowTaskFailedCause } from '#proto/temporal/api/enums/v1';
import type { TaskQueue } from '#proto/temporal/api/taskqueue/v1';
import { capDuration, durationProblem, validateRetryPolicy, withRetryPolicyDefaults } from '../../backoff/index.ts';
import type { CommandContext } from './command-context.ts';
import { blame, CommandError } from './command-error.ts';
import { checkLength, checkSize } from './size-checks.ts';
import { describeTaskQueue, normalizeTaskQueue } from './task-queue.ts';
import { checkSearchAttributesSize } from './upsert-workflow-search-attributes.ts';
import { effectiveRunTimeout, effectiveWorkflowTaskTimeout } from './workflow-timeouts.ts';

const CAUSE = WorkflowTaskFailedCause.BAD_CONTINUE_AS_NEW_ATTRIBUTES;
const BAD_SEARCH_ATTRIBUTES = WorkflowTaskFailedCause.BAD_SEARCH_ATTRIBUTES;
const COMMAND = 'ContinueAsNewWorkflowExecutionCommand';

export type ContinueAsNewAttributes = ContinueAsNewWorkflowExecutionCommandAttributes & {
  workflowType: WorkflowType;
  taskQueue: TaskQueue;
  workflowRunTimeout: number;
  workflowTaskTimeout: number;
};

export function validateContinueAsNewWorkflowExecution(
  given: ContinueAsNewWorkflowExecutionCommandAttributes | undefined,
  context: CommandContext,
): { attributes: ContinueAsNewAttributes } {
  const namespace = context.namespace.name;
  const aliased = given?.searchAttributes;
  const searchAttributes =
    aliased && blame(BAD_SEARCH_ATTRIBUTES, () => context.searchAttributes.unalias(aliased, namespace));
  if (given === undefined) throw new CommandError(CAUSE, `${COMMAND}Attributes is not set on ${COMMAND}.`);
  const attributes = normalize({ ...given, searchAttributes }, context);
  const { workflow, limits } = context;
  const otherQueue = attributes.taskQueue.name !== workflow.taskQueue;
  if (workflow.assignedBuildId === '' && attributes.inheritBuildId && otherQueue) {
    throw new CommandError(CAUSE, 'ContinueAsNew with UseCompatibleVersion cannot run on different task queue.');
  }
  const inputBytes = attributes.input?.length ?? 0;
  checkSize(inputBytes, limits.blobSizeErrorBytes, CAUSE, `${COMMAND}Attributes. Input exceeds size limit.`);
  const memoBytes = attributes.memo?.length ?? 0;
  checkSize(memoBytes, limits.memoSizeErrorBytes, CAUSE, `${COMMAND}Attributes. Memo exceeds size limit.`);
  checkSearchAttributesSize(searchAttributes, namespace, CAUSE, context);
  return { attributes };
}

function normalize(
  given: ContinueAsNewWorkflowExecutionCommandAttributes,
  context: CommandContext,
): ContinueAsNewAttributes {
  const { workflow, limits } = context;
  const namespace = context.namespace.name;
  const typeName = given.workflowType?.name || workflow.workflowType;
  checkLength(typeName, limits.maxIdLengthBytes, (length) => {
    const detail = `WorkflowType=${typeName} Length=${length} Limit=${limits.maxIdLengthBytes}`;
    return new CommandError(CAUSE, `WorkflowType on ${COMMAND} exceeds length limit. ${detail}`);
  });
  const givenQueue = given.taskQueue ?? { name: '', kind: TaskQueueKind.NORMAL, normalName: '' };
  const rules = {
    defaultName: workflow.taskQueue,
    parentName: workflow.taskQueue,
    maxLengthBytes: limits.maxIdLengthBytes,
  };
  const taskQueue = blame(
    CAUSE,
    () => normalizeTaskQueue(givenQueue, rules),
    (message) => {
      const kind = givenQueue.kind || TaskQueueKind.NORMAL;
      const named = { ...givenQueue, name: givenQueue.name || workflow.taskQueue, kind };
      return `error validating ${COMMAND} TaskQueue: ${message}. ${identify(typeName, named)}`;
    },
  );
  const checked = (name: string, duration: number | undefined) => {
    const problem = durationProblem(duration);
    if (problem) {
      throw new CommandError(CAUSE, `Invalid ${name} on ${COMMAND}: ${problem}. ${identify(typeName, taskQueue)}`);
    }
    return capDuration(duration);
  };
  const runTimeout = checked('WorkflowRunTimeout', given.workflowRunTimeout);
  const taskTimeout = checked('WorkflowTaskTimeout', given.workflowTaskTimeout);
  const backoffStartInterval = checked('BackoffStartInterval', given.backoffStartInterval);
  const workflowRunTimeout = effectiveRunTimeout(runTimeout || workflow.runTimeoutMs, workflow.executionTimeoutMs);
  const workflowTaskTimeout = effectiveWorkflowTaskTimeout(
    taskTimeout || workflow.defaultWorkflowTaskTimeoutMs,
    workflowRunTimeout,
    context.defaultWorkflowTaskTimeoutMs(namespace),
  );
  const policy = given.retryPolicy;
  const retryPolicy =
    policy &&
    blame(
      CAUSE,
      () => validateRetryPolicy(withRetryPolicyDefaults(policy, context.workflowRetryDefaults(namespace))),
      (message) => `invalid WorkflowRetryPolicy on ${COMMAND}: ${message}. ${identify(typeName, taskQueue)}`,
    );
  const { searchAttributes } = given;
  if (searchAttributes) {
    blame(
      BAD_SEARCH_ATTRIBUTES,
      () => context.searchAttributes.validate(searchAttributes, namespace),
      (message) => `invalid SearchAttributes on ${COMMAND}: ${message}. ${identify(typeName, taskQueue)}`,
    );
  }
  return {
    ...given,
    workflowType: { name: typeName },
    taskQueue,
    workflowRunTimeout,
    workflowTaskTimeout,
    backoffStartInterval,
    retryPolicy,
  };
}

function identify(workflowType: string, taskQueue: TaskQueue): string {
  return `WorkflowType=${workflowType} TaskQueue=${describeTaskQueue(taskQueue)}`;
}
