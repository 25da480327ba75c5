// Reading history: paging, long poll, the close-event filter, backwards, and what a reader is told when there is none. Raw calls.

import assert from 'node:assert/strict';
import { after, describe } from 'node:test';
import { bytesOf, type Execution, enums } from './harness/api.ts';
import { completeWorkflow, continueAsNew, recordMarker, startTimer } from './harness/commands.ts';
import { openEnvironment } from './harness/environment.ts';
import { expectFailure } from './harness/failures.ts';
import { readHistory } from './harness/history.ts';
import { CONCURRENCY, type Scenario, scenario } from './harness/scenario.ts';

const { HistoryEventFilterType } = enums;
const CLOSE_EVENT = HistoryEventFilterType.HISTORY_EVENT_FILTER_TYPE_CLOSE_EVENT;

const env = await openEnvironment();
after(() => env.stop());

function read(s: Scenario, execution: { workflowId: string; runId?: string }, more: object = {}, deadlineMs = 10_000) {
  return env.connection.withDeadline(Date.now() + deadlineMs, () =>
    s.service.getWorkflowExecutionHistory({ namespace: s.namespace, execution, ...more }),
  );
}

/** A closed run of 65 events, written by three workflow tasks. */
async function longRun(s: Scenario): Promise<Execution> {
  const { execution, task } = await s.startAndPoll();
  const markers = (from: number) => Array.from({ length: 25 }, (_, index) => recordMarker(`m${from + index}`));
  await s.respondWorkflowTask(task, markers(0), { forceCreateNewWorkflowTask: true });
  const second = await s.pollWorkflowTask();
  await s.respondWorkflowTask(second, markers(25), { forceCreateNewWorkflowTask: true });
  await s.next(completeWorkflow());
  return execution;
}

describe('reading history', { concurrency: CONCURRENCY }, () => {
  scenario(env, 'pages of any size make the same history', async (s) => {
    const execution = await longRun(s);
    const whole = await readHistory(s.service, s.namespace, execution);
    assert.equal(whole.length, 61);
    for (const pageSize of [1, 7, 60, 61, 500]) {
      const paged = await readHistory(s.service, s.namespace, execution, pageSize);
      assert.deepEqual(
        paged.map((event) => Number(event.eventId)),
        whole.map((event) => Number(event.eventId)),
        `pages of ${pageSize}`,
      );
    }
  });

  scenario(env, 'backwards is the same history turned round', async (s) => {
    const execution = await longRun(s);
    for (const maximumPageSize of [4, 100]) {
      const ids: number[] = [];
      let nextPageToken: Uint8Array = new Uint8Array();
      do {
        const page = await s.service.getWorkflowExecutionHistoryReverse({
          namespace: s.namespace,
          execution,
          maximumPageSize,
          nextPageToken,
        });
        ids.push(...(page.history?.events ?? []).map((event) => Number(event.eventId)));
        nextPageToken = page.nextPageToken ?? new Uint8Array();
      } while (nextPageToken.length > 0);
      assert.deepEqual(
        ids,
        Array.from({ length: 61 }, (_, index) => 61 - index),
      );
    }
  });

  scenario(env, 'an empty run id means the current run', async (s) => {
    await s.start();
    await s.next(completeWorkflow());
    const second = await s.start();
    const page = await read(s, { workflowId: s.id });
    assert.equal(
      page.history?.events?.[0]?.workflowExecutionStartedEventAttributes?.originalExecutionRunId,
      second.runId,
    );
  });

  scenario(env, 'a long poll waits for the next event', async (s) => {
    const execution = await s.start();
    const first = await read(s, execution, { waitNewEvent: true });
    assert.equal(first.history?.events?.length, 2);
    assert.ok(first.nextPageToken?.length);
    let arrived = false;
    const waiting = read(s, execution, { waitNewEvent: true, nextPageToken: first.nextPageToken }).then((page) => {
      arrived = true;
      return page;
    });
    await s.expectNoActivityTask(300);
    assert.equal(arrived, false);
    await s.signal(execution, 'new');
    const page = await waiting;
    assert.ok(page.history?.events?.[0]?.workflowExecutionSignaledEventAttributes);
    assert.equal(Number(page.history?.events?.[0]?.eventId), 3);
  });

  scenario(env, 'a long poll over the end of the workflow ends', async (s) => {
    const execution = await s.start();
    let token: Uint8Array = new Uint8Array();
    const ids: number[] = [];
    const reading = (async () => {
      do {
        const page = await read(s, execution, { waitNewEvent: true, nextPageToken: token }, 20_000);
        ids.push(...(page.history?.events ?? []).map((event) => Number(event.eventId)));
        token = page.nextPageToken ?? new Uint8Array();
      } while (token.length > 0);
    })();
    await s.next(startTimer('t', 60_000));
    await s.signal(execution, 'end');
    await s.next(completeWorkflow());
    await reading;
    assert.deepEqual(ids, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });

  scenario(env, 'the close event alone, of a closed workflow and of one that closes while we wait', async (s) => {
    const execution = await s.start();
    // Temporal waits here too, up to the deadline.
    const before = await read(s, execution, { historyEventFilterType: CLOSE_EVENT }, 2_500);
    assert.equal(before.history?.events?.length, 0, 'nothing of an open workflow');
    const waiting = read(s, execution, { historyEventFilterType: CLOSE_EVENT, waitNewEvent: true }, 20_000);
    await s.next(completeWorkflow('x'));
    const page = await waiting;
    assert.ok(page.history?.events?.[0]?.workflowExecutionCompletedEventAttributes);
    assert.equal(page.nextPageToken?.length ?? 0, 0);
    const closed = await read(s, execution, { historyEventFilterType: CLOSE_EVENT });
    assert.equal(Number(closed.history?.events?.[0]?.eventId), 5);
  });

  scenario(env, 'the close event of a run that continued as new', async (s) => {
    const execution = await s.start();
    await s.next(continueAsNew({ workflowType: { name: 'some-workflow' }, taskQueue: { name: s.taskQueue } }));
    const page = await read(s, execution, { historyEventFilterType: CLOSE_EVENT, waitNewEvent: true });
    assert.ok(page.history?.events?.[0]?.workflowExecutionContinuedAsNewEventAttributes);
  });

  scenario(env, 'a long poll that sees nothing comes back with a token', async (s) => {
    const execution = await s.start();
    const first = await read(s, execution, { waitNewEvent: true });
    const empty = await read(s, execution, { waitNewEvent: true, nextPageToken: first.nextPageToken }, 3_000).catch(
      (error: { code: number }) => error,
    );
    if ('code' in empty) assert.equal(empty.code, 4, 'or the deadline passes');
    else assert.ok(empty.nextPageToken?.length);
  });

  scenario(env, 'unknown workflow, unknown run, malformed ids and tokens', async (s) => {
    const execution = await s.start();
    await expectFailure(read(s, { workflowId: `${s.id}-nobody` }), {
      code: 'NOT_FOUND',
      message: `workflow not found for ID: ${s.id}-nobody`,
      detail: 'NotFoundFailure',
    });
    await expectFailure(read(s, { workflowId: s.id, runId: crypto.randomUUID() }), {
      code: 'NOT_FOUND',
      detail: 'NotFoundFailure',
    });
    await expectFailure(read(s, { workflowId: s.id, runId: 'no-uuid' }), {
      code: 'INVALID_ARGUMENT',
      message: 'Invalid RunId.',
    });
    await expectFailure(read(s, { workflowId: '' }), {
      code: 'INVALID_ARGUMENT',
      message: 'WorkflowId is not set on request.',
    });
    await expectFailure(read(s, execution, { nextPageToken: bytesOf('garbage') }), {
      code: 'INVALID_ARGUMENT',
      message: 'Invalid NextPageToken.',
    });
    await expectFailure(s.service.getWorkflowExecutionHistory({ namespace: s.namespace }), {
      code: 'INVALID_ARGUMENT',
      message: 'Execution is not set on request.',
    });
  });
});
