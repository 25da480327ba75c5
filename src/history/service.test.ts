import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CommandType } from '#proto/temporal/api/enums/v1';
import { History } from '#proto/temporal/api/history/v1';
import { MemoryStoreFactory } from '../persistence/memory/factory.ts';
import { historyFixture } from './testing/history-fixture.ts';

const openStore = () => new MemoryStoreFactory().openExecutionStore(0);

test('a completion whose commands are no commands is refused as unreadable', async () => {
  const fixture = await historyFixture(await openStore());
  const commands = 2; // field number
  const bytes = Buffer.from([(commands << 3) | 2, 2, 0x08, 0xff]);
  await assert.rejects(fixture.api('RespondWorkflowTaskCompleted', bytes), {
    code: 13,
    message: 'grpc: error unmarshalling request: proto: cannot parse invalid wire-format data',
  });
  await fixture.stop();
});

test('one task may cancel an activity that waits, cancel a timer, and complete the run', async () => {
  const fixture = await historyFixture(await openStore());
  await fixture.start({ workflowId: 'w' });
  const first = await fixture.pollWorkflowTask();
  const timer = (timerId: string, startToFireTimeout: number) => ({
    commandType: CommandType.START_TIMER,
    startTimerCommandAttributes: { timerId, startToFireTimeout },
  });
  await fixture.complete({
    taskToken: first.taskToken,
    commands: [
      {
        commandType: CommandType.SCHEDULE_ACTIVITY_TASK,
        scheduleActivityTaskCommandAttributes: {
          activityId: 'a',
          activityType: { name: 'type' },
          taskQueue: { name: 'nobody-polls' },
          scheduleToCloseTimeout: 60_000,
        },
      },
      timer('long', 15_000),
      timer('short', 1_000),
    ],
  });
  await fixture.clock.advance(1_000);
  const second = await fixture.pollWorkflowTask();
  await fixture.complete({
    taskToken: second.taskToken,
    commands: [
      {
        commandType: CommandType.REQUEST_CANCEL_ACTIVITY_TASK,
        requestCancelActivityTaskCommandAttributes: { scheduledEventId: 5 },
      },
      { commandType: CommandType.CANCEL_TIMER, cancelTimerCommandAttributes: { timerId: 'long' } },
      { commandType: CommandType.COMPLETE_WORKFLOW_EXECUTION, completeWorkflowExecutionCommandAttributes: {} },
    ],
  });
  assert.equal((await fixture.eventNames('w')).at(-1), 'WorkflowExecutionCompleted');
  await fixture.stop();
});

test('a workflow starts, waits for a timer and completes', async () => {
  const fixture = await historyFixture(await openStore());
  await fixture.start({ workflowId: 'w' });
  const first = await fixture.pollWorkflowTask();
  assert.equal(first.startedEventId, 3);
  assert.equal(History.decode(first.history ?? Buffer.alloc(0)).events.length, 3);
  await fixture.complete({
    taskToken: first.taskToken,
    commands: [
      {
        commandType: CommandType.START_TIMER,
        startTimerCommandAttributes: { timerId: 't', startToFireTimeout: 3_600_000 },
      },
    ],
  });
  await fixture.clock.advance(3_599_999);
  assert.equal(fixture.workflowTasks.length, 0);
  await fixture.clock.advance(1);
  const second = await fixture.pollWorkflowTask();
  await fixture.complete({
    taskToken: second.taskToken,
    commands: [
      { commandType: CommandType.COMPLETE_WORKFLOW_EXECUTION, completeWorkflowExecutionCommandAttributes: {} },
    ],
  });
  assert.deepEqual(await fixture.eventNames('w'), [
    'WorkflowExecutionStarted',
    'WorkflowTaskScheduled',
    'WorkflowTaskStarted',
    'WorkflowTaskCompleted',
    'TimerStarted',
    'TimerFired',
    'WorkflowTaskScheduled',
    'WorkflowTaskStarted',
    'WorkflowTaskCompleted',
    'WorkflowExecutionCompleted',
  ]);
  await fixture.stop();
});

test('a workflow task that no worker completes times out and is handed out again', async () => {
  const fixture = await historyFixture(await openStore());
  await fixture.start({ workflowId: 'w', workflowTaskTimeout: 10_000 });
  await fixture.pollWorkflowTask();
  await fixture.clock.advance(10_001);
  const again = await fixture.pollWorkflowTask();
  assert.equal(again.attempt, 2);
  await fixture.complete({
    taskToken: again.taskToken,
    commands: [
      { commandType: CommandType.COMPLETE_WORKFLOW_EXECUTION, completeWorkflowExecutionCommandAttributes: {} },
    ],
  });
  assert.deepEqual(await fixture.eventNames('w'), [
    'WorkflowExecutionStarted',
    'WorkflowTaskScheduled',
    'WorkflowTaskStarted',
    'WorkflowTaskTimedOut',
    'WorkflowTaskScheduled',
    'WorkflowTaskStarted',
    'WorkflowTaskCompleted',
    'WorkflowExecutionCompleted',
  ]);
  await fixture.stop();
});
