// HandOverTask: history took a poll from the board and started a task for it; the answer goes to the poll.

import { HandOverTaskRequest } from '#proto/ostinato/matching/v1';
import { whenReady } from '../../base/maybe-promise.ts';
import type { Handler } from '../../runtime/service.ts';
import { startedByHistory } from '../task.ts';
import type { HandlerContext } from './handler-context.ts';

const NO_ANSWER = new Uint8Array(0);

export function handOverTask({ environment, partitions }: HandlerContext): Handler {
  return (bytes) => {
    const request = HandOverTaskRequest.decode(bytes);
    const offer = { slot: request.slot, id: request.offerId };
    return whenReady(partitions.get(request.partition), (partition) => {
      partition.handOver(startedByHistory(request, environment.clock.nowMs()), offer, request.response);
      return NO_ANSWER;
    });
  };
}
