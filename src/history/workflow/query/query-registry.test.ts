import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Payload, Payloads } from '#proto/temporal/api/common/v1';
import { QueryResultType, WorkflowExecutionStatus } from '#proto/temporal/api/enums/v1';
import { Failure } from '#proto/temporal/api/failure/v1';
import { WorkflowQuery, WorkflowQueryResult, type WorkflowQueryResultInit } from '#proto/temporal/api/query/v1';
import type { ServiceError } from '../../../base/service-error.ts';
import { QueryRegistry } from './query-registry.ts';
import { type QueriedWorkflow, routeQuery } from './query-route.ts';

const query = (queryType: string) => WorkflowQuery.decode(WorkflowQuery.encode({ queryType }));
const result = (init: WorkflowQueryResultInit) => WorkflowQueryResult.decode(WorkflowQueryResult.encode(init));
const answer = Payloads.encode({ payloads: [Payload.encode({ data: Buffer.from('42') })] });
const answered = result({ resultType: QueryResultType.ANSWERED, answer });
const completed = (results: [string, WorkflowQueryResult][] = [], hasNextWorkflowTask = false) => ({
  results: new Map(results),
  maxAnswerBytes: 1000,
  hasNextWorkflowTask,
});

describe('query registry', () => {
  it('a buffered query rides on the next workflow task and gets its answer', async () => {
    const registry = new QueryRegistry();
    const { completion } = registry.buffer('id', query('state'), 1);
    assert.deepEqual(
      [...registry.bufferedQueries()].map(([id, q]) => [id, q.queryType]),
      [['id', 'state']],
    );
    registry.workflowTaskCompleted(completed([['id', answered]]));
    assert.deepEqual(await completion, { kind: 'answered', answer });
    assert.equal(registry.hasPending, false);
  });

  it("a failed query carries the worker's message and failure", async () => {
    const registry = new QueryRegistry();
    const { completion } = registry.buffer('id', query('state'), 1);
    const failure = Failure.encode({ message: 'inner' });
    const failed = result({ resultType: QueryResultType.FAILED, errorMessage: 'no such query', failure });
    registry.workflowTaskCompleted(completed([['id', failed]]));
    const done = await completion;
    assert.equal(done.kind, 'failed');
    assert.equal((done as { error: ServiceError }).error.message, 'no such query');
    assert.ok((done as { error: ServiceError }).error.is('temporal.api.errordetails.v1.QueryFailedFailure'));
  });

  it('an answer over the size limit fails the query only', async () => {
    const registry = new QueryRegistry();
    const { completion } = registry.buffer('id', query('state'), 1);
    registry.workflowTaskCompleted({ ...completed([['id', answered]]), maxAnswerBytes: 3 });
    const done = await completion;
    assert.equal((done as { error: ServiceError }).error.message, 'Blob data size exceeds limit.');
  });

  it('an unanswered query is unblocked when no workflow task follows, and waits when one does', async () => {
    const registry = new QueryRegistry();
    const { completion } = registry.buffer('id', query('state'), 1);
    registry.workflowTaskCompleted(completed([], true));
    assert.equal(registry.hasPending, true);
    registry.workflowTaskCompleted(completed([]));
    assert.deepEqual(await completion, { kind: 'unblocked' });
  });

  it('a result that makes no sense is no answer, nor is one for an unknown query', () => {
    const registry = new QueryRegistry();
    registry.buffer('id', query('state'), 1);
    const senseless = [
      result({ resultType: QueryResultType.ANSWERED }),
      result({ resultType: QueryResultType.ANSWERED, answer, errorMessage: 'x' }),
      result({ resultType: QueryResultType.FAILED }),
      result({ resultType: QueryResultType.FAILED, answer, errorMessage: 'x' }),
      result({ answer }),
    ];
    for (const one of senseless)
      registry.workflowTaskCompleted(
        completed(
          [
            ['id', one],
            ['other', answered],
          ],
          true,
        ),
      );
    assert.equal(registry.hasPending, true);
  });

  it('a full buffer refuses', () => {
    const registry = new QueryRegistry();
    const first = registry.buffer('a', query('state'), 1);
    assert.throws(() => registry.buffer('b', query('state'), 1), {
      code: 8,
      message: /^consistent query buffer is full/,
    });
    first.remove();
    registry.buffer('b', query('state'), 1);
  });

  it('a forgotten run tells its waiters to retry', async () => {
    const registry = new QueryRegistry();
    const { completion } = registry.buffer('id', query('state'), 1);
    registry.clear();
    const done = await completion;
    assert.equal((done as { error: ServiceError }).error.code, 14);
    assert.equal((done as { error: ServiceError }).error.message, 'buffered query cleared, please retry');
  });
});

describe('query route', () => {
  const idle: QueriedWorkflow = {
    status: WorkflowExecutionStatus.RUNNING,
    isRunning: true,
    hasCompletedAnyWorkflowTask: true,
    hadOrHasWorkflowTask: true,
    hasPendingWorkflowTask: false,
    workflowTaskAttempt: 1,
    firstWorkflowTaskTimeMs: 0,
  };
  const closed = (status: number) => ({ ...idle, isRunning: false, status });
  const NONE = 1;
  const NOT_OPEN = 2;
  const NOT_COMPLETED_CLEANLY = 3;
  const kind = (workflow: QueriedWorkflow, condition = NONE, deadlineMs = 1000) =>
    routeQuery(workflow, condition, deadlineMs).kind;

  it('goes to a worker directly while nothing is under way', () => {
    assert.equal(kind(idle), 'direct');
    assert.equal(kind(closed(WorkflowExecutionStatus.COMPLETED)), 'direct');
    assert.equal(kind({ ...idle, hasPendingWorkflowTask: true }), 'buffer');
    assert.equal(kind({ ...idle, hasCompletedAnyWorkflowTask: false, hasPendingWorkflowTask: true }), 'buffer');
  });

  it('is rejected by its own condition', () => {
    assert.equal(kind(idle, NOT_OPEN), 'direct');
    assert.equal(kind(closed(WorkflowExecutionStatus.COMPLETED), NOT_OPEN), 'rejected');
    assert.equal(kind(closed(WorkflowExecutionStatus.COMPLETED), NOT_COMPLETED_CLEANLY), 'direct');
    assert.equal(kind(closed(WorkflowExecutionStatus.CANCELED), NOT_COMPLETED_CLEANLY), 'rejected');
    assert.equal(kind({ ...idle, status: WorkflowExecutionStatus.PAUSED }), 'rejected');
  });

  it('fails fast when no worker could answer', () => {
    const message = (workflow: QueriedWorkflow, deadlineMs = 1000) => {
      try {
        return kind(workflow, NONE, deadlineMs);
      } catch (error) {
        assert.ok((error as ServiceError).is('temporal.api.errordetails.v1.WorkflowNotReadyFailure'));
        return (error as Error).message;
      }
    };
    const never = { ...closed(WorkflowExecutionStatus.TERMINATED), hasCompletedAnyWorkflowTask: false };
    assert.equal(message(never), 'Workflow execution closed before WorkflowTaskStarted event');
    const later = {
      ...idle,
      hasCompletedAnyWorkflowTask: false,
      hadOrHasWorkflowTask: false,
      firstWorkflowTaskTimeMs: 1500,
    };
    assert.equal(message(later), 'Workflow task is not scheduled yet.');
    assert.equal(message(later, 2000), 'buffer');
    const failing = { ...idle, hasPendingWorkflowTask: true, workflowTaskAttempt: 3 };
    assert.equal(message(failing), 'Unable to query workflow due to Workflow Task in failed state.');
  });
});
