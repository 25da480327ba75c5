// RespondQueryTaskCompleted: a worker's answer to a query that it got by itself. Goes to the matching partition that waits for it.
// Main loop.

import { RespondQueryTaskCompletedRequest as MatchingRequest } from '#proto/ostinato/matching/v1';
import { QueryTaskToken } from '#proto/ostinato/token/v1';
import { QueryResultType, TaskQueueType } from '#proto/temporal/api/enums/v1';
import {
  RespondQueryTaskCompletedRequest,
  RespondQueryTaskCompletedResponse,
} from '#proto/temporal/api/workflowservice/v1';
import { invalidArgument } from '../../proto/service-errors.ts';
import { parseTaskQueueName, partitionKey } from '../../runtime/task-queue-partition.ts';
import { BLOB_TOO_LARGE, isTooLarge } from '../checks/blob-size.ts';
import { workflowRpc } from '../rpc.ts';
import { CALL_TIMEOUT_MS } from '../rpc-call.ts';

export const respondQueryTaskCompleted = workflowRpc({
  method: 'RespondQueryTaskCompleted',
  token: 'query',
  read: RespondQueryTaskCompletedRequest.decode,
  handle: async (request, call) => {
    const { taskQueue: name, taskId } = QueryTaskToken.decode(request.taskToken);
    if (name === '' || taskId === '') throw invalidArgument('Invalid TaskToken.');
    const { namespaceId } = call;
    const answer = isTooLarge(call, request.queryResult?.length ?? 0)
      ? RespondQueryTaskCompletedRequest.encode({
          taskToken: request.taskToken,
          completedType: QueryResultType.FAILED,
          errorMessage: BLOB_TOO_LARGE,
        })
      : call.message;
    const { taskQueue, partitionId } = parseTaskQueueName(name);
    await call.services.router.callMatching(
      partitionKey({ namespaceId, taskQueue, partitionId, taskQueueType: TaskQueueType.WORKFLOW }),
      'RespondQueryTaskCompleted',
      MatchingRequest.encode({ taskQueue: name, namespaceId, taskId, request: answer }),
      { deadlineMs: call.deadlineMs(CALL_TIMEOUT_MS) },
    );
    return RespondQueryTaskCompletedResponse.encode({});
  },
});
