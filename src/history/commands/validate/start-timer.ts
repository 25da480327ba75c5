// StartTimer.

import type { StartTimerCommandAttributes } from '#proto/temporal/api/command/v1';
import { WorkflowTaskFailedCause } from '#proto/temporal/api/enums/v1';
import { capDuration, durationProblem } from '../../backoff/index.ts';
import type { CommandContext } from './command-context.ts';
import { CommandError } from './command-error.ts';
import { checkLength } from './size-checks.ts';

const CAUSE = WorkflowTaskFailedCause.BAD_START_TIMER_ATTRIBUTES;

export function validateStartTimer(
  attributes: StartTimerCommandAttributes | undefined,
  { limits }: CommandContext,
): { attributes: StartTimerCommandAttributes } {
  if (attributes === undefined) {
    throw new CommandError(CAUSE, 'StartTimerCommandAttributes is not set on StartTimerCommand.');
  }
  const { timerId, startToFireTimeout } = attributes;
  if (timerId === '') throw new CommandError(CAUSE, 'TimerId is not set on StartTimerCommand.');
  const limit = limits.maxIdLengthBytes;
  checkLength(timerId, limit, (length) => {
    const detail = `TimerId=${timerId} Length=${length} Limit=${limit}`;
    return new CommandError(CAUSE, `TimerId on StartTimerCommand exceeds length limit. ${detail}`);
  });
  const problem = durationProblem(startToFireTimeout);
  if (problem) {
    const message = `An invalid StartToFireTimeout is set on StartTimerCommand: ${problem}. TimerId=${timerId}`;
    throw new CommandError(CAUSE, message);
  }
  return { attributes: { timerId, startToFireTimeout: capDuration(startToFireTimeout) } };
}
