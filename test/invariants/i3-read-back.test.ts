// I3: state and the tasks it implies are written together; after a crash they are read back from the queue's acknowledged level.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { CommandType } from '#proto/temporal/api/enums/v1';
import { activity, completeRun, isNotFound, Lab, timer, watched } from './lab.ts';

/** Long enough for done tasks to be acknowledged and deleted, several times. */
const ACKNOWLEDGED_MS = 9_000;

for (const journal of [false, true]) {
  describe(journal ? 'with a journal' : 'without a journal', () => {
    test('a workflow task that was committed and never dispatched is dispatched after the crash', async () => {
      const lab = await Lab.open({ journal });
      lab.failNextCommit('crash-after');
      await assert.rejects(lab.fixture.start({ workflowId: 'w' }));
      await lab.restart();
      assert.equal(lab.fixture.workflowTasks.length, 1);
    });

    test('activity tasks and timers that were committed are there after the crash, and none fires early', async () => {
      const lab = await Lab.open({ journal });
      await lab.fixture.start({ workflowId: 'w' });
      const task = await lab.fixture.pollWorkflowTask();
      lab.failNextCommit('crash-after');
      await assert.rejects(lab.answer(task, activity('a'), timer('t', 60_000)));
      await lab.restart();
      assert.equal(lab.fixture.activityTasks.length, 1);
      await lab.clock.advance(59_999);
      assert.ok(!(await lab.fixture.eventNames('w')).includes('TimerFired'));
      await lab.clock.advance(2);
      assert.ok((await lab.fixture.eventNames('w')).includes('TimerFired'));
    });

    test('a started workflow task that only memory knows is handed out again, and its stale completion is refused', async () => {
      const lab = await Lab.open({ journal });
      const matched = lab.holdMatching();
      await lab.fixture.start({ workflowId: 'w', workflowTaskTimeout: 60_000 });
      const lost = await lab.fixture.pollWorkflowTask();
      matched();
      // While the start is in memory, its queued task may not be acknowledged.
      await lab.clock.advance(ACKNOWLEDGED_MS);
      await lab.restart();
      await assert.rejects(lab.answer(lost, completeRun()), isNotFound);
      const again = await lab.fixture.pollWorkflowTask();
      await assert.rejects(lab.answer(lost, completeRun()), isNotFound);
      await lab.answer(again, completeRun());
      const names = await lab.fixture.eventNames('w');
      assert.equal(names.filter((name) => name === 'WorkflowTaskStarted').length, 1);
      assert.equal(names.at(-1), 'WorkflowExecutionCompleted');
    });

    test('timers on their way to the store hold the acknowledged level back', async () => {
      const lab = await Lab.open({ answer: 'promise', journal });
      await lab.fixture.start({ workflowId: 'w', workflowTaskTimeout: 60_000 });
      const task = await lab.fixture.pollWorkflowTask();
      // The timer is due, and the queue acknowledges by the clock, before the store has answered the commit that sets it.
      const release = lab.holdCommits('after');
      const completion = watched(lab.answer(task, timer('t', 100)));
      await lab.settle();
      await lab.clock.advance(ACKNOWLEDGED_MS);
      // Another write is ready: it carries the acknowledgement as soon as the first is through.
      const signal = watched(lab.signal('w', 's'));
      lab.failNextCommit('crash-after');
      await release();
      await completion.promise;
      await signal.promise.catch(() => {});
      await lab.restart();
      await lab.clock.advance(1_000);
      assert.ok((await lab.fixture.eventNames('w')).includes('TimerFired'), 'the timer was deleted before it fired');
    });

    test('the end of a run is dealt with after the crash, with its close event read from the store', async () => {
      const lab = await Lab.open({ journal });
      await lab.fixture.start({ workflowId: 'parent' });
      await lab.answer(await lab.fixture.pollWorkflowTask(), {
        commandType: CommandType.START_CHILD_WORKFLOW_EXECUTION,
        startChildWorkflowExecutionCommandAttributes: {
          workflowId: 'child',
          workflowType: { name: 'test-workflow' },
          taskQueue: { name: 'test-queue' },
        },
      } as never);
      await lab.settle();
      const tasks = [await lab.fixture.pollWorkflowTask(), await lab.fixture.pollWorkflowTask()];
      const childTask = tasks.find((task) => task.workflowExecution?.workflowId === 'child');
      assert.ok(childTask !== undefined);
      lab.failNextCommit('crash-after');
      await assert.rejects(lab.answer(childTask, completeRun()));
      await lab.restart();
      await lab.clock.advance(11_000);
      assert.ok((await lab.fixture.eventNames('parent')).includes('ChildWorkflowExecutionCompleted'));
    });

    test('done tasks are deleted, those that are not done stay', async () => {
      const lab = await Lab.open({ journal });
      await lab.fixture.start({ workflowId: 'w' });
      await lab.answer(await lab.fixture.pollWorkflowTask(), timer('t', 600_000));
      await lab.clock.advance(ACKNOWLEDGED_MS);
      await lab.restart();
      assert.equal(lab.fixture.workflowTasks.length, 0, 'a done task came back');
      await lab.clock.advance(600_000);
      assert.ok((await lab.fixture.eventNames('w')).includes('TimerFired'));
    });
  });
}
