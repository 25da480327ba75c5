import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PollWorkflowTaskQueueRequest } from '#proto/temporal/api/workflowservice/v1';
import {
  alreadyExists,
  failedPrecondition,
  internal,
  notFound,
  resourceExhausted,
  unavailable,
} from '../proto/service-errors.ts';
import { MAX_ATTEMPTS_ON_INTERNAL_ERROR } from './limits.ts';
import { MatchingLab } from './testing/matching-lab.ts';
import { TestCall } from './testing/test-call.ts';

const BUSY_WORKFLOW = 5;
const RPS_LIMIT = 1;

test('a task meets a parked poll without touching the store', async () => {
  const lab = new MatchingLab();
  const poll = lab.pollWorkflow();
  await lab.clock.settle();
  const added = await lab.addWorkflowTask('w1', { shardId: 7 });
  assert.equal(added.syncMatched, true);
  assert.equal((await poll).workflowExecution?.workflowId, 'w1');
  assert.equal(lab.history.requests[0]!.shardId, 7);
  assert.equal(await lab.backlogCount(), 0);
  const store = lab.stores.openTaskQueueStore();
  assert.equal(await store.count(lab.partitionKey(1), 0), 0);
});

test('history sees the bytes of the poll as they arrived', async () => {
  const lab = new MatchingLab();
  const poll = lab.pollWorkflow(new TestCall(), { identity: 'me', binaryChecksum: 'abc' });
  await lab.clock.settle();
  await lab.addWorkflowTask('w1');
  await poll;
  const seen = PollWorkflowTaskQueueRequest.decode(lab.history.requests[0]!.pollRequest);
  assert.equal(seen.identity, 'me');
  assert.equal(seen.binaryChecksum, 'abc');
});

test('activity tasks go to activity polls only', async () => {
  const lab = new MatchingLab();
  const workflowPoll = lab.pollWorkflow();
  const activityPoll = lab.pollActivity();
  await lab.clock.settle();
  assert.equal((await lab.addActivityTask('w1')).syncMatched, true);
  assert.equal((await activityPoll).activityId, '5');
  assert.equal((await lab.addWorkflowTask('w2')).syncMatched, true);
  assert.equal((await workflowPoll).workflowExecution?.workflowId, 'w2');
});

test('the oldest poll is served first', async () => {
  const lab = new MatchingLab();
  const polls = ['a', 'b', 'c'].map((identity) => lab.pollWorkflow(new TestCall(), { identity }));
  await lab.clock.settle();
  for (const id of ['w1', 'w2', 'w3']) await lab.addWorkflowTask(id);
  const got = await Promise.all(polls);
  assert.deepEqual(
    got.map((response) => response.workflowExecution?.workflowId),
    ['w1', 'w2', 'w3'],
  );
});

for (const [name, error] of [
  ['not found', notFound('workflow execution already completed')],
  ['already started', alreadyExists('Workflow task already started.')],
  ['no longer wanted', failedPrecondition('obsolete')],
] as const) {
  test(`a task that history calls ${name} is dropped, and its poll gets the next one`, async () => {
    const lab = new MatchingLab();
    lab.history.onStart = ({ workflowId }) => (workflowId === 'gone' ? error : 'start');
    const poll = lab.pollWorkflow();
    await lab.clock.settle();
    assert.equal((await lab.addWorkflowTask('gone')).syncMatched, true);
    assert.equal((await lab.addWorkflowTask('next')).syncMatched, true);
    assert.equal((await poll).workflowExecution?.workflowId, 'next');
    assert.equal(await lab.backlogCount(), 0);
  });
}

test('a task that history cannot start now becomes durable and is started later', async () => {
  const lab = new MatchingLab();
  let refusals = 3;
  lab.history.onStart = () => (refusals-- > 0 ? unavailable('shard is moving') : 'start');
  const poll = lab.pollWorkflow();
  await lab.clock.settle();
  assert.equal((await lab.addWorkflowTask('w1')).syncMatched, false);
  assert.equal(await lab.backlogCount(), 1);
  await lab.clock.runUntil(() => lab.history.started.size === 1, 10_000);
  assert.equal((await poll).workflowExecution?.workflowId, 'w1');
  assert.equal(await lab.backlogCount(), 0);
});

test('a start whose outcome is unknown is repeated under the same request id', async () => {
  const lab = new MatchingLab();
  let answers = 0;
  lab.history.onStart = (start) => {
    if (answers++ > 0) return 'start';
    lab.history.record(start);
    return unavailable('the answer got lost');
  };
  const poll = lab.pollWorkflow();
  await lab.clock.settle();
  await lab.addWorkflowTask('w1');
  await lab.clock.runUntil(() => lab.history.requests.length === 2, 10_000);
  assert.equal((await poll).workflowExecution?.workflowId, 'w1');
  assert.equal(lab.history.requests[0]!.requestId, lab.history.requests[1]!.requestId);
});

test('a busy workflow does not make the poller back off, an overloaded history does', async () => {
  const lab = new MatchingLab();
  lab.history.onStart = ({ workflowId }) =>
    workflowId === 'busy'
      ? resourceExhausted('busy', BUSY_WORKFLOW)
      : workflowId === 'overload'
        ? resourceExhausted('too much', RPS_LIMIT)
        : 'start';
  const patient = lab.pollWorkflow();
  await lab.clock.settle();
  await lab.addWorkflowTask('busy');
  await lab.addWorkflowTask('w2');
  assert.equal((await patient).workflowExecution?.workflowId, 'w2');
  const refused = assert.rejects(lab.pollWorkflow(), { message: 'too much' });
  await lab.clock.settle();
  await lab.addWorkflowTask('overload');
  await refused;
  assert.equal(await lab.backlogCount(), 2);
});

test('a task that history never can start is dropped in the end', async () => {
  const lab = new MatchingLab();
  lab.history.onStart = ({ workflowId }) => (workflowId === 'poison' ? internal('bug') : 'start');
  const poll = lab.pollWorkflow(new TestCall(lab.clock.nowMs() + 600_000));
  lab.settings.set('matching.longPollExpirationInterval', 600_000);
  await lab.clock.settle();
  await lab.addWorkflowTask('poison');
  for (let i = 0; i < 60 && (await lab.backlogCount()) > 0; i++) {
    void lab.pollWorkflow(new TestCall(lab.clock.nowMs() + 5_000));
    await lab.clock.advance(1_000);
  }
  assert.equal(await lab.backlogCount(), 0);
  assert.equal(lab.history.requests.length, MAX_ATTEMPTS_ON_INTERNAL_ERROR);
  void poll;
});

test('a task that comes twice, with a start that history has tried, is given to one poll', async () => {
  const lab = new MatchingLab();
  const polls = [lab.pollActivity(), lab.pollActivity()];
  await lab.clock.settle();
  lab.history.started.set('w/5', 'tried');
  await lab.addActivityTask('w', { triedRequestId: 'tried' });
  await lab.addActivityTask('w', { triedRequestId: 'tried' });
  await lab.clock.advance(70_000);
  const answers = await Promise.all(polls);
  assert.deepEqual(
    answers.map(({ workflowExecution }) => workflowExecution?.workflowId),
    ['w', undefined],
  );
});
