// CompleteWorkflowExecution.

import type { CompleteWorkflowExecutionCommandAttributes } from '#proto/temporal/api/command/v1';
import { WorkflowTaskFailedCause } from '#proto/temporal/api/enums/v1';
import type { CommandContext } from './command-context.ts';
import { CommandError } from './command-error.ts';
import { checkSize } from './size-checks.ts';

export function validateCompleteWorkflowExecution(
  attributes: CompleteWorkflowExecutionCommandAttributes | undefined,
  { limits }: CommandContext,
): { attributes: CompleteWorkflowExecutionCommandAttributes } {
  if (attributes === undefined) {
    throw new CommandError(
      WorkflowTaskFailedCause.BAD_COMPLETE_WORKFLOW_EXECUTION_ATTRIBUTES,
      'CompleteWorkflowExecutionCommandAttributes is not set on CompleteWorkflowExecutionCommand.',
    );
  }
  checkSize(
    attributes.result?.length ?? 0,
    limits.blobSizeErrorBytes,
    // Temporal names the activity here; tools that match on the cause expect it.
    WorkflowTaskFailedCause.BAD_SCHEDULE_ACTIVITY_ATTRIBUTES,
    'CompleteWorkflowExecutionCommandAttributes.Result exceeds size limit.',
  );
  return { attributes };
}
