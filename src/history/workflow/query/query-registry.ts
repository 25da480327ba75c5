// Queries that wait for a workflow task of one run, so that their answer includes every event before them. They live in
// memory only: a client whose query is lost asks again. Owned by the run; history thread.
//
//   buffer() ──▶ buffered ──answer with the workflow task──▶ answered | failed
//                   │ ├──task done, no next one──▶ unblocked: the caller dispatches it through matching
//                   │ ├──run closed, its task found no use──▶ asked again: the closed run decides
//                   │ └──run forgotten──▶ failed (retryable)
//                   └──caller gave up──▶ gone

import type { Payloads } from '#proto/temporal/api/common/v1';
import { QueryResultType, ResourceExhaustedCause, ResourceExhaustedScope } from '#proto/temporal/api/enums/v1';
import type { WorkflowQuery, WorkflowQueryResult } from '#proto/temporal/api/query/v1';
import type { ServiceError } from '../../../base/service-error.ts';
import { invalidArgument, queryFailed, resourceExhausted, unavailable } from '../../../proto/service-errors.ts';
import type { Encoded } from '../../../proto/wire.ts';

export type QueryCompletion =
  | { readonly kind: 'answered'; readonly answer: Encoded<Payloads> }
  | { readonly kind: 'failed'; readonly error: ServiceError }
  | { readonly kind: 'unblocked' }
  | { readonly kind: 'askAgain' };

export interface BufferedQuery {
  /** Resolves once; never, if the query is removed before. */
  readonly completion: Promise<QueryCompletion>;
  /** The caller no longer waits (deadline, cancellation). Safe to call at any time. */
  remove(): void;
}

/** What a completed workflow task says of the queries it carried. */
export interface QueryAnswers {
  readonly results: ReadonlyMap<string, WorkflowQueryResult>;
  /** limit.blobSize.error */
  readonly maxAnswerBytes: number;
  /** Whether another workflow task follows, which the unanswered queries ride on. */
  readonly hasNextWorkflowTask: boolean;
}

interface Entry {
  readonly query: WorkflowQuery;
  complete(completion: QueryCompletion): void;
}

export class QueryRegistry {
  private readonly buffered = new Map<string, Entry>();

  get hasPending(): boolean {
    return this.buffered.size !== 0;
  }

  /** `maxBuffered` is history.maxBufferedQueryCount; throws RESOURCE_EXHAUSTED when that many wait already. */
  buffer(id: string, query: WorkflowQuery, maxBuffered: number): BufferedQuery {
    if (this.buffered.size >= maxBuffered) throw bufferExceeded();
    let complete!: (completion: QueryCompletion) => void;
    const completion = new Promise<QueryCompletion>((resolve) => {
      complete = resolve;
    });
    this.buffered.set(id, { query, complete });
    return { completion, remove: () => void this.buffered.delete(id) };
  }

  /** By id, for the workflow task that is about to go to a worker. */
  bufferedQueries(): Map<string, WorkflowQuery> {
    const queries = new Map<string, WorkflowQuery>();
    for (const [id, { query }] of this.buffered) queries.set(id, query);
    return queries;
  }

  /** A workflow task completed, durably. A result that makes no sense counts as none. */
  workflowTaskCompleted({ results, maxAnswerBytes, hasNextWorkflowTask }: QueryAnswers): void {
    if (this.buffered.size === 0) return;
    for (const [id, result] of results) {
      const completion = completionOf(result, maxAnswerBytes);
      if (completion !== undefined) this.complete(id, completion);
    }
    if (!hasNextWorkflowTask) this.completeAll({ kind: 'unblocked' });
  }

  /** The run closed, and no worker will have the task that the queries wait for. */
  taskIsObsolete(): void {
    this.completeAll({ kind: 'askAgain' });
  }

  /** The run's memory goes: whoever waits is told to retry. */
  clear(): void {
    this.completeAll({ kind: 'failed', error: unavailable('buffered query cleared, please retry') });
  }

  private completeAll(completion: QueryCompletion): void {
    for (const id of [...this.buffered.keys()]) this.complete(id, completion);
  }

  private complete(id: string, completion: QueryCompletion): void {
    const entry = this.buffered.get(id);
    this.buffered.delete(id);
    entry?.complete(completion);
  }
}

function completionOf(result: WorkflowQueryResult, maxAnswerBytes: number): QueryCompletion | undefined {
  const { resultType, answer, errorMessage, failure } = result;
  if ((answer?.length ?? 0) > maxAnswerBytes) {
    return { kind: 'failed', error: invalidArgument('Blob data size exceeds limit.') };
  }
  if (resultType === QueryResultType.ANSWERED && answer !== undefined && errorMessage === '') {
    return { kind: 'answered', answer };
  }
  if (resultType === QueryResultType.FAILED && answer === undefined && errorMessage !== '') {
    return { kind: 'failed', error: queryFailed(errorMessage, failure) };
  }
  return undefined;
}

function bufferExceeded(): ServiceError {
  return resourceExhausted(
    'consistent query buffer is full, this may be caused by too many queries and workflow not able to process query fast enough',
    ResourceExhaustedCause.BUSY_WORKFLOW,
    ResourceExhaustedScope.NAMESPACE,
  );
}
