// ListOpenWorkflowExecutions and ListClosedWorkflowExecutions, the lists from before list filters.

import { ApiRequest } from '#proto/ostinato/worker/v1';
import {
  ListClosedWorkflowExecutionsRequest,
  ListClosedWorkflowExecutionsResponse,
  ListOpenWorkflowExecutionsRequest,
  ListOpenWorkflowExecutionsResponse,
} from '#proto/temporal/api/workflowservice/v1';
import type { Handler } from '../../runtime/service.ts';
import { listExecutions } from '../list-executions.ts';
import { namespaceOf, type WorkerContext } from '../worker-context.ts';
import { closedFilter, openFilter } from './legacy-filters.ts';

export function listOpenWorkflowExecutions(context: WorkerContext): Handler {
  return async (bytes) => {
    const { namespaceId, request: encoded } = ApiRequest.decode(bytes);
    const request = ListOpenWorkflowExecutionsRequest.decode(encoded);
    const namespace = await namespaceOf(context, namespaceId, request.namespace);
    const predicate = openFilter(context, namespace, request);
    const { maximumPageSize: pageSize, nextPageToken } = request;
    const page = await listExecutions(context, { namespace, predicate, pageSize, nextPageToken });
    return ListOpenWorkflowExecutionsResponse.encode(page);
  };
}

export function listClosedWorkflowExecutions(context: WorkerContext): Handler {
  return async (bytes) => {
    const { namespaceId, request: encoded } = ApiRequest.decode(bytes);
    const request = ListClosedWorkflowExecutionsRequest.decode(encoded);
    const namespace = await namespaceOf(context, namespaceId, request.namespace);
    const predicate = closedFilter(context, namespace, request);
    const { maximumPageSize: pageSize, nextPageToken } = request;
    const page = await listExecutions(context, { namespace, predicate, pageSize, nextPageToken });
    return ListClosedWorkflowExecutionsResponse.encode(page);
  };
}
