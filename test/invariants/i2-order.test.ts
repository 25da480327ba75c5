// I2: decide, persist, publish, in that order. Nothing observable happens before the write is durable: no reply, no task to
// matching, no visibility record, no refusal that rests on it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RecordVisibilityRequest } from '#proto/ostinato/worker/v1';
import { WorkflowExecutionStatus } from '#proto/temporal/api/enums/v1';
import {
  RequestCancelWorkflowExecutionRequest,
  RequestCancelWorkflowExecutionResponse,
  TerminateWorkflowExecutionRequest,
  TerminateWorkflowExecutionResponse,
} from '#proto/temporal/api/workflowservice/v1';
import { activity, completeRun, isNotFound, isUnavailable, Lab, SIGNAL, watched } from './lab.ts';

const TERMINATE = [TerminateWorkflowExecutionRequest, TerminateWorkflowExecutionResponse] as const;
const CANCEL = [RequestCancelWorkflowExecutionRequest, RequestCancelWorkflowExecutionResponse] as const;

/** Both while the commit has not taken effect and while it has but the store has not said so. */
for (const stage of ['before', 'after'] as const) {
  test(`a start is answered, dispatched and listed only once it is durable (held ${stage} its effect)`, async () => {
    const lab = await Lab.open({ answer: 'promise' });
    const release = lab.holdCommits(stage);
    const start = watched(lab.fixture.start({ workflowId: 'w' }));
    await lab.settle();
    await lab.clock.advance(5_000);
    assert.equal(start.isAnswered(), false, 'the reply left before the write was durable');
    assert.equal(lab.fixture.workflowTasks.length, 0, 'a task left before the write was durable');
    assert.equal(lab.fixture.visibility.length, 0, 'a visibility record left before the write was durable');
    await release();
    await start.promise;
    assert.equal(lab.fixture.workflowTasks.length, 1);
    await lab.clock.advance(1_000);
    assert.equal(lab.fixture.visibility.length, 1);
  });

  test(`commands take effect only once their workflow task's completion is durable (held ${stage})`, async () => {
    const lab = await Lab.open({ answer: 'promise' });
    await lab.fixture.start({ workflowId: 'w' });
    const task = await lab.fixture.pollWorkflowTask();
    const release = lab.holdCommits(stage);
    const completion = watched(lab.answer(task, activity('a')));
    await lab.settle();
    await lab.clock.advance(5_000);
    assert.equal(completion.isAnswered(), false, 'the reply left before the write was durable');
    assert.equal(lab.fixture.activityTasks.length, 0, 'an activity task left before the write was durable');
    await release();
    await completion.promise;
    assert.equal(lab.fixture.activityTasks.length, 1);
  });

  test(`a signal is answered only once it is durable (held ${stage})`, async () => {
    const lab = await Lab.open({ answer: 'promise' });
    await lab.fixture.start({ workflowId: 'w' });
    const release = lab.holdCommits(stage);
    const signal = watched(lab.signal('w', 's'));
    const again = watched(lab.signal('w', 's'));
    await lab.settle();
    await lab.clock.advance(3_000);
    assert.equal(signal.isAnswered(), false);
    assert.equal(again.isAnswered(), false, 'the repetition was answered before the first write was durable');
    await release();
    await Promise.all([signal.promise, again.promise]);
  });
}

test('what a commit did not write is not acknowledged, nor what was decided while it failed', async () => {
  const lab = await Lab.open({ answer: 'promise' });
  await lab.fixture.start({ workflowId: 'w' });
  const release = lab.holdCommits('before');
  lab.failNextCommit('fail-before');
  const first = watched(lab.signal('w', 's1'));
  await lab.settle();
  const second = watched(lab.signal('w', 's2'));
  await lab.settle();
  await release();
  await assert.rejects(first.promise, isUnavailable);
  await assert.rejects(second.promise, isUnavailable);
  await lab.clock.advance(1_000);
  assert.deepEqual(await lab.signals('w'), []);
});

test('a refusal that rests on a run having ended waits until that end is durable', async () => {
  const lab = await Lab.open({ answer: 'promise' });
  await lab.fixture.start({ workflowId: 'w' });
  const release = lab.holdCommits('before');
  lab.failNextCommit('fail-before');
  const target = { namespace: 'test', workflowExecution: { workflowId: 'w' } };
  const end = watched(lab.fixture.rpc('TerminateWorkflowExecution', TERMINATE, target));
  await lab.settle();
  const refused = watched(lab.signal('w', 's'));
  const cancelled = watched(lab.fixture.rpc('RequestCancelWorkflowExecution', CANCEL, target));
  await lab.settle();
  await lab.clock.advance(3_000);
  assert.equal(refused.isAnswered(), false, 'a signal was refused for an end that is not written');
  assert.equal(cancelled.isAnswered(), false, 'a cancellation was waved through for an end that is not written');
  await release();
  for (const { promise } of [end, refused, cancelled]) await assert.rejects(promise, isUnavailable);
  await lab.clock.advance(1_000);
  assert.deepEqual((await lab.fixture.eventNames('w')).at(-1), 'WorkflowTaskScheduled', 'the run goes on');
  // Once it has ended for good, the refusal is Temporal's.
  await lab.fixture.rpc('TerminateWorkflowExecution', TERMINATE, target);
  await assert.rejects(lab.fixture.rpc('SignalWorkflowExecution', SIGNAL, { ...target, signalName: 's' }), isNotFound);
});

test('lists do not show what is not written', async () => {
  const lab = await Lab.open({ answer: 'promise' });
  const releaseStart = lab.holdCommits('after');
  const start = lab.fixture.start({ workflowId: 'w' });
  await lab.settle();
  // The run's end is decided in the turn in which its start becomes durable and the start's record is made.
  start.catch(() => {});
  await releaseStart();
  await start;
  const task = await lab.fixture.pollWorkflowTask();
  const release = lab.holdCommits('before');
  const completion = watched(lab.answer(task, completeRun()));
  await lab.settle();
  const statuses = () =>
    lab.fixture.visibility
      .flatMap((request) => RecordVisibilityRequest.decode(request).records)
      .map(({ status }) => status);
  await lab.clock.advance(1_000);
  assert.deepEqual(statuses(), [WorkflowExecutionStatus.RUNNING]);
  await release();
  await completion.promise;
  await lab.clock.advance(1_000);
  assert.equal(statuses().at(-1), WorkflowExecutionStatus.COMPLETED);
});
