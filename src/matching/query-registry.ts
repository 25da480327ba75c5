// Queries that are with a worker or on their way to one, by the id that their task token carries. One per matching thread.

import { QueryResponse } from '#proto/ostinato/matching/v1';
import { QueryResultType } from '#proto/temporal/api/enums/v1';
import { QueryWorkflowResponse, type RespondQueryTaskCompletedRequest } from '#proto/temporal/api/workflowservice/v1';
import { internal, notFound, queryFailed } from '../proto/service-errors.ts';

interface PendingQuery {
  resolve(response: Uint8Array): void;
  reject(error: Error): void;
}

export class QueryRegistry {
  /** Bounded by the calls that wait: each entry is one, and ends with it. */
  readonly #pending = new Map<string, PendingQuery>();

  add(queryId: string, query: PendingQuery): void {
    this.#pending.set(queryId, query);
  }

  /** The worker's answer. Throws NOT_FOUND when nobody waits for it any more. */
  complete(queryId: string, answer: RespondQueryTaskCompletedRequest): void {
    const query = this.#take(queryId);
    if (query === undefined) throw notFound('query task not found, or already expired');
    switch (answer.completedType) {
      case QueryResultType.ANSWERED:
        query.resolve(
          QueryResponse.encode({ response: QueryWorkflowResponse.encode({ queryResult: answer.queryResult }) }),
        );
        return;
      case QueryResultType.FAILED:
        query.reject(queryFailed(answer.errorMessage, answer.failure));
        return;
      default:
        query.reject(internal('unknown query completed type'));
    }
  }

  fail(queryId: string, error: Error): void {
    this.#take(queryId)?.reject(error);
  }

  /** The query was answered elsewhere: another partition found a poller for it. */
  answer(queryId: string, response: Uint8Array): void {
    this.#take(queryId)?.resolve(response);
  }

  has(queryId: string): boolean {
    return this.#pending.has(queryId);
  }

  failAll(error: Error): void {
    for (const queryId of [...this.#pending.keys()]) this.fail(queryId, error);
  }

  #take(queryId: string): PendingQuery | undefined {
    const query = this.#pending.get(queryId);
    this.#pending.delete(queryId);
    return query;
  }
}
