// WorkflowExecutionContinuedAsNew.

import { EventType } from '#proto/temporal/api/enums/v1';
import type { ContinueAsNewAttributes } from '../commands/validate/index.ts';
import type { CommandOrigin, NewEvent } from './new-event.ts';
import { withoutNullMemoFields, withoutNullSearchAttributes } from './null-fields.ts';

export function workflowExecutionContinuedAsNew(
  command: ContinueAsNewAttributes,
  newExecutionRunId: string,
  { workflowTaskCompletedEventId, userMetadata }: CommandOrigin,
): NewEvent {
  return {
    eventType: EventType.WORKFLOW_EXECUTION_CONTINUED_AS_NEW,
    workflowExecutionContinuedAsNewEventAttributes: {
      workflowTaskCompletedEventId,
      newExecutionRunId,
      workflowType: command.workflowType,
      taskQueue: command.taskQueue,
      header: command.header,
      input: command.input,
      workflowRunTimeout: command.workflowRunTimeout,
      workflowTaskTimeout: command.workflowTaskTimeout,
      backoffStartInterval: command.backoffStartInterval,
      initiator: command.initiator,
      failure: command.failure,
      lastCompletionResult: command.lastCompletionResult,
      memo: withoutNullMemoFields(command.memo),
      searchAttributes: withoutNullSearchAttributes(command.searchAttributes),
      inheritBuildId: command.inheritBuildId,
    },
    userMetadata,
  };
}
