// ListActivityExecutions: activities without a workflow by a list filter, newest first.

import { ApiRequest } from '#proto/ostinato/worker/v1';
import { ListActivityExecutionsRequest, ListActivityExecutionsResponse } from '#proto/temporal/api/workflowservice/v1';
import type { Handler } from '../../runtime/service.ts';
import { ACTIVITIES, activityListInfo, resolveListFilter } from '../../visibility/index.ts';
import { listRows } from '../list-executions.ts';
import { namespaceOf, type WorkerContext } from '../worker-context.ts';

export function listActivityExecutions(context: WorkerContext): Handler {
  return async (bytes) => {
    const { namespaceId, request: encoded } = ApiRequest.decode(bytes);
    const request = ListActivityExecutionsRequest.decode(encoded);
    const namespace = await namespaceOf(context, namespaceId, request.namespace);
    const predicate = resolveListFilter(request.query, namespace, ACTIVITIES);
    const { pageSize, nextPageToken } = request;
    const page = await listRows(context, { namespace, predicate, pageSize, nextPageToken }, activityListInfo);
    return ListActivityExecutionsResponse.encode(page);
  };
}
