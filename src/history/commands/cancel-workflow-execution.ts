import { EventType } from '#proto/temporal/api/enums/v1';
import { closeRun } from '../workflow/close.ts';
import type { CommandHandler } from './command.ts';
import { refuseUnhandled } from './refuse-unhandled.ts';
import { validateCancelWorkflowExecution } from './validate/index.ts';

export const cancelWorkflowExecution: CommandHandler = (completion, command) => {
  const { workflow } = completion;
  refuseUnhandled(completion);
  const { attributes } = validateCancelWorkflowExecution(command.cancelWorkflowExecutionCommandAttributes);
  if (!workflow.isRunning) return;
  closeRun(workflow, EventType.WORKFLOW_EXECUTION_CANCELED, {
    workflowExecutionCanceledEventAttributes: {
      workflowTaskCompletedEventId: completion.completedEventId,
      details: attributes.details,
    },
    userMetadata: command.userMetadata,
  });
};
