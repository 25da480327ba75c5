// What both kinds of polls have in common once their partition is there.

import type { MaybePromise } from '../../base/maybe-promise.ts';
import type { CallContext } from '../../runtime/service.ts';
import type { TaskQueuePartition } from '../partition.ts';
import type { PollArrival } from '../partition-polls.ts';
import { EMPTY_POLL_RESPONSE } from '../poll.ts';
import type { HandlerContext } from './handler-context.ts';

export function park(
  { shutdownWorkers }: HandlerContext,
  partition: TaskQueuePartition,
  arrival: PollArrival,
  call: CallContext,
): MaybePromise<Uint8Array> {
  if (shutdownWorkers.has(arrival.workerInstanceKey)) return EMPTY_POLL_RESPONSE;
  return partition.poll(arrival, call);
}
