import assert from 'node:assert/strict';
import { test } from 'node:test';
import { QueryTaskToken } from '#proto/ostinato/token/v1';
import { QueryFailedFailure } from '#proto/temporal/api/errordetails/v1';
import { WorkflowQuery } from '#proto/temporal/api/query/v1';
import { GrpcCode, ServiceError } from '../base/service-error.ts';
import { notFound } from '../proto/service-errors.ts';
import { queryIdOf } from './testing/fake-history.ts';
import { MatchingLab } from './testing/matching-lab.ts';
import { TestCall } from './testing/test-call.ts';

const ANSWERED = 1;
const FAILED = 2;

const isCode = (code: number) => (error: unknown) => error instanceof ServiceError && error.code === code;

test('a query goes to a poller and its answer comes back', async () => {
  const lab = new MatchingLab();
  const query = lab.query('w1');
  await lab.clock.settle();
  const poll = await lab.pollWorkflow();
  const prepared = lab.history.preparedQueries[0]!;
  assert.equal(prepared.workflowId, 'w1');
  assert.equal(WorkflowQuery.decode(prepared.query).queryType, 'state');
  await lab.respondQuery(queryIdOf(poll.taskToken), { completedType: ANSWERED, queryResult: Buffer.from([10, 0]) });
  assert.deepEqual([...((await query)?.queryResult ?? [])], [10, 0]);
});

test('a parked poll takes a query at once', async () => {
  const lab = new MatchingLab();
  const poll = lab.pollWorkflow();
  await lab.clock.settle();
  const query = lab.query('w1');
  const { taskToken } = await poll;
  await lab.respondQuery(queryIdOf(taskToken), { completedType: ANSWERED });
  assert.notEqual(await query, undefined);
});

test("the token names the partition that waits for the worker's answer", async () => {
  const lab = new MatchingLab();
  const child = { partitionId: 3 };
  // The first poll goes to the root, the second stays.
  const polls = [lab.pollWorkflow(new TestCall(), {}, child), lab.pollWorkflow(new TestCall(), {}, child)];
  await lab.clock.settle();
  void lab.query('w1', new TestCall(), child).catch(() => {});
  const token = QueryTaskToken.decode((await polls[1]!).taskToken);
  assert.equal(token.taskQueue, '/_sys/queue/3');
});

test("a query that the worker fails brings the worker's message and failure", async () => {
  const lab = new MatchingLab();
  const query = lab.query('w1');
  await lab.clock.settle();
  const { taskToken } = await lab.pollWorkflow();
  const failed = assert.rejects(query, (error) => {
    assert.ok(error instanceof ServiceError);
    assert.equal(error.code, GrpcCode.INVALID_ARGUMENT);
    assert.equal(error.message, 'no such query');
    assert.ok(error.is(QueryFailedFailure.typeName));
    return true;
  });
  await lab.respondQuery(queryIdOf(taskToken), { completedType: FAILED, errorMessage: 'no such query' });
  await failed;
});

test('an answer that nobody waits for is told so', async () => {
  const lab = new MatchingLab();
  await assert.rejects(lab.respondQuery('unknown', { completedType: ANSWERED }), {
    message: 'query task not found, or already expired',
  });
});

test('a query is answered once', async () => {
  const lab = new MatchingLab();
  const query = lab.query('w1');
  await lab.clock.settle();
  const id = queryIdOf((await lab.pollWorkflow()).taskToken);
  await lab.respondQuery(id, { completedType: ANSWERED });
  await query;
  await assert.rejects(lab.respondQuery(id, { completedType: ANSWERED }), isCode(GrpcCode.NOT_FOUND));
});

test('a query that history cannot compose fails, and its poll waits on', async () => {
  const lab = new MatchingLab();
  lab.history.onPrepareQuery = () => notFound('workflow not found');
  const poll = lab.pollWorkflow();
  await lab.clock.settle();
  await assert.rejects(lab.query('w1'), { message: 'workflow not found' });
  await lab.addWorkflowTask('w2');
  assert.equal((await poll).workflowExecution?.workflowId, 'w2');
});

test('a query without any worker is told so shortly before its deadline', async () => {
  const lab = new MatchingLab();
  const query = lab.query('w1', new TestCall(lab.clock.nowMs() + 10_000));
  const failed = assert.rejects(query, (error) => {
    assert.ok(isCode(GrpcCode.FAILED_PRECONDITION)(error));
    assert.match((error as Error).message, /no poller seen for task queue recently/);
    return true;
  });
  await lab.clock.advance(9_000);
  await failed;
});

test('a query that a worker took and did not answer ends at its deadline', async () => {
  const lab = new MatchingLab();
  const query = lab.query('w1', new TestCall(lab.clock.nowMs() + 10_000));
  const failed = assert.rejects(query, isCode(GrpcCode.DEADLINE_EXCEEDED));
  await lab.clock.settle();
  const { taskToken } = await lab.pollWorkflow();
  await lab.clock.advance(10_000);
  await failed;
  await assert.rejects(lab.respondQuery(queryIdOf(taskToken), { completedType: ANSWERED }), isCode(GrpcCode.NOT_FOUND));
});

test('a query whose caller has gone is not dispatched', async () => {
  const lab = new MatchingLab();
  const call = new TestCall();
  const query = lab.query('w1', call);
  const failed = assert.rejects(query, isCode(GrpcCode.CANCELLED));
  await lab.clock.settle();
  call.cancel();
  await failed;
  const poll = lab.pollWorkflow(new TestCall(lab.clock.nowMs() + 5_000));
  await lab.clock.advance(5_000);
  assert.equal((await poll).taskToken.length, 0);
  assert.equal(lab.history.preparedQueries.length, 0);
});

test('a query whose worker left before it got it goes to the next worker', async () => {
  const lab = new MatchingLab();
  const leaving = new TestCall();
  const lost = lab.pollWorkflow(leaving);
  await lab.clock.settle();
  lab.history.onPrepareQuery = () => {
    leaving.cancelled = true;
    return undefined;
  };
  const query = lab.query('w1');
  await lab.clock.settle();
  assert.equal((await lost).taskToken.length, 0);
  lab.history.onPrepareQuery = () => undefined;
  const { taskToken } = await lab.pollWorkflow();
  await lab.respondQuery(queryIdOf(taskToken), { completedType: ANSWERED });
  assert.notEqual(await query, undefined);
});

test('queries go before tasks of the middle priority', async () => {
  const lab = new MatchingLab();
  await lab.addWorkflowTask('w1');
  await lab.addWorkflowTask('urgent', { priorityKey: 1 });
  void lab.query('w2').catch(() => {});
  await lab.clock.settle();
  assert.equal((await lab.pollWorkflow()).workflowExecution?.workflowId, 'urgent');
  assert.equal((await lab.pollWorkflow()).workflowExecution?.workflowId, 'w2');
  assert.equal((await lab.pollWorkflow()).workflowExecution?.workflowId, 'w1');
});
