// CountWorkflowExecutions: by a list filter, as a whole or per execution status.

import { ApiRequest, type NamespaceRecord } from '#proto/ostinato/worker/v1';
import { IndexedValueType, WorkflowExecutionStatusNames } from '#proto/temporal/api/enums/v1';
import {
  CountWorkflowExecutionsRequest,
  CountWorkflowExecutionsResponse,
  type CountWorkflowExecutionsResponseInit,
} from '#proto/temporal/api/workflowservice/v1';
import type { Handler } from '../../runtime/service.ts';
import { encodeValue, type ResolvedFilter, resolveCountFilter } from '../../visibility/index.ts';
import { storeFailure } from '../store-failure.ts';
import { namespaceOf, type WorkerContext } from '../worker-context.ts';

export function countWorkflowExecutions(context: WorkerContext): Handler {
  return async (bytes) => {
    const { namespaceId, request: encoded } = ApiRequest.decode(bytes);
    const request = CountWorkflowExecutionsRequest.decode(encoded);
    const namespace = await namespaceOf(context, namespaceId, request.namespace);
    const filter = resolveCountFilter(request.query, namespace);
    const response = await count(context, namespace, filter).catch((error: unknown) => {
      throw storeFailure('CountWorkflowExecutions', error);
    });
    return CountWorkflowExecutionsResponse.encode(response);
  };
}

async function count(
  context: WorkerContext,
  namespace: NamespaceRecord,
  { predicate, groupByStatus }: ResolvedFilter,
): Promise<CountWorkflowExecutionsResponseInit> {
  const { measure, visibilityStore } = context;
  if (!groupByStatus) {
    return { count: await measure('CountWorkflowExecutions', () => visibilityStore.count(namespace.id, predicate)) };
  }
  const counts = await measure('CountWorkflowExecutions', () => visibilityStore.countByStatus(namespace.id, predicate));
  return {
    count: counts.reduce((sum, group) => sum + group.count, 0),
    groups: counts.map((group) => ({
      groupValues: [
        encodeValue(WorkflowExecutionStatusNames.get(group.status) ?? String(group.status), IndexedValueType.KEYWORD),
      ],
      count: group.count,
    })),
  };
}
