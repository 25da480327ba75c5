// I5: an activity attempt is durable as started before a worker sees it: at most once per attempt.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RecordActivityTaskStartedRequest } from '#proto/ostinato/history/v1';
import type { AddTaskRequest } from '#proto/ostinato/matching/v1';
import { PollActivityTaskQueueRequest, PollActivityTaskQueueResponse } from '#proto/temporal/api/workflowservice/v1';
import { NAMESPACE_ID } from '../../src/history/testing/history-fixture.ts';
import { activity, isNotFound, isUnavailable, Lab, watched } from './lab.ts';

async function withScheduledActivity(answer: 'sync' | 'promise'): Promise<{ lab: Lab; task: AddTaskRequest }> {
  const lab = await Lab.open({ answer });
  await lab.fixture.start({ workflowId: 'w' });
  await lab.answer(await lab.fixture.pollWorkflowTask(), activity('a'));
  await lab.settle();
  const task = lab.fixture.activityTasks.shift();
  assert.ok(task !== undefined);
  return { lab, task };
}

/** As matching asks when it has found a worker. */
async function startAttempt(
  lab: Lab,
  task: AddTaskRequest,
  requestId: string,
  triedRequestId?: string,
): Promise<PollActivityTaskQueueResponse> {
  const request = RecordActivityTaskStartedRequest.encode({
    namespaceId: NAMESPACE_ID,
    workflowId: 'w',
    runId: task.execution?.runId,
    scheduledEventId: task.scheduledEventId,
    requestId,
    triedRequestId,
    stamp: task.stamp,
    pollRequest: PollActivityTaskQueueRequest.encode({ identity: 'test-worker' }),
  });
  return PollActivityTaskQueueResponse.decode(await lab.fixture.call('RecordActivityTaskStarted', request));
}

for (const stage of ['before', 'after'] as const) {
  test(`no worker sees an attempt before its start is durable (held ${stage} its effect)`, async () => {
    const { lab, task } = await withScheduledActivity('promise');
    const release = lab.holdCommits(stage);
    const started = watched(startAttempt(lab, task, 'poll'));
    const repeated = watched(startAttempt(lab, task, 'poll'));
    await lab.settle();
    await lab.clock.advance(3_000);
    assert.equal(started.isAnswered(), false, 'the attempt left before its start was durable');
    assert.equal(repeated.isAnswered(), false, 'the repeated request got the attempt before its start was durable');
    await release();
    assert.equal((await started.promise).attempt, 1);
  });
}

for (const stage of ['before', 'after'] as const) {
  test(`no parked poll gets an attempt before its start is durable (held ${stage} its effect)`, async () => {
    const lab = await Lab.open({ answer: 'promise' });
    await lab.fixture.start({ workflowId: 'w' });
    const task = await lab.fixture.pollWorkflowTask();
    lab.offerPoll('activity');
    const release = lab.holdCommits(stage);
    const completed = watched(lab.answer(task, activity('a')));
    await lab.settle();
    await lab.clock.advance(3_000);
    const { handedOver } = lab.fixture;
    assert.equal(handedOver.length, 0, 'the attempt left before its start was durable');
    await release();
    await completed.promise;
    const [handed] = handedOver;
    await lab.completeActivity(PollActivityTaskQueueResponse.decode(handed!.response));
    assert.ok((await lab.fixture.eventNames('w')).includes('ActivityTaskCompleted'));
  });

  test(`an attempt that a parked poll was to get is given to nobody twice (crash ${stage} its commit)`, async () => {
    const lab = await Lab.open({ answer: 'sync' });
    await lab.fixture.start({ workflowId: 'w' });
    const task = await lab.fixture.pollWorkflowTask();
    lab.offerPoll('activity');
    lab.failNextCommit(`crash-${stage}`);
    const { handedOver, brokenSeals } = lab.fixture;
    await assert.rejects(lab.answer(task, activity('a')), isUnavailable);
    assert.deepEqual(handedOver, [], 'nobody knows whether the start is durable');
    assert.equal(brokenSeals.length, 1);
    await lab.restart();
    assert.equal(lab.fixture.activityTasks.length, 0);
    // Before its effect the commit left nothing: the worker's answer counts when it comes again. After it, the attempt will time out.
    if (stage === 'before') await lab.answer(task, activity('a'));
    else await assert.rejects(lab.answer(task, activity('a')), isNotFound);
    assert.equal(lab.fixture.activityTasks.length, stage === 'before' ? 1 : 0);
  });
}

test('an attempt that no parked poll got is taken over by one task, however often that comes to matching', async () => {
  const lab = await Lab.open({ answer: 'promise' });
  await lab.fixture.start({ workflowId: 'w' });
  const workflowTask = await lab.fixture.pollWorkflowTask();
  lab.offerPoll('activity');
  lab.fixture.link.isUp = false;
  await lab.answer(workflowTask, activity('a'));
  const task = lab.fixture.activityTasks.shift();
  assert.ok(task !== undefined && task.startRequestId !== '');
  const release = lab.holdCommits('before');
  const takenOver = watched(startAttempt(lab, task, 'task-1', task.startRequestId));
  await lab.settle();
  await lab.clock.advance(3_000);
  assert.equal(takenOver.isAnswered(), false, 'the attempt left before it was durable whose it is');
  await release();
  const attempt = await takenOver.promise;
  for (const life of ['the same process', 'after a crash']) {
    await assert.rejects(startAttempt(lab, task, 'task-2', task.startRequestId), isNotFound, life);
    // The very request whose answer was lost finds its own start.
    assert.equal((await startAttempt(lab, task, 'task-1', task.startRequestId)).attempt, 1, life);
    await lab.restart();
  }
  await lab.completeActivity(attempt);
});

test('an attempt whose start was written is given to nobody else after the crash', async () => {
  const { lab, task } = await withScheduledActivity('sync');
  lab.failNextCommit('crash-after');
  await assert.rejects(startAttempt(lab, task, 'poll-1'), isUnavailable);
  await lab.restart();
  for (const handedOver of lab.fixture.activityTasks) {
    await assert.rejects(startAttempt(lab, handedOver, 'poll-2'), isNotFound);
  }
  await assert.rejects(startAttempt(lab, task, 'poll-3'), isNotFound);
  // The very request whose answer was lost finds its own start.
  assert.equal((await startAttempt(lab, task, 'poll-1')).attempt, 1);
});

test('an attempt whose start was not written is handed out again after the crash', async () => {
  const { lab, task } = await withScheduledActivity('sync');
  lab.failNextCommit('crash-before');
  await assert.rejects(startAttempt(lab, task, 'poll-1'), isUnavailable);
  await lab.restart();
  const [again] = lab.fixture.activityTasks;
  assert.ok(again !== undefined, 'the activity task did not come back');
  const attempt = await startAttempt(lab, again, 'poll-2');
  assert.equal(attempt.attempt, 1);
  await lab.completeActivity(attempt);
  const names = await lab.fixture.eventNames('w');
  assert.equal(names.filter((name) => name === 'ActivityTaskStarted').length, 1);
});

test('a result that was acknowledged survives, and the attempt is over', async () => {
  const { lab, task } = await withScheduledActivity('sync');
  const attempt = await startAttempt(lab, task, 'poll');
  await lab.completeActivity(attempt);
  await lab.restart();
  assert.ok((await lab.fixture.eventNames('w')).includes('ActivityTaskCompleted'));
  await assert.rejects(lab.completeActivity(attempt), isNotFound);
});
