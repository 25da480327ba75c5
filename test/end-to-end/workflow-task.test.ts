// Workflow tasks in every state: sticky and its fallback, timeouts, failures by cause, transient attempts, heartbeats, buffered
// events, stale tokens. Raw calls, no SDK worker.

import assert from 'node:assert/strict';
import { after, describe } from 'node:test';
import { applicationFailure, bytesOf, duration, enums, payloads } from './harness/api.ts';
import {
  cancelActivity,
  cancelTimer,
  completeWorkflow,
  recordMarker,
  scheduleActivity,
  startTimer,
} from './harness/commands.ts';
import { openEnvironment } from './harness/environment.ts';
import { expectFailure } from './harness/failures.ts';
import { CONCURRENCY, type Scenario, scenario, taskEvents } from './harness/scenario.ts';

const { TaskQueueKind, WorkflowTaskFailedCause: Cause } = enums;
const STARTED = ['WorkflowExecutionStarted', 'WorkflowTaskScheduled', 'WorkflowTaskStarted', 'WorkflowTaskCompleted'];

const env = await openEnvironment();
after(() => env.stop());

function stickyAttributes(s: Scenario, scheduleToStartMs: number) {
  return {
    stickyAttributes: {
      workerTaskQueue: {
        name: `${s.taskQueue}-sticky`,
        kind: TaskQueueKind.TASK_QUEUE_KIND_STICKY,
        normalName: s.taskQueue,
      },
      scheduleToStartTimeout: duration(scheduleToStartMs),
    },
  };
}

function stickyQueue(s: Scenario) {
  return { name: `${s.taskQueue}-sticky`, kind: TaskQueueKind.TASK_QUEUE_KIND_STICKY, normalName: s.taskQueue };
}

describe('workflow tasks', { concurrency: CONCURRENCY }, () => {
  scenario(env, 'a poll brings the whole history and the ids of the task', async (s) => {
    const { execution, task } = await s.startAndPoll({ input: payloads(1) });
    assert.equal(task.workflowExecution?.runId, execution.runId);
    assert.equal(task.workflowType?.name, 'some-workflow');
    assert.equal(Number(task.startedEventId), 3);
    assert.equal(Number(task.previousStartedEventId), 0);
    assert.equal(task.attempt, 1);
    assert.ok(task.scheduledTime && task.startedTime);
    assert.deepEqual(taskEvents(task), ['WorkflowExecutionStarted', 'WorkflowTaskScheduled', 'WorkflowTaskStarted']);
    await s.respondWorkflowTask(task, [completeWorkflow()]);
  });

  scenario(env, 'a sticky task carries only what is new and waits on the sticky queue', async (s) => {
    const { execution, task } = await s.startAndPoll();
    await s.respondWorkflowTask(task, [], stickyAttributes(s, 10_000));
    const polled = s.pollWorkflowTask({ taskQueue: stickyQueue(s) });
    await s.expectNoWorkflowTask(300);
    await s.signal(execution, 'go');
    const sticky = await polled;
    assert.deepEqual(taskEvents(sticky), [
      'WorkflowTaskCompleted',
      'WorkflowExecutionSignaled',
      'WorkflowTaskScheduled',
      'WorkflowTaskStarted',
    ]);
    assert.equal(Number(sticky.previousStartedEventId), 3);
    await s.respondWorkflowTask(sticky, [completeWorkflow()]);
    await s.expectEvents(execution, [
      ...STARTED,
      'WorkflowExecutionSignaled',
      [
        'WorkflowTaskScheduled',
        { taskQueue: { name: `${s.taskQueue}-sticky`, kind: 'TASK_QUEUE_KIND_STICKY', normalName: s.taskQueue } },
      ],
      'WorkflowTaskStarted',
      'WorkflowTaskCompleted',
      'WorkflowExecutionCompleted',
    ]);
  });

  scenario(env, 'a sticky task that nobody takes times out and goes to the normal queue', async (s) => {
    const { execution, task } = await s.startAndPoll();
    await s.respondWorkflowTask(task, [], stickyAttributes(s, 1_000));
    await s.expectNoWorkflowTask(300, stickyQueue(s));
    await s.signal(execution, 'go');
    const normal = await s.pollWorkflowTask();
    assert.equal(taskEvents(normal)[0], 'WorkflowExecutionStarted', 'the whole history');
    await s.respondWorkflowTask(normal, [completeWorkflow()]);
    await s.expectEvents(execution, [
      ...STARTED,
      'WorkflowExecutionSignaled',
      ['WorkflowTaskScheduled', { taskQueue: { kind: 'TASK_QUEUE_KIND_STICKY' } }],
      ['WorkflowTaskTimedOut', { timeoutType: 'TIMEOUT_TYPE_SCHEDULE_TO_START', scheduledEventId: 6 }],
      ['WorkflowTaskScheduled', { taskQueue: { kind: 'TASK_QUEUE_KIND_NORMAL', name: s.taskQueue }, attempt: 1 }],
      'WorkflowTaskStarted',
      'WorkflowTaskCompleted',
      'WorkflowExecutionCompleted',
    ]);
  });

  scenario(env, 'a sticky queue that no worker polls is given up at once', async (s) => {
    const { execution, task } = await s.startAndPoll();
    await s.respondWorkflowTask(task, [], stickyAttributes(s, 60_000));
    await s.signal(execution, 'go');
    const normal = await s.pollWorkflowTask();
    assert.equal(taskEvents(normal)[0], 'WorkflowExecutionStarted', 'the whole history');
    await s.respondWorkflowTask(normal, [completeWorkflow()]);
    await s.expectEvents(execution, [
      ...STARTED,
      'WorkflowExecutionSignaled',
      ['WorkflowTaskScheduled', { taskQueue: { kind: 'TASK_QUEUE_KIND_STICKY' } }],
      'WorkflowTaskStarted',
      'WorkflowTaskCompleted',
      'WorkflowExecutionCompleted',
    ]);
  });

  scenario(env, 'ResetStickyTaskQueue sends the next task to the normal queue', async (s) => {
    const { execution, task } = await s.startAndPoll();
    await s.respondWorkflowTask(task, [], stickyAttributes(s, 60_000));
    await s.service.resetStickyTaskQueue({ namespace: s.namespace, execution });
    await s.signal(execution, 'go');
    await s.next(completeWorkflow());
    await s.expectEvents(execution, [
      ...STARTED,
      'WorkflowExecutionSignaled',
      ['WorkflowTaskScheduled', { taskQueue: { kind: 'TASK_QUEUE_KIND_NORMAL', name: s.taskQueue } }],
      'WorkflowTaskStarted',
      'WorkflowTaskCompleted',
      'WorkflowExecutionCompleted',
    ]);
  });

  scenario(env, 'a task that is not answered times out and comes again as attempt 2', async (s) => {
    const { execution, task } = await s.startAndPoll({ workflowTaskTimeout: duration(1_000) });
    const again = await s.pollWorkflowTask();
    assert.equal(again.attempt, 2);
    assert.deepEqual(taskEvents(again), [
      'WorkflowExecutionStarted',
      'WorkflowTaskScheduled',
      'WorkflowTaskStarted',
      'WorkflowTaskTimedOut',
      'WorkflowTaskScheduled',
      'WorkflowTaskStarted',
    ]);
    await expectFailure(s.respondWorkflowTask(task, [completeWorkflow()]), {
      code: 'NOT_FOUND',
      message: 'Workflow task not found.',
      detail: 'NotFoundFailure',
    });
    await s.respondWorkflowTask(again, [completeWorkflow()]);
    await s.expectEvents(execution, [
      'WorkflowExecutionStarted',
      'WorkflowTaskScheduled',
      'WorkflowTaskStarted',
      ['WorkflowTaskTimedOut', { scheduledEventId: 2, startedEventId: 3, timeoutType: 'TIMEOUT_TYPE_START_TO_CLOSE' }],
      ['WorkflowTaskScheduled', { attempt: 2 }],
      'WorkflowTaskStarted',
      'WorkflowTaskCompleted',
      'WorkflowExecutionCompleted',
    ]);
  });

  scenario(env, 'a failed task is written once; further failures are transient', async (s) => {
    const { execution, task } = await s.startAndPoll();
    await s.failWorkflowTask(task, undefined, applicationFailure('first'));
    const second = await s.pollWorkflowTask();
    assert.equal(second.attempt, 2);
    await s.failWorkflowTask(second, undefined, applicationFailure('second'));
    await s.expectEvents(execution, [
      'WorkflowExecutionStarted',
      'WorkflowTaskScheduled',
      'WorkflowTaskStarted',
      [
        'WorkflowTaskFailed',
        {
          cause: 'WORKFLOW_TASK_FAILED_CAUSE_WORKFLOW_WORKER_UNHANDLED_FAILURE',
          failure: { message: 'first', applicationFailureInfo: { type: 'Error' } },
          identity: s.identity,
        },
      ],
      // Not written: the transient task is shown at the end of the history while it waits.
      ['WorkflowTaskScheduled', { attempt: 3 }],
    ]);
    const third = await s.pollWorkflowTask();
    assert.equal(third.attempt, 3);
    await s.respondWorkflowTask(third, [completeWorkflow()]);
    await s.expectEvents(execution, [
      'WorkflowExecutionStarted',
      'WorkflowTaskScheduled',
      'WorkflowTaskStarted',
      'WorkflowTaskFailed',
      ['WorkflowTaskScheduled', { attempt: 3 }],
      'WorkflowTaskStarted',
      'WorkflowTaskCompleted',
      'WorkflowExecutionCompleted',
    ]);
  });

  scenario(env, 'a nondeterministic worker answers with that cause', async (s) => {
    const { execution, task } = await s.startAndPoll();
    await s.failWorkflowTask(task, Cause.WORKFLOW_TASK_FAILED_CAUSE_NON_DETERMINISTIC_ERROR, {
      message: 'nondeterminism',
    });
    await s.next(completeWorkflow());
    await s.expectEvents(execution, [
      'WorkflowExecutionStarted',
      'WorkflowTaskScheduled',
      'WorkflowTaskStarted',
      ['WorkflowTaskFailed', { cause: 'WORKFLOW_TASK_FAILED_CAUSE_NON_DETERMINISTIC_ERROR' }],
      'WorkflowTaskScheduled',
      'WorkflowTaskStarted',
      'WorkflowTaskCompleted',
      'WorkflowExecutionCompleted',
    ]);
  });

  scenario(env, 'a signal during a failing task makes the next task a written one', async (s) => {
    const { execution, task } = await s.startAndPoll();
    await s.failWorkflowTask(task);
    await s.signal(execution, 'while failing');
    await s.next(completeWorkflow());
    const events = await s.history(execution);
    assert.equal(events.length, 9);
    await s.expectEvents(execution, [
      'WorkflowExecutionStarted',
      'WorkflowTaskScheduled',
      'WorkflowTaskStarted',
      'WorkflowTaskFailed',
      'WorkflowExecutionSignaled',
      'WorkflowTaskScheduled',
      'WorkflowTaskStarted',
      'WorkflowTaskCompleted',
      'WorkflowExecutionCompleted',
    ]);
  });

  scenario(env, 'events that come during a task are buffered behind it', async (s) => {
    const { execution, task } = await s.startAndPoll();
    await s.signal(execution, 'one');
    await s.signal(execution, 'two');
    await s.expectEvents(execution, ['WorkflowExecutionStarted', 'WorkflowTaskScheduled', 'WorkflowTaskStarted']);
    await s.respondWorkflowTask(task, [startTimer('t', 60_000)]);
    const second = await s.pollWorkflowTask();
    assert.deepEqual(taskEvents(second).slice(3), [
      'WorkflowTaskCompleted',
      'TimerStarted',
      'WorkflowExecutionSignaled',
      'WorkflowExecutionSignaled',
      'WorkflowTaskScheduled',
      'WorkflowTaskStarted',
    ]);
    await s.respondWorkflowTask(second, [completeWorkflow()]);
    await s.expectEvents(execution, [
      ...STARTED,
      'TimerStarted',
      ['WorkflowExecutionSignaled', { signalName: 'one' }],
      ['WorkflowExecutionSignaled', { signalName: 'two' }],
      'WorkflowTaskScheduled',
      'WorkflowTaskStarted',
      'WorkflowTaskCompleted',
      'WorkflowExecutionCompleted',
    ]);
  });

  scenario(env, 'closing a workflow over a buffered event fails the task: unhandled command', async (s) => {
    const { execution, task } = await s.startAndPoll();
    await s.signal(execution, 'late');
    await expectFailure(s.respondWorkflowTask(task, [completeWorkflow()]), {
      code: 'INVALID_ARGUMENT',
      message: 'UnhandledCommand',
    });
    const second = await s.pollWorkflowTask();
    assert.equal(second.attempt, 1);
    await s.respondWorkflowTask(second, [completeWorkflow()]);
    await s.expectEvents(execution, [
      'WorkflowExecutionStarted',
      'WorkflowTaskScheduled',
      'WorkflowTaskStarted',
      ['WorkflowTaskFailed', { cause: 'WORKFLOW_TASK_FAILED_CAUSE_UNHANDLED_COMMAND', identity: s.identity }],
      'WorkflowExecutionSignaled',
      'WorkflowTaskScheduled',
      'WorkflowTaskStarted',
      'WorkflowTaskCompleted',
      'WorkflowExecutionCompleted',
    ]);
  });

  scenario(env, 'an activity that ends during a task is buffered, the started event too', async (s) => {
    const { execution } = await s.startAndPoll().then(async ({ execution, task }) => {
      await s.respondWorkflowTask(task, [scheduleActivity(s.taskQueue)], { forceCreateNewWorkflowTask: true });
      return { execution };
    });
    const second = await s.pollWorkflowTask();
    const activity = await s.pollActivityTask();
    await s.completeActivity(activity.taskToken, 'fine');
    await s.respondWorkflowTask(second, []);
    await s.next(completeWorkflow());
    await s.expectEvents(execution, [
      ...STARTED,
      'ActivityTaskScheduled',
      'WorkflowTaskScheduled',
      'WorkflowTaskStarted',
      'WorkflowTaskCompleted',
      ['ActivityTaskStarted', { scheduledEventId: 5, attempt: 1 }],
      ['ActivityTaskCompleted', { scheduledEventId: 5, startedEventId: 9, result: ['fine'] }],
      'WorkflowTaskScheduled',
      'WorkflowTaskStarted',
      'WorkflowTaskCompleted',
      'WorkflowExecutionCompleted',
    ]);
  });

  scenario(env, 'a heartbeating task gives the next one in its answer', async (s) => {
    const { execution, task } = await s.startAndPoll();
    const answer = await s.respondWorkflowTask(task, [recordMarker('LocalActivity', { data: { id: 1 } })], {
      forceCreateNewWorkflowTask: true,
      returnNewWorkflowTask: true,
    });
    assert.ok(answer.workflowTask?.taskToken?.length);
    assert.deepEqual(taskEvents(answer.workflowTask), [
      'WorkflowTaskCompleted',
      'MarkerRecorded',
      'WorkflowTaskScheduled',
      'WorkflowTaskStarted',
    ]);
    await s.respondWorkflowTask(answer.workflowTask, [completeWorkflow()]);
    await s.expectEvents(execution, [
      ...STARTED,
      ['MarkerRecorded', { markerName: 'LocalActivity', details: { data: [{ id: 1 }] } }],
      'WorkflowTaskScheduled',
      'WorkflowTaskStarted',
      'WorkflowTaskCompleted',
      'WorkflowExecutionCompleted',
    ]);
  });

  scenario(env, 'a signal during a task comes with the next task in the answer', async (s) => {
    const { execution, task } = await s.startAndPoll();
    await s.signal(execution, 'x');
    const answer = await s.respondWorkflowTask(task, [], { returnNewWorkflowTask: true });
    assert.ok(answer.workflowTask);
    assert.deepEqual(taskEvents(answer.workflowTask).slice(-4), [
      'WorkflowTaskCompleted',
      'WorkflowExecutionSignaled',
      'WorkflowTaskScheduled',
      'WorkflowTaskStarted',
    ]);
    await s.respondWorkflowTask(answer.workflowTask, [completeWorkflow()]);
    assert.equal(await s.status(execution), 'Completed');
  });

  scenario(env, 'a task without commands leaves the workflow waiting', async (s) => {
    const execution = await s.start();
    await s.next();
    await s.expectEvents(execution, STARTED);
    await s.expectNoWorkflowTask();
    assert.equal(await s.status(execution), 'Running');
  });

  scenario(env, 'the same answer twice: the second finds no task', async (s) => {
    const { task } = await s.startAndPoll();
    await s.respondWorkflowTask(task, [startTimer('t', 60_000)]);
    await expectFailure(s.respondWorkflowTask(task, [startTimer('t', 60_000)]), {
      code: 'NOT_FOUND',
      message: 'Workflow task not found.',
      detail: 'NotFoundFailure',
    });
  });

  scenario(env, 'an answer to a workflow that is closed is not found', async (s) => {
    const { execution, task } = await s.startAndPoll();
    await s.terminate(execution);
    await expectFailure(s.respondWorkflowTask(task, [completeWorkflow()]), {
      code: 'NOT_FOUND',
      message: 'Workflow task not found.',
      detail: 'NotFoundFailure',
    });
    await expectFailure(s.failWorkflowTask(task), { code: 'NOT_FOUND' });
  });

  scenario(env, 'metering, SDK flags, build id and binary checksum are kept on the completed event', async (s) => {
    const { execution, task } = await s.startAndPoll();
    await s.respondWorkflowTask(task, [completeWorkflow()], {
      sdkMetadata: { coreUsedFlags: [1, 2], langUsedFlags: [3], sdkName: 'hand', sdkVersion: '0.1' },
      meteringMetadata: { nonfirstLocalActivityExecutionAttempts: 2 },
      binaryChecksum: 'checksum',
    });
    await s.expectEvents(execution, [
      'WorkflowExecutionStarted',
      'WorkflowTaskScheduled',
      'WorkflowTaskStarted',
      [
        'WorkflowTaskCompleted',
        {
          sdkMetadata: { coreUsedFlags: [1, 2], langUsedFlags: [3], sdkName: 'hand', sdkVersion: '0.1' },
          meteringMetadata: { nonfirstLocalActivityExecutionAttempts: 2 },
          binaryChecksum: 'checksum',
        },
      ],
      'WorkflowExecutionCompleted',
    ]);
  });

  scenario(env, 'a token that is no token is refused', async (s) => {
    await expectFailure(
      s.service.respondWorkflowTaskCompleted({ namespace: s.namespace, taskToken: bytesOf('garbage'), commands: [] }),
      { code: 'INVALID_ARGUMENT', message: 'Error deserializing task token.' },
    );
  });

  scenario(env, 'history size and count come with the started event, with advice to continue as new', async (s) => {
    const { execution, task } = await s.startAndPoll();
    const markers = Array.from({ length: 100 }, (_, index) => recordMarker(`m${index}`));
    await s.respondWorkflowTask(task, markers, { forceCreateNewWorkflowTask: true });
    const second = await s.pollWorkflowTask();
    const started = second.history?.events?.at(-1)?.workflowTaskStartedEventAttributes;
    assert.equal(started?.suggestContinueAsNew, true);
    assert.ok(Number(started?.historySizeBytes) > 1000);
    await s.respondWorkflowTask(second, [completeWorkflow()]);
    assert.equal(await s.status(execution), 'Completed');
  });
});

/** Commands that a server must refuse: how the call fails, and what the history says. */
const BAD_COMMANDS: {
  name: string;
  commands: (s: Scenario) => ReturnType<typeof completeWorkflow>[];
  message: string | RegExp;
  cause: string;
}[] = [
  {
    name: 'a timer without id',
    commands: () => [startTimer('', 1_000)],
    message: 'BadStartTimerAttributes: TimerId is not set on StartTimerCommand.',
    cause: 'WORKFLOW_TASK_FAILED_CAUSE_BAD_START_TIMER_ATTRIBUTES',
  },
  {
    name: 'the same timer id twice',
    commands: () => [startTimer('t', 60_000), startTimer('t', 60_000)],
    message: /^StartTimerDuplicateId/,
    cause: 'WORKFLOW_TASK_FAILED_CAUSE_START_TIMER_DUPLICATE_ID',
  },
  {
    name: 'cancelling an unknown timer',
    commands: () => [cancelTimer('nobody')],
    message: /^BadCancelTimerAttributes/,
    cause: 'WORKFLOW_TASK_FAILED_CAUSE_BAD_CANCEL_TIMER_ATTRIBUTES',
  },
  {
    name: 'an activity without timeouts',
    commands: (s) => [scheduleActivity(s.taskQueue, { startToCloseTimeout: null })],
    message: /^BadScheduleActivityAttributes: a valid StartToClose or ScheduleToCloseTimeout is not set/,
    cause: 'WORKFLOW_TASK_FAILED_CAUSE_BAD_SCHEDULE_ACTIVITY_ATTRIBUTES',
  },
  {
    name: 'the same activity id twice',
    commands: (s) => [scheduleActivity(s.taskQueue), scheduleActivity(s.taskQueue)],
    message: /^ScheduleActivityDuplicateId/,
    cause: 'WORKFLOW_TASK_FAILED_CAUSE_SCHEDULE_ACTIVITY_DUPLICATE_ID',
  },
  {
    name: 'cancelling an unknown activity',
    commands: () => [cancelActivity(77)],
    message: /^BadRequestCancelActivityAttributes/,
    cause: 'WORKFLOW_TASK_FAILED_CAUSE_BAD_REQUEST_CANCEL_ACTIVITY_ATTRIBUTES',
  },
  {
    name: 'a command without attributes',
    commands: () => [{ commandType: enums.CommandType.COMMAND_TYPE_START_TIMER }],
    message: /^BadStartTimerAttributes/,
    cause: 'WORKFLOW_TASK_FAILED_CAUSE_BAD_START_TIMER_ATTRIBUTES',
  },
  {
    name: 'a marker without name',
    commands: () => [recordMarker('')],
    message: /^BadRecordMarkerAttributes/,
    cause: 'WORKFLOW_TASK_FAILED_CAUSE_BAD_RECORD_MARKER_ATTRIBUTES',
  },
];

describe('commands that are refused', { concurrency: CONCURRENCY }, () => {
  for (const bad of BAD_COMMANDS) {
    scenario(env, bad.name, async (s) => {
      const { execution, task } = await s.startAndPoll();
      await expectFailure(s.respondWorkflowTask(task, bad.commands(s)), {
        code: 'INVALID_ARGUMENT',
        message: bad.message,
      });
      await s.next(completeWorkflow());
      await s.expectEvents(execution, [
        'WorkflowExecutionStarted',
        'WorkflowTaskScheduled',
        'WorkflowTaskStarted',
        ['WorkflowTaskFailed', { cause: bad.cause }],
        'WorkflowTaskScheduled',
        'WorkflowTaskStarted',
        'WorkflowTaskCompleted',
        'WorkflowExecutionCompleted',
      ]);
    });
  }

  scenario(env, 'a command after the closing one', async (s) => {
    const { execution, task } = await s.startAndPoll();
    await expectFailure(s.respondWorkflowTask(task, [completeWorkflow(), startTimer('t', 1_000)]), {
      code: 'INVALID_ARGUMENT',
      message:
        'invalid command sequence: [CompleteWorkflowExecution, StartTimer], command CompleteWorkflowExecution must be the last command.',
    });
    await s.respondWorkflowTask(task, [completeWorkflow()]);
    await s.expectEvents(execution, [...STARTED, 'WorkflowExecutionCompleted']);
  });
});
