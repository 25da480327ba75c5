// CancelWorkflowExecution.

import type { CancelWorkflowExecutionCommandAttributes } from '#proto/temporal/api/command/v1';
import { WorkflowTaskFailedCause } from '#proto/temporal/api/enums/v1';
import { CommandError } from './command-error.ts';

export function validateCancelWorkflowExecution(attributes: CancelWorkflowExecutionCommandAttributes | undefined): {
  attributes: CancelWorkflowExecutionCommandAttributes;
} {
  if (attributes === undefined) {
    throw new CommandError(
      WorkflowTaskFailedCause.BAD_CANCEL_WORKFLOW_EXECUTION_ATTRIBUTES,
      'CancelWorkflowExecutionCommandAttributes is not set on CancelWorkflowExecutionCommand.',
    );
  }
  return { attributes };
}
