// One page of a list, for all the RPCs that list executions.

import type { NamespaceRecord } from '#proto/ostinato/worker/v1';
import type { WorkflowExecutionInfoInit } from '#proto/temporal/api/workflow/v1';
import { executionInfo, type Predicate, positionOf } from '../visibility/index.ts';
import { decodePageToken, encodePageToken } from './page-token.ts';
import { VISIBILITY_MAX_PAGE_SIZE } from './settings.ts';
import { storeFailure } from './store-failure.ts';
import type { WorkerContext } from './worker-context.ts';

export interface PageRequest {
  readonly namespace: NamespaceRecord;
  readonly predicate: Predicate;
  readonly pageSize: number;
  readonly nextPageToken: Uint8Array;
}

export interface ExecutionPage {
  readonly executions: WorkflowExecutionInfoInit[];
  readonly nextPageToken: Uint8Array;
}

export async function listExecutions(context: WorkerContext, request: PageRequest): Promise<ExecutionPage> {
  const { namespace, predicate } = request;
  const maximum = context.dynamicConfig.get(VISIBILITY_MAX_PAGE_SIZE, { namespace: namespace.name });
  const limit = request.pageSize <= 0 || request.pageSize > maximum ? maximum : request.pageSize;
  const after = decodePageToken(request.nextPageToken);
  const rows = await context
    .measure('ListWorkflowExecutions', () =>
      context.visibilityStore.list({ namespaceId: namespace.id, predicate, limit, after }),
    )
    .catch((error: unknown) => {
      throw storeFailure('ListWorkflowExecutions', error);
    });
  const last = rows.at(-1);
  return {
    executions: rows.map((row) => executionInfo(row, namespace)),
    // A full page may be the last one; the next is then empty, as with Temporal.
    nextPageToken: last !== undefined && rows.length === limit ? encodePageToken(positionOf(last)) : new Uint8Array(0),
  };
}
