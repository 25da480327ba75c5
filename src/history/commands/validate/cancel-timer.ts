// CancelTimer. Whether the timer runs is the workflow's to know.

import type { CancelTimerCommandAttributes } from '#proto/temporal/api/command/v1';
import { WorkflowTaskFailedCause } from '#proto/temporal/api/enums/v1';
import type { CommandContext } from './command-context.ts';
import { CommandError } from './command-error.ts';
import { checkLength } from './size-checks.ts';

const CAUSE = WorkflowTaskFailedCause.BAD_CANCEL_TIMER_ATTRIBUTES;

export function validateCancelTimer(
  attributes: CancelTimerCommandAttributes | undefined,
  { limits }: CommandContext,
): { attributes: CancelTimerCommandAttributes } {
  if (attributes === undefined) {
    throw new CommandError(CAUSE, 'CancelTimerCommandAttributes is not set on CancelTimerCommand.');
  }
  const { timerId } = attributes;
  if (timerId === '') throw new CommandError(CAUSE, 'TimerId is not set on CancelTimerCommand.');
  const limit = limits.maxIdLengthBytes;
  checkLength(timerId, limit, (length) => {
    const detail = `TimerId=${timerId} Length=${length} Limit=${limit}`;
    return new CommandError(CAUSE, `TimerId on CancelTimerCommand exceeds length limit. ${detail}`);
  });
  return { attributes };
}
