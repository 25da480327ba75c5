// Counts executions, as a whole or per execution status, for all the RPCs that count.

import type { NamespaceRecord } from '#proto/ostinato/worker/v1';
import { IndexedValueType, WorkflowExecutionStatusNames } from '#proto/temporal/api/enums/v1';
import type { CountWorkflowExecutionsResponseInit } from '#proto/temporal/api/workflowservice/v1';
import { encodeValue, type ResolvedFilter } from '../visibility/index.ts';
import { storeFailure } from './store-failure.ts';
import type { WorkerContext } from './worker-context.ts';

/** The responses of all kinds of executions have these fields. */
export async function countExecutions(
  context: WorkerContext,
  namespace: NamespaceRecord,
  filter: ResolvedFilter,
): Promise<CountWorkflowExecutionsResponseInit> {
  try {
    return await count(context, namespace, filter);
  } catch (error) {
    throw storeFailure('CountWorkflowExecutions', error);
  }
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
