// Long poll on an update: until a lifecycle stage is durable, or the server's patience ends. History thread.

import type { UpdateWorkflowExecutionLifecycleStage } from '#proto/temporal/api/enums/v1';
import type { Clock } from '../../../runtime/clock.ts';
import type { CallContext } from '../../../runtime/service.ts';
import type { Update, UpdateStatus } from './update.ts';

export interface StageWait {
  readonly clock: Clock;
  /** history.longPollExpirationInterval: afterwards the stage reached so far is the answer. */
  readonly softTimeoutMs: number;
  /** When the caller leaves, the wait ends; the value it ends with reaches nobody. */
  readonly call?: Pick<CallContext, 'onCancel'> | undefined;
}

/** Stage UNSPECIFIED or ADMITTED answers at once. Rejects with the ServiceError of an aborted update. */
export function waitForStage(
  update: Update,
  stage: UpdateWorkflowExecutionLifecycleStage,
  { clock, softTimeoutMs, call }: StageWait,
): Promise<UpdateStatus> {
  return new Promise((resolve, reject) => {
    const answer = () => {
      try {
        resolve(update.status);
      } catch (error) {
        reject(error);
      }
    };
    if (update.hasReached(stage)) return answer();
    const end = () => {
      unsubscribe();
      timer.cancel();
      answer();
    };
    const unsubscribe = update.onPublished(() => {
      if (update.hasReached(stage)) end();
    });
    const timer = clock.after(softTimeoutMs, end);
    call?.onCancel(end);
  });
}
