// Timers and markers: firing, cancelling, order, ids used again. Raw calls.

import assert from 'node:assert/strict';
import { after, describe } from 'node:test';
import { status } from '@grpc/grpc-js';
import { duration, payload, searchAttribute } from './harness/api.ts';
import {
  cancelTimer,
  completeWorkflow,
  modifyProperties,
  recordMarker,
  startTimer,
  upsertSearchAttributes,
} from './harness/commands.ts';
import { openEnvironment } from './harness/environment.ts';
import { CONCURRENCY, scenario } from './harness/scenario.ts';
import { pause } from './harness/wait-until.ts';

/** A Temporal server may fire a timer this much late. */
const TIMER_LATENESS_MS = 1_500;

const env = await openEnvironment();
after(() => env.stop());

const STARTED = ['WorkflowExecutionStarted', 'WorkflowTaskScheduled', 'WorkflowTaskStarted', 'WorkflowTaskCompleted'];
const TASK = ['WorkflowTaskScheduled', 'WorkflowTaskStarted', 'WorkflowTaskCompleted'];

describe('timers', { concurrency: CONCURRENCY }, () => {
  scenario(env, 'a timer fires when its time has come, not before', async (s) => {
    const execution = await s.start();
    const began = Date.now();
    await s.next(startTimer('t', 600));
    await s.next(completeWorkflow());
    assert.ok(Date.now() - began >= 600);
    const events = await s.expectEvents(execution, [
      ...STARTED,
      ['TimerStarted', { timerId: 't', startToFireTimeout: 600, workflowTaskCompletedEventId: 4 }],
      ['TimerFired', { timerId: 't', startedEventId: 5 }],
      ...TASK,
      'WorkflowExecutionCompleted',
    ]);
    assert.ok((events[5]?.timeMs ?? 0) - (events[4]?.timeMs ?? 0) >= 600, 'also by the server’s clock');
  });

  scenario(env, 'timers fire in the order of their times', async (s) => {
    const execution = await s.start();
    await s.next(startTimer('late', 900), startTimer('early', 300), startTimer('middle', 600));
    // Temporal may fire timers up to a second late and then several at once: only their order is promised.
    const fired: string[] = [];
    while (fired.length < 3) {
      const task = await s.pollWorkflowTask();
      fired.length = 0;
      for (const event of task.history?.events ?? []) {
        if (event.timerFiredEventAttributes) fired.push(event.timerFiredEventAttributes.timerId ?? '');
      }
      await s.respondWorkflowTask(task, fired.length === 3 ? [completeWorkflow()] : []);
    }
    assert.deepEqual(fired, ['early', 'middle', 'late']);
    assert.equal(await s.status(execution), 'Completed');
  });

  scenario(env, 'a cancelled timer does not fire, and its id is free again', async (s) => {
    const execution = await s.start();
    await s.next(startTimer('t', 60_000), startTimer('other', 300));
    await s.next(cancelTimer('t'), startTimer('t', 1_000));
    await s.next(completeWorkflow());
    await s.expectEvents(execution, [
      ...STARTED,
      ['TimerStarted', { timerId: 't' }],
      'TimerStarted',
      ['TimerFired', { timerId: 'other' }],
      ...TASK,
      ['TimerCanceled', { timerId: 't', startedEventId: 5, workflowTaskCompletedEventId: 10 }],
      ['TimerStarted', { timerId: 't', startToFireTimeout: 1_000 }],
      ['TimerFired', { timerId: 't', startedEventId: 12 }],
      ...TASK,
      'WorkflowExecutionCompleted',
    ]);
  });

  scenario(env, 'a timer that fires during a workflow task is buffered', async (s) => {
    const execution = await s.start();
    await s.next(startTimer('t', 300));
    await s.signal(execution, 'go');
    const task = await s.pollWorkflowTask();
    await pause(TIMER_LATENESS_MS);
    await s.respondWorkflowTask(task);
    await s.next(completeWorkflow());
    await s.expectEvents(execution, [
      ...STARTED,
      'TimerStarted',
      'WorkflowExecutionSignaled',
      ...TASK,
      ['TimerFired', { timerId: 't' }],
      ...TASK,
      'WorkflowExecutionCompleted',
    ]);
  });

  scenario(env, 'a timer that is cancelled in the task during which it fired leaves the buffer', async (s) => {
    const execution = await s.start();
    await s.next(startTimer('t', 200));
    await s.signal(execution, 'go');
    const task = await s.pollWorkflowTask();
    await pause(TIMER_LATENESS_MS);
    await s.respondWorkflowTask(task, [cancelTimer('t'), completeWorkflow()]);
    await s.expectEvents(execution, [
      ...STARTED,
      'TimerStarted',
      'WorkflowExecutionSignaled',
      ...TASK,
      ['TimerCanceled', { timerId: 't' }],
      'WorkflowExecutionCompleted',
    ]);
  });

  scenario(env, 'closing a workflow drops its timers', async (s) => {
    const execution = await s.start();
    await s.next(startTimer('t', 300), completeWorkflow());
    await pause(TIMER_LATENESS_MS);
    await s.expectEvents(execution, [...STARTED, 'TimerStarted', 'WorkflowExecutionCompleted']);
  });

  scenario(env, 'a hundred and twenty timers of one task all fire', async (s) => {
    const execution = await s.start();
    await s.next(...Array.from({ length: 120 }, (_, index) => startTimer(`t${index}`, 300 + (index % 7) * 30)));
    const fired = new Set<string>();
    while (fired.size < 120) {
      const task = await s.pollWorkflowTask();
      assert.equal(task.nextPageToken?.length ?? 0, 0, 'one page');
      for (const event of task.history?.events ?? []) {
        if (event.timerFiredEventAttributes) fired.add(event.timerFiredEventAttributes.timerId ?? '');
      }
      if (fired.size === 120) await s.respondWorkflowTask(task, [completeWorkflow()]);
      // More fired meanwhile than a run buffers: this task has failed, and the next one brings them all.
      else await s.respondWorkflowTask(task, []).catch(unlessNotFound);
    }
    assert.equal(await s.status(execution), 'Completed');
  });
});

describe('markers, memo and search attributes by command', { concurrency: CONCURRENCY }, () => {
  scenario(env, 'a marker keeps its details, header and failure', async (s) => {
    const execution = await s.start();
    await s.next(recordMarker('Version', { change: 'one', version: 3 }), completeWorkflow());
    await s.expectEvents(execution, [
      ...STARTED,
      [
        'MarkerRecorded',
        { markerName: 'Version', details: { change: ['one'], version: [3] }, workflowTaskCompletedEventId: 4 },
      ],
      'WorkflowExecutionCompleted',
    ]);
  });

  scenario(env, 'upserted search attributes and memo are merged', async (s) => {
    const execution = await s.start({
      memo: { fields: { a: payload(1), b: payload(2) } },
      searchAttributes: { indexedFields: { E2eKeyword: searchAttribute('Keyword', 'before') } },
      workflowRunTimeout: duration(60_000),
    });
    await s.next(
      upsertSearchAttributes({ E2eInt: searchAttribute('Int', 5), E2eKeyword: searchAttribute('Keyword', 'after') }),
      modifyProperties({ b: 3, c: 4 }),
    );
    await s.expectEvents(execution, [
      ...STARTED,
      [
        'UpsertWorkflowSearchAttributes',
        { searchAttributes: { indexedFields: { E2eInt: 5, E2eKeyword: 'after' } }, workflowTaskCompletedEventId: 4 },
      ],
      ['WorkflowPropertiesModified', { upsertedMemo: { fields: { b: 3, c: 4 } } }],
    ]);
    const { workflowExecutionInfo: info } = await s.describe(execution);
    assert.deepEqual(Object.keys(info?.memo?.fields ?? {}).sort(), ['a', 'b', 'c']);
    // The server adds BuildIds.
    const custom = Object.keys(info?.searchAttributes?.indexedFields ?? {}).filter((name) => name.startsWith('E2e'));
    assert.deepEqual(custom.sort(), ['E2eInt', 'E2eKeyword']);
  });
});

function unlessNotFound(error: { code?: number }): void {
  if (error.code !== status.NOT_FOUND) throw error;
}
