import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ShutdownWorkerRequest } from '#proto/temporal/api/workflowservice/v1';
import { MatchingLab } from './testing/matching-lab.ts';
import { TestCall } from './testing/test-call.ts';

async function isOpen(promise: Promise<unknown>): Promise<boolean> {
  let open = true;
  void promise.finally(() => {
    open = false;
  });
  await new Promise((resolve) => setImmediate(resolve));
  return open;
}

test('a poll is answered empty a second before its deadline', async () => {
  const lab = new MatchingLab();
  const poll = lab.pollWorkflow(new TestCall(lab.clock.nowMs() + 20_000));
  await lab.clock.advance(18_900);
  assert.equal(await isOpen(poll), true);
  await lab.clock.advance(100);
  assert.equal((await poll).taskToken.length, 0);
});

test('a poll without a deadline is answered empty after a minute', async () => {
  const lab = new MatchingLab();
  const poll = lab.pollWorkflow();
  await lab.clock.advance(59_900);
  assert.equal(await isOpen(poll), true);
  await lab.clock.advance(100);
  assert.equal((await poll).taskToken.length, 0);
});

test('a poll whose deadline is too close takes a task that is there and else answers at once', async () => {
  const lab = new MatchingLab();
  const empty = lab.pollWorkflow(new TestCall(lab.clock.nowMs() + 500));
  await lab.clock.advance(0);
  assert.equal((await empty).taskToken.length, 0);
  await lab.addWorkflowTask('w1');
  const poll = await lab.pollWorkflow(new TestCall(lab.clock.nowMs() + 500));
  assert.equal(poll.workflowExecution?.workflowId, 'w1');
});

test('a cancelled poll takes no task: the next one does', async () => {
  const lab = new MatchingLab();
  const gone = new TestCall();
  const cancelled = lab.pollWorkflow(gone);
  const alive = lab.pollWorkflow();
  await lab.clock.settle();
  gone.cancel();
  assert.equal((await lab.addWorkflowTask('w1')).syncMatched, true);
  assert.equal((await alive).workflowExecution?.workflowId, 'w1');
  assert.equal((await cancelled).taskToken.length, 0);
  assert.equal(lab.history.requests.length, 1);
});

test('a poll that was cancelled before its turn takes no task from the backlog', async () => {
  const lab = new MatchingLab();
  await lab.addWorkflowTask('w1');
  const call = new TestCall();
  call.cancel();
  assert.equal((await lab.pollWorkflow(call)).taskToken.length, 0);
  assert.equal(lab.history.requests.length, 0);
  assert.equal(await lab.backlogCount(), 1);
});

test('a poll whose caller is marked gone without notice is passed over', async () => {
  const lab = new MatchingLab();
  const call = new TestCall();
  const poll = lab.pollWorkflow(call);
  await lab.clock.settle();
  call.cancelled = true;
  assert.equal((await lab.addWorkflowTask('w1')).syncMatched, false);
  assert.equal(lab.history.requests.length, 0);
  assert.equal((await poll).taskToken.length, 0);
});

test('a task whose poll went while history recorded its start goes to another poll', async () => {
  const lab = new MatchingLab();
  const leaving = new TestCall();
  const lost = lab.pollWorkflow(leaving);
  const parked = lab.pollWorkflow();
  await lab.clock.settle();
  lab.history.onStart = () => {
    leaving.cancel();
    return 'start';
  };
  assert.equal((await lab.addWorkflowTask('w1')).syncMatched, true);
  assert.equal((await lost).taskToken.length, 0);
  assert.equal((await parked).workflowExecution?.workflowId, 'w1');
  assert.equal(lab.history.requests.length, 1);
});

test('a started task without a poll waits five seconds for the next one, of the same version', async () => {
  const lab = new MatchingLab();
  const leave = async (workflowId: string): Promise<void> => {
    const leaving = new TestCall();
    const lost = lab.pollWorkflow(leaving, { deploymentOptions: { deploymentName: 'd', buildId: 'b1' } });
    await lab.clock.settle();
    lab.history.onStart = () => {
      leaving.cancel();
      return 'start';
    };
    await lab.addWorkflowTask(workflowId);
    await lost;
    lab.history.onStart = () => 'start';
  };
  const poll = (buildId: string) =>
    lab.pollWorkflow(new TestCall(lab.clock.nowMs() + 3_000), { deploymentOptions: { deploymentName: 'd', buildId } });
  await leave('w1');
  await lab.clock.advance(4_500);
  assert.equal((await poll('b1')).workflowExecution?.workflowId, 'w1');
  await leave('w2');
  await lab.clock.advance(5_500);
  const late = poll('b1');
  await lab.clock.advance(3_000);
  assert.equal((await late).taskToken.length, 0);
  await leave('w3');
  const other = poll('b2');
  await lab.clock.advance(3_000);
  assert.equal((await other).taskToken.length, 0);
});

test('a poll that expires while history refuses its task is answered empty', async () => {
  const lab = new MatchingLab();
  let refuse: (error: Error) => void = () => {};
  lab.history.onStart = () => new Promise((resolve) => (refuse = resolve));
  const poll = lab.pollWorkflow(new TestCall(lab.clock.nowMs() + 5_000));
  await lab.clock.settle();
  const added = lab.addWorkflowTask('w1');
  await lab.clock.advance(10_000);
  assert.equal(await isOpen(poll), true);
  const { unavailable } = await import('../proto/service-errors.ts');
  refuse(unavailable('moving'));
  await lab.clock.settle();
  assert.equal((await poll).taskToken.length, 0);
  assert.equal((await added).syncMatched, false);
});

test('polls of a worker that leaves are answered empty, and its late polls too', async () => {
  const lab = new MatchingLab();
  const leaving = lab.pollWorkflow(new TestCall(), { identity: 'leaver', workerInstanceKey: 'k1' });
  const staying = lab.pollWorkflow(new TestCall(), { identity: 'stayer', workerInstanceKey: 'k2' });
  await lab.clock.settle();
  const request = ShutdownWorkerRequest.encode({ identity: 'leaver', workerInstanceKey: 'k1' });
  await lab.call('ShutdownWorker', lab.apiRequest(request, 1));
  assert.equal((await leaving).taskToken.length, 0);
  assert.deepEqual(
    (await lab.describe()).pollers.map(({ identity }) => identity),
    ['stayer'],
  );
  const late = await lab.pollWorkflow(new TestCall(), { identity: 'leaver', workerInstanceKey: 'k1' });
  assert.equal(late.taskToken.length, 0);
  await lab.addWorkflowTask('w1');
  assert.equal((await staying).workflowExecution?.workflowId, 'w1');
  await lab.clock.advance(31_000);
  await lab.addWorkflowTask('w2');
  const back = await lab.pollWorkflow(new TestCall(), { identity: 'leaver', workerInstanceKey: 'k1' });
  assert.equal(back.workflowExecution?.workflowId, 'w2');
});

test('a task that is being started for a worker that leaves goes to another worker', async () => {
  const lab = new MatchingLab();
  const answers: (() => void)[] = [];
  lab.history.onStart = () => new Promise((resolve) => answers.push(() => resolve('start')));
  const shutdown = (taskQueue: string, identity: string, workerInstanceKey: string) => {
    const request = ShutdownWorkerRequest.encode({ identity, workerInstanceKey, stickyTaskQueue: 'sticky-1' });
    return lab.call('ShutdownWorker', lab.apiRequest(request, 1, { taskQueue }));
  };
  const sticky = { taskQueue: 'sticky-1', sticky: true, normalName: 'queue' };
  const worker = { identity: 'leaver', workerInstanceKey: 'k1' };
  const normal = lab.pollWorkflow(new TestCall(), worker);
  const ofSticky = lab.pollWorkflow(new TestCall(), worker, sticky);
  await lab.clock.settle();
  const first = lab.addWorkflowTask('w1');
  const second = lab.addWorkflowTask('w2', { partition: sticky });
  await lab.clock.settle();
  assert.equal(answers.length, 2);
  await shutdown('sticky-1', 'leaver', 'k1');
  await shutdown('queue', 'leaver', 'k1');
  assert.equal((await normal).taskToken.length, 0);
  assert.equal((await ofSticky).taskToken.length, 0);
  for (const answer of answers) answer();
  await Promise.all([first, second]);
  const other = { identity: 'stayer', workerInstanceKey: 'k2' };
  const taken = [await lab.pollWorkflow(new TestCall(), other), await lab.pollWorkflow(new TestCall(), other)];
  assert.deepEqual(taken.map(({ workflowExecution }) => workflowExecution?.workflowId).sort(), ['w1', 'w2']);
});

test('stopping answers parked polls empty and finishes what is on its way to the store', async () => {
  let release: () => void = () => {};
  const lab = new MatchingLab({
    answer: 'promise',
    delay: (operation, stage) =>
      operation === 'commitTaskQueues' && stage === 'before'
        ? new Promise((resolve) => (release = resolve))
        : undefined,
  });
  const poll = lab.pollActivity();
  await lab.clock.settle();
  const added = lab.addWorkflowTask('w1');
  await lab.clock.settle();
  const stopped = lab.service.stop();
  assert.equal((await poll).taskToken.length, 0);
  assert.equal(await isOpen(stopped), true);
  release();
  await added;
  await stopped;
  await assert.rejects(lab.pollActivity(), { message: 'matching is shutting down' });
});

test('backlog count and advice to scale are appended to the response of history', async () => {
  const lab = new MatchingLab();
  for (const id of ['w1', 'w2', 'w3']) await lab.addWorkflowTask(id);
  await lab.clock.advance(1_000);
  const first = await lab.pollWorkflow();
  assert.equal(first.workflowExecution?.workflowId, 'w1');
  assert.equal(first.backlogCountHint, 2);
  assert.equal(first.pollerScalingDecision?.pollRequestDeltaSuggestion, 1);
  await lab.pollWorkflow();
  const last = await lab.pollWorkflow();
  assert.equal(last.backlogCountHint, 0);
  const waiting = lab.pollWorkflow();
  await lab.clock.advance(2_000);
  await lab.addWorkflowTask('w4');
  assert.equal((await waiting).pollerScalingDecision?.pollRequestDeltaSuggestion, -1);
});
