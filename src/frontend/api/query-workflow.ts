// QueryWorkflow: waits until a worker has answered. Main loop.

import { QueryRejectCondition } from '#proto/temporal/api/enums/v1';
import { QueryWorkflowRequest } from '#proto/temporal/api/workflowservice/v1';
import { GrpcCode, ServiceError } from '../../base/service-error.ts';
import { deadlineExceeded, invalidArgument } from '../../proto/service-errors.ts';
import { withFields } from '../changed-request.ts';
import { checkBlobSize } from '../checks/blob-size.ts';
import { checkExecution } from '../checks/execution.ts';
import { workflowRpc } from '../rpc.ts';
import { DISALLOW_QUERY } from '../settings.ts';

export const queryWorkflow = workflowRpc({
  method: 'QueryWorkflow',
  read: QueryWorkflowRequest.decode,
  handle: async (request, call) => {
    if (call.setting(DISALLOW_QUERY)) {
      throw invalidArgument('Namespace is not allowed to query, please contact temporal team to re-enable queries.');
    }
    const { workflowId, runId } = checkExecution(request.execution);
    const query = request.query;
    if (query === undefined) throw invalidArgument('WorkflowQuery is not set on request.');
    if (query.queryType === '') throw invalidArgument('QueryType is not set on request.');
    checkBlobSize(call, query.queryArgs?.length ?? 0, workflowId, runId);
    const fields = QueryWorkflowRequest.encode({
      queryRejectCondition:
        request.queryRejectCondition === QueryRejectCondition.UNSPECIFIED ? QueryRejectCondition.NONE : undefined,
    });
    try {
      return await call.toHistoryWaiting('QueryWorkflow', workflowId, withFields(call.message, fields));
    } catch (error) {
      if (error instanceof ServiceError && error.code === GrpcCode.DEADLINE_EXCEEDED) {
        throw deadlineExceeded('query timed out before a worker could process it');
      }
      throw error;
    }
  },
});
