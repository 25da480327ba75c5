// ReturnPoll: history took a poll from the board and has no task for it after all.

import { ReturnPollRequest } from '#proto/ostinato/matching/v1';
import type { Handler } from '../../runtime/service.ts';
import { type HandlerContext, NO_ANSWER } from './handler-context.ts';

export function returnPoll({ partitions }: HandlerContext): Handler {
  return (bytes) => {
    const { partition, slot, offerId } = ReturnPollRequest.decode(bytes);
    partitions.peek(partition)?.pollReturned({ slot, id: offerId });
    return NO_ANSWER;
  };
}
