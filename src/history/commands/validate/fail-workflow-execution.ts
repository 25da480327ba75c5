// FailWorkflowExecution.

import type { FailWorkflowExecutionCommandAttributes } from '#proto/temporal/api/command/v1';
import { WorkflowTaskFailedCause } from '#proto/temporal/api/enums/v1';
import type { Failure } from '#proto/temporal/api/failure/v1';
import type { Encoded } from '../../../proto/wire.ts';
import type { CommandContext } from './command-context.ts';
import { CommandError } from './command-error.ts';
import { checkSize } from './size-checks.ts';

const CAUSE = WorkflowTaskFailedCause.BAD_FAIL_WORKFLOW_EXECUTION_ATTRIBUTES;

export function validateFailWorkflowExecution(
  attributes: FailWorkflowExecutionCommandAttributes | undefined,
  { limits }: CommandContext,
): { attributes: { failure: Encoded<Failure> } } {
  if (attributes === undefined) {
    const message = 'FailWorkflowExecutionCommandAttributes is not set on FailWorkflowExecutionCommand.';
    throw new CommandError(CAUSE, message);
  }
  const { failure } = attributes;
  if (failure === undefined) throw new CommandError(CAUSE, 'Failure is not set on FailWorkflowExecutionCommand.');
  checkSize(
    failure.length,
    limits.blobSizeErrorBytes,
    CAUSE,
    'FailWorkflowExecutionCommandAttributes.Failure exceeds size limit.',
  );
  return { attributes: { failure } };
}
