// RespondQueryTaskCompleted: a worker's answer to a query that was sent to it by itself.

import { Empty, RespondQueryTaskCompletedRequest } from '#proto/ostinato/matching/v1';
import { RespondQueryTaskCompletedRequest as PublicRequest } from '#proto/temporal/api/workflowservice/v1';
import type { Handler } from '../../runtime/service.ts';
import { MATCHING_METRICS } from '../metrics.ts';
import type { HandlerContext } from './handler-context.ts';

const EMPTY = Empty.encode({});

export function respondQueryTaskCompleted({ environment }: HandlerContext): Handler {
  return (bytes) => {
    const { taskId, request } = RespondQueryTaskCompletedRequest.decode(bytes);
    try {
      environment.queries.complete(taskId, PublicRequest.decode(request));
    } catch (error) {
      environment.metrics.counter(MATCHING_METRICS.respondQueryFailed).add();
      throw error;
    }
    return EMPTY;
  };
}
