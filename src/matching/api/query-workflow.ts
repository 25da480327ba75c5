// QueryWorkflow: hands a query to a worker of the queue and waits for its answer.

import { QueryRequest, QueryResponse } from '#proto/ostinato/matching/v1';
import { WorkflowQuery } from '#proto/temporal/api/query/v1';
import { QueryWorkflowRequest } from '#proto/temporal/api/workflowservice/v1';
import { whenReady } from '../../base/maybe-promise.ts';
import { invalidArgument } from '../../proto/service-errors.ts';
import type { Handler } from '../../runtime/service.ts';
import { stickyWorkerAvailable } from '../sticky.ts';
import { QueryTask } from '../task.ts';
import type { HandlerContext } from './handler-context.ts';

const STICKY_WORKER_UNAVAILABLE = QueryResponse.encode({ stickyWorkerUnavailable: true });

export function queryWorkflow({ environment, partitions }: HandlerContext): Handler {
  return (bytes, call) => {
    const request = QueryRequest.decode(bytes);
    const { query } = QueryWorkflowRequest.decode(request.request);
    if (query === undefined) throw invalidArgument('query is not set');
    const nowMs = environment.clock.nowMs();
    const task = new QueryTask({
      queryId: environment.newId(),
      workflowId: request.execution?.workflowId ?? '',
      runId: request.execution?.runId ?? '',
      shardId: request.shardId,
      query: WorkflowQuery.encode(query),
      call,
      createdMs: nowMs,
      forwarded: request.forwardedFrom !== '',
    });
    if (request.partition?.sticky) {
      const partition = partitions.peek(request.partition);
      if (!stickyWorkerAvailable(partition, nowMs)) return STICKY_WORKER_UNAVAILABLE;
      return partition.query(task);
    }
    return whenReady(partitions.get(request.partition), (partition) => partition.query(task));
  };
}
