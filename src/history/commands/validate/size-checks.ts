// Limits on what one command may carry, and on how many things of a kind may be pending.

import type { WorkflowTaskFailedCause } from '#proto/temporal/api/enums/v1';
import { CommandError } from './command-error.ts';

/** Past the limit the workflow is terminated. `message` is the reason its user reads. */
export function checkSize(bytes: number, limitBytes: number, cause: WorkflowTaskFailedCause, message: string): void {
  if (bytes > limitBytes) throw new CommandError(cause, message, { terminatesWorkflow: true });
}

export function checkPendingCount(
  count: number,
  limit: number,
  cause: WorkflowTaskFailedCause,
  description: string,
): void {
  if (limit <= 0 || count < limit) return;
  throw new CommandError(
    cause,
    `the number of ${description}, ${count}, has reached the per-workflow limit of ${limit}`,
  );
}

export function checkLength(text: string, limitBytes: number, problem: (lengthBytes: number) => Error): void {
  const lengthBytes = Buffer.byteLength(text);
  if (lengthBytes > limitBytes) throw problem(lengthBytes);
}
