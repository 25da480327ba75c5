// ListWorkflowExecutions and ScanWorkflowExecutions: a list filter, newest first. A scan is the same list, as with Temporal.

import { ApiRequest } from '#proto/ostinato/worker/v1';
import {
  ListWorkflowExecutionsRequest,
  ListWorkflowExecutionsResponse,
  ScanWorkflowExecutionsRequest,
  ScanWorkflowExecutionsResponse,
} from '#proto/temporal/api/workflowservice/v1';
import type { Handler } from '../../runtime/service.ts';
import { resolveListFilter } from '../../visibility/index.ts';
import { type ExecutionPage, listExecutions } from '../list-executions.ts';
import { namespaceOf, type WorkerContext } from '../worker-context.ts';

export function listWorkflowExecutions(context: WorkerContext): Handler {
  return async (bytes) => {
    const { namespaceId, request } = ApiRequest.decode(bytes);
    const page = await listByQuery(context, namespaceId, ListWorkflowExecutionsRequest.decode(request));
    return ListWorkflowExecutionsResponse.encode(page);
  };
}

export function scanWorkflowExecutions(context: WorkerContext): Handler {
  return async (bytes) => {
    const { namespaceId, request } = ApiRequest.decode(bytes);
    const page = await listByQuery(context, namespaceId, ScanWorkflowExecutionsRequest.decode(request));
    return ScanWorkflowExecutionsResponse.encode(page);
  };
}

async function listByQuery(
  context: WorkerContext,
  namespaceId: string,
  request: ListWorkflowExecutionsRequest | ScanWorkflowExecutionsRequest,
): Promise<ExecutionPage> {
  const namespace = await namespaceOf(context, namespaceId, request.namespace);
  const predicate = resolveListFilter(request.query, namespace);
  const { pageSize, nextPageToken } = request;
  return listExecutions(context, { namespace, predicate, pageSize, nextPageToken });
}
