// HandOverTask: history took a poll from the board and started a task for it; the answer goes to the poll.

import { HandOverTaskRequest } from '#proto/ostinato/matching/v1';
import type { Handler } from '../../runtime/service.ts';
import { startedByHistory } from '../task.ts';
import { type HandlerContext, NO_ANSWER } from './handler-context.ts';

export function handOverTask({ environment, partitions }: HandlerContext): Handler {
  return async (bytes) => {
    const request = HandOverTaskRequest.decode(bytes);
    const offer = { slot: request.slot, id: request.offerId };
    // At the end of the turn: the poll's caller may have left before the claim, and say so in a message of this turn that comes
    // behind this one, because it comes from another thread. An answer that nobody takes would be lost.
    await undefined;
    const partition = await partitions.get(request.partition);
    partition.handOver(startedByHistory(request, environment.clock.nowMs()), offer, request.response);
    return NO_ANSWER;
  };
}
