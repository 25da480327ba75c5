import { ContinueAsNewInitiator, EventType } from '#proto/temporal/api/enums/v1';
import { withMinimalInterval } from '../backoff/index.ts';
import { withoutNullMemoFields, withoutNullSearchAttributes } from '../events/index.ts';
import { closeRun } from '../workflow/close.ts';
import { beginSuccessor, minimalIntervalMs } from '../workflow/successor.ts';
import type { CommandHandler } from './command.ts';
import { refuseUnhandled } from './refuse-unhandled.ts';
import { validateContinueAsNewWorkflowExecution } from './validate/index.ts';

export const continueAsNewWorkflowExecution: CommandHandler = (completion, command) => {
  const { workflow } = completion;
  refuseUnhandled(completion);
  const { attributes } = validateContinueAsNewWorkflowExecution(
    command.continueAsNewWorkflowExecutionCommandAttributes,
    completion.context,
  );
  if (!workflow.isRunning) return;
  const { state } = workflow;
  const runId = workflow.environment.newId();
  closeRun(workflow, EventType.WORKFLOW_EXECUTION_CONTINUED_AS_NEW, {
    workflowExecutionContinuedAsNewEventAttributes: {
      newExecutionRunId: runId,
      workflowType: attributes.workflowType,
      taskQueue: attributes.taskQueue,
      input: attributes.input,
      workflowRunTimeout: attributes.workflowRunTimeout,
      workflowTaskTimeout: attributes.workflowTaskTimeout,
      workflowTaskCompletedEventId: completion.completedEventId,
      backoffStartInterval: attributes.backoffStartInterval,
      initiator: attributes.initiator,
      failure: attributes.failure,
      lastCompletionResult: attributes.lastCompletionResult,
      header: attributes.header,
      memo: withoutNullMemoFields(attributes.memo),
      searchAttributes: withoutNullSearchAttributes(attributes.searchAttributes),
      inheritBuildId: attributes.inheritBuildId,
    },
    userMetadata: command.userMetadata,
  });
  const initiator = attributes.initiator || ContinueAsNewInitiator.WORKFLOW;
  beginSuccessor(workflow, {
    runId,
    initiator,
    backoffMs: withMinimalInterval(
      {
        nowMs: workflow.nowMs,
        startTimeMs: state.startTime ?? workflow.nowMs,
        executionTimeMs: state.executionTime,
        minimalIntervalMs: minimalIntervalMs(workflow),
      },
      attributes.backoffStartInterval,
    ),
    attempt: initiator === ContinueAsNewInitiator.RETRY ? state.attempt + 1 : 1,
    lastCompletionResult: attributes.lastCompletionResult,
    continuedFailure: attributes.failure,
    start: attributes,
    keepsCallbacks: true,
  });
};
