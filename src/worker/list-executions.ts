// One page of a list, for all the RPCs that list executions.

import type { NamespaceRecord } from '#proto/ostinato/worker/v1';
import type { WorkflowExecutionInfoInit } from '#proto/temporal/api/workflow/v1';
import { executionInfo, type Predicate, positionOf, type VisibilityRow } from '../visibility/index.ts';
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

export interface Page<Info> {
  readonly executions: Info[];
  readonly nextPageToken: Uint8Array;
}

export type ExecutionPage = Page<WorkflowExecutionInfoInit>;

export const listExecutions = (context: WorkerContext, request: PageRequest): Promise<ExecutionPage> =>
  listRows(context, request, executionInfo);

/** `describe` makes of a row what the list answers. */
export async function listRows<Info>(
  context: WorkerContext,
  request: PageRequest,
  describe: (row: VisibilityRow, namespace: NamespaceRecord) => Info,
): Promise<Page<Info>> {
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
    executions: rows.map((row) => describe(row, namespace)),
    // A full page may be the last one; the next is then empty, as with Temporal.
    nextPageToken: last !== undefined && rows.length === limit ? encodePageToken(positionOf(last)) : new Uint8Array(0),
  };
}
