// Activities: what a worker gets and answers, with the token or by id, eager dispatch, and what is too late. Raw calls.

import assert from 'node:assert/strict';
import { after, describe } from 'node:test';
import { applicationFailure, decodePayloads, duration, enums, payload, payloads } from './harness/api.ts';
import { cancelActivity, completeWorkflow, scheduleActivity, startTimer } from './harness/commands.ts';
import { openEnvironment } from './harness/environment.ts';
import { expectFailure } from './harness/failures.ts';
import { DONE, NO_RETRY, STARTED, withActivity } from './harness/one-activity.ts';
import { CONCURRENCY, scenario, taskEvents } from './harness/scenario.ts';
import { waitUntil } from './harness/wait-until.ts';

const env = await openEnvironment();
after(() => env.stop());

describe('activities', { concurrency: CONCURRENCY }, () => {
  scenario(env, 'an activity task carries all that the command said', async (s) => {
    const execution = await withActivity(s, {
      input: payloads(1, 'two'),
      header: { fields: { trace: payload('t') } },
      heartbeatTimeout: duration(5_000),
      scheduleToCloseTimeout: duration(30_000),
      scheduleToStartTimeout: duration(20_000),
      retryPolicy: { initialInterval: duration(2_000), maximumAttempts: 3, nonRetryableErrorTypes: ['Fatal'] },
    });
    const task = await s.pollActivityTask();
    assert.equal(task.activityId, 'activity-1');
    assert.equal(task.activityType?.name, 'some-activity');
    assert.equal(task.workflowType?.name, 'some-workflow');
    assert.equal(task.workflowExecution?.runId, execution.runId);
    assert.equal(task.workflowNamespace, s.namespace);
    assert.equal(task.attempt, 1);
    assert.deepEqual(decodePayloads(task.input), [1, 'two']);
    assert.equal(Number(task.startToCloseTimeout?.seconds), 10);
    assert.equal(Number(task.scheduleToCloseTimeout?.seconds), 30);
    assert.equal(Number(task.heartbeatTimeout?.seconds), 5);
    assert.equal(task.retryPolicy?.maximumAttempts, 3);
    await s.completeActivity(task.taskToken, { ok: true });
    await s.next(completeWorkflow());
    await s.expectEvents(execution, [
      ...STARTED,
      [
        'ActivityTaskScheduled',
        {
          activityId: 'activity-1',
          activityType: { name: 'some-activity' },
          taskQueue: { name: s.taskQueue, kind: 'TASK_QUEUE_KIND_NORMAL' },
          header: { fields: { trace: 't' } },
          input: [1, 'two'],
          scheduleToCloseTimeout: 30_000,
          scheduleToStartTimeout: 20_000,
          startToCloseTimeout: 10_000,
          heartbeatTimeout: 5_000,
          workflowTaskCompletedEventId: 4,
          retryPolicy: {
            initialInterval: 2_000,
            backoffCoefficient: 2,
            maximumInterval: 200_000,
            maximumAttempts: 3,
            nonRetryableErrorTypes: ['Fatal'],
          },
        },
      ],
      ['ActivityTaskStarted', { scheduledEventId: 5, attempt: 1, identity: s.identity }],
      ['ActivityTaskCompleted', { scheduledEventId: 5, startedEventId: 6, result: [{ ok: true }] }],
      ...DONE,
    ]);
  });

  scenario(env, 'missing timeouts are filled from the others and from the run timeout', async (s) => {
    const execution = await s.start({ workflowRunTimeout: duration(40_000) });
    await s.next(
      scheduleActivity(s.taskQueue, { startToCloseTimeout: null, scheduleToCloseTimeout: duration(25_000) }),
      scheduleActivity(s.taskQueue, { activityId: 'b', startToCloseTimeout: duration(90_000) }),
    );
    await s.expectEvents(execution, [
      ...STARTED,
      [
        'ActivityTaskScheduled',
        { scheduleToCloseTimeout: 25_000, scheduleToStartTimeout: 25_000, startToCloseTimeout: 25_000 },
      ],
      [
        'ActivityTaskScheduled',
        { scheduleToCloseTimeout: 40_000, scheduleToStartTimeout: 40_000, startToCloseTimeout: 40_000 },
      ],
    ]);
  });

  scenario(env, 'complete, fail, cancel and heartbeat by id', async (s) => {
    const execution = await s.start();
    const retryPolicy = NO_RETRY;
    await s.next(...['a', 'b', 'c'].map((activityId) => scheduleActivity(s.taskQueue, { activityId, retryPolicy })));
    for (let count = 0; count < 3; count += 1) await s.pollActivityTask();
    const where = { namespace: s.namespace, workflowId: s.id, runId: execution.runId, identity: s.identity };
    await s.service.recordActivityTaskHeartbeatById({ ...where, activityId: 'a', details: payloads(9) });
    await s.service.respondActivityTaskCompletedById({ ...where, runId: '', activityId: 'a', result: payloads('A') });
    await s.next(cancelActivity(7));
    await s.service.respondActivityTaskFailedById({ ...where, activityId: 'b', failure: applicationFailure('B') });
    await s.service.respondActivityTaskCanceledById({ ...where, activityId: 'c', details: payloads('C') });
    await expectFailure(s.service.respondActivityTaskCompletedById({ ...where, activityId: 'nobody' }), {
      code: 'NOT_FOUND',
    });
    await waitUntil(async () => ((await s.describe(execution)).pendingActivities ?? []).length === 0);
    const types = (await s.history(execution)).map((event) => event.eventType);
    const { EventType } = enums;
    assert.ok(types.includes(EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED));
    assert.ok(types.includes(EventType.EVENT_TYPE_ACTIVITY_TASK_FAILED));
    assert.ok(types.includes(EventType.EVENT_TYPE_ACTIVITY_TASK_CANCELED));
    await s.next(completeWorkflow());
    assert.equal(await s.status(execution), 'Completed');
  });

  scenario(env, 'an activity completes once', async (s) => {
    await withActivity(s);
    const task = await s.pollActivityTask();
    await s.completeActivity(task.taskToken);
    await expectFailure(s.completeActivity(task.taskToken), {
      code: 'NOT_FOUND',
      message: 'invalid activityID or activity already timed out or invoking workflow is completed',
      detail: 'NotFoundFailure',
    });
  });

  scenario(env, 'an activity of a closed workflow is not found', async (s) => {
    const execution = await withActivity(s);
    const task = await s.pollActivityTask();
    await s.terminate(execution);
    await expectFailure(s.heartbeat(task.taskToken, 1), {
      code: 'NOT_FOUND',
      message: 'workflow execution already completed',
    });
    await expectFailure(s.completeActivity(task.taskToken), {
      code: 'NOT_FOUND',
      message: 'workflow execution already completed',
    });
  });

  scenario(env, 'eager activities come in the answer to the workflow task', async (s) => {
    const { execution, task } = await s.startAndPoll();
    const answer = await s.respondWorkflowTask(task, [scheduleActivity(s.taskQueue, { requestEagerExecution: true })]);
    assert.equal(answer.activityTasks?.length, 1);
    const activity = answer.activityTasks?.[0];
    assert.equal(activity?.activityId, 'activity-1');
    await s.expectNoActivityTask();
    await s.completeActivity(activity?.taskToken, 'eager');
    await s.next(completeWorkflow());
    await s.expectEvents(execution, [
      ...STARTED,
      'ActivityTaskScheduled',
      ['ActivityTaskStarted', { identity: s.identity }],
      ['ActivityTaskCompleted', { result: ['eager'] }],
      ...DONE,
    ]);
  });

  scenario(env, 'several activities of one task, each on its queue', async (s) => {
    const execution = await s.start();
    const other = `${s.taskQueue}-other`;
    await s.next(
      scheduleActivity(s.taskQueue, { activityId: 'here' }),
      scheduleActivity(other, { activityId: 'there' }),
      startTimer('t', 60_000),
    );
    const there = await s.pollActivityTask(other);
    const here = await s.pollActivityTask();
    assert.deepEqual([here.activityId, there.activityId], ['here', 'there']);
    await s.completeActivity(there.taskToken);
    const task = await s.pollWorkflowTask();
    assert.deepEqual(taskEvents(task).slice(7, 9), ['ActivityTaskStarted', 'ActivityTaskCompleted']);
    await s.respondWorkflowTask(task, [completeWorkflow()]);
    await expectFailure(s.completeActivity(here.taskToken), { code: 'NOT_FOUND' });
    assert.equal(await s.status(execution), 'Completed');
  });

  scenario(env, 'a workflow without activities of that id: not found', async (s) => {
    const execution = await s.start();
    await expectFailure(
      s.service.recordActivityTaskHeartbeatById({
        namespace: s.namespace,
        workflowId: s.id,
        runId: execution.runId,
        activityId: 'nobody',
      }),
      { code: 'NOT_FOUND' },
    );
  });
});
