import { EventType } from '#proto/temporal/api/enums/v1';
import { closeRun } from '../workflow/close.ts';
import { nextRunOf, repeatRun } from '../workflow/successor.ts';
import type { CommandHandler } from './command.ts';
import { refuseUnhandled } from './refuse-unhandled.ts';
import { validateCompleteWorkflowExecution } from './validate/index.ts';

export const completeWorkflowExecution: CommandHandler = (completion, command) => {
  const { workflow } = completion;
  refuseUnhandled(completion);
  const { attributes } = validateCompleteWorkflowExecution(
    command.completeWorkflowExecutionCommandAttributes,
    completion.context,
  );
  if (!workflow.isRunning) return; // a second closing command is dropped
  const { next } = nextRunOf(workflow, { kind: 'completed', result: attributes.result });
  const newExecutionRunId = next === undefined ? '' : workflow.environment.newId();
  closeRun(workflow, EventType.WORKFLOW_EXECUTION_COMPLETED, {
    workflowExecutionCompletedEventAttributes: {
      result: attributes.result,
      workflowTaskCompletedEventId: completion.completedEventId,
      newExecutionRunId,
    },
    userMetadata: command.userMetadata,
  });
  if (next !== undefined) repeatRun(workflow, newExecutionRunId, next);
};
