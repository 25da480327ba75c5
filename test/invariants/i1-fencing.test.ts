// I1: every commit carries the shard's range id and fails as a whole if the stored one differs; the shard then unloads.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { completeRun, isUnavailable, Lab, SIGNAL, watched } from './lab.ts';

for (const [answer, journal] of [
  ['sync', false],
  ['promise', false],
  ['promise', true],
] as const) {
  test(`an owner that was replaced can write nothing (${answer} store${journal ? ' with a journal' : ''})`, async () => {
    const lab = await Lab.open({ answer, journal });
    await lab.fixture.start({ workflowId: 'w' });
    const successor = await lab.another();
    await assert.rejects(lab.signal('w', 'from-the-old-owner'), isUnavailable);
    const names = (await successor.eventNames('w')).filter((name) => name === 'WorkflowExecutionSignaled');
    assert.deepEqual(names, [], 'the store took a write of an owner that was replaced');
    await successor.rpc('SignalWorkflowExecution', SIGNAL, {
      namespace: 'test',
      workflowExecution: { workflowId: 'w' },
      signalName: 'from-the-new-owner',
    });
    const signals = (await successor.events('w')).filter((event) => event.workflowExecutionSignaledEventAttributes);
    assert.equal(signals.length, 1);
  });
}

test('an owner that was replaced does not call a run closed when another one followed it', async () => {
  const lab = await Lab.open({ answer: 'promise' });
  await lab.fixture.start({ workflowId: 'w' });
  await lab.answer(await lab.fixture.pollWorkflowTask(), completeRun());
  const successor = await lab.another();
  await successor.start({ workflowId: 'w', requestId: 'again' });
  await assert.rejects(lab.signal('w', 's'), isUnavailable);
});

test('an owner that was replaced does not call a run unknown that only a journal has', async () => {
  const lab = await Lab.open({ answer: 'promise', journal: true });
  const successor = await lab.another();
  await successor.start({ workflowId: 'w' });
  await assert.rejects(lab.signal('w', 's'), isUnavailable);
});

test('a fenced write fails as a whole and the shard forgets what it had decided', async () => {
  const lab = await Lab.open({ answer: 'promise' });
  await lab.fixture.start({ workflowId: 'a' });
  await lab.fixture.start({ workflowId: 'b' });
  await lab.another();
  const release = lab.holdCommits('before');
  const first = watched(lab.signal('a', 's1'));
  await lab.settle();
  // Decided while the doomed commit is in flight: it may not be taken for written when the shard has nothing left to write.
  const second = watched(lab.signal('b', 's2'));
  await lab.settle();
  await release();
  await assert.rejects(first.promise, isUnavailable);
  await assert.rejects(second.promise, isUnavailable);
  // The old owner takes the shard anew after a pause and shows what the store has. The other one does as much when it has something to acknowledge, and
  // so on, with longer and longer pauses, until one of them has nothing to write.
  await lab.clock.advance(60_000);
  assert.deepEqual(await lab.signals('a'), []);
  assert.deepEqual(await lab.signals('b'), []);
});

test('what a replaced owner has in its journal arrives once, by whoever comes first', async () => {
  const lab = await Lab.open({ answer: 'promise', journal: true });
  await lab.fixture.start({ workflowId: 'w' });
  await lab.clock.advance(10_000); // that is in the tables
  await lab.signal('w', 'old');
  const successor = await lab.another();
  await successor.rpc('SignalWorkflowExecution', SIGNAL, {
    namespace: 'test',
    workflowExecution: { workflowId: 'w' },
    signalName: 'new',
    identity: 'x'.repeat(10_000), // too large for the journal: in the tables before the old owner comes with an older state
  });
  await lab.clock.advance(10_000); // the first has tried to bring it to the tables
  const heir = await lab.another();
  const signals = (await heir.events('w')).flatMap(
    ({ workflowExecutionSignaledEventAttributes: signaled }) => signaled?.signalName ?? [],
  );
  assert.deepEqual(signals, ['old', 'new']);
});
