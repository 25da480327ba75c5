// A poll of a worker, as an SDK makes it.

import { type ServiceError, status } from '@grpc/grpc-js';
import type { Stage } from './stage.ts';

/** How often a poll that finds nothing is repeated. */
const POLLS_AGAIN = 3;

/** A server may answer a poll empty although a task waits: a worker then polls again. */
export async function polled<T extends { readonly taskToken: Uint8Array }>(
  stage: Stage,
  poll: () => Promise<T>,
): Promise<T> {
  for (let again = 0; again < POLLS_AGAIN; again += 1) {
    const task = await stage.raw(poll).catch((error: ServiceError) => {
      if (error.code === status.DEADLINE_EXCEEDED) return undefined;
      throw error;
    });
    if (task && task.taskToken.length > 0) return task;
  }
  return await stage.raw(poll);
}
