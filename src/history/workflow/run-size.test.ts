import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CommandType } from '#proto/temporal/api/enums/v1';
import {
  DescribeWorkflowExecutionRequest,
  DescribeWorkflowExecutionResponse,
  SignalWorkflowExecutionRequest,
  SignalWorkflowExecutionResponse,
} from '#proto/temporal/api/workflowservice/v1';
import { GrpcCode, ServiceError } from '../../base/service-error.ts';
import { MemoryStoreFactory } from '../../persistence/memory/factory.ts';
import { type HistoryFixture, historyFixture } from '../testing/history-fixture.ts';

const DESCRIBE = [DescribeWorkflowExecutionRequest, DescribeWorkflowExecutionResponse] as const;
const SIGNAL = [SignalWorkflowExecutionRequest, SignalWorkflowExecutionResponse] as const;

const open = async () => historyFixture(await new MemoryStoreFactory().openExecutionStore(0));
const signal = (fixture: HistoryFixture, inputBytes = 0) =>
  fixture.rpc('SignalWorkflowExecution', SIGNAL, {
    workflowExecution: { workflowId: 'w' },
    signalName: 's',
    input: Buffer.alloc(inputBytes),
  });
const refused = (code: GrpcCode, message: string) => (error: unknown) =>
  error instanceof ServiceError && error.code === code && error.message === message;
const completed = refused(GrpcCode.NOT_FOUND, 'workflow execution already completed');

const activityCommand = (activityId: string, inputBytes = 0) => ({
  commandType: CommandType.SCHEDULE_ACTIVITY_TASK,
  scheduleActivityTaskCommandAttributes: {
    activityId,
    activityType: { name: 'type' },
    taskQueue: { name: 'test-queue' },
    startToCloseTimeout: 60_000,
    input: Buffer.alloc(inputBytes),
  },
});

async function terminationReason(fixture: HistoryFixture) {
  const events = await fixture.events('w');
  return events[events.length - 1]?.workflowExecutionTerminatedEventAttributes?.reason;
}

test('a run that has too many events is terminated instead of taking another', async () => {
  const fixture = await open();
  fixture.settings.set('limit.historyCount.error', 6);
  await fixture.start({ workflowId: 'w' });
  for (let i = 0; i < 5; i++) await signal(fixture); // events 3 to 7: one more than the limit, as Temporal counts
  await assert.rejects(signal(fixture), refused(GrpcCode.INVALID_ARGUMENT, 'Workflow history count exceeds limit.'));
  await assert.rejects(signal(fixture), completed);
  assert.equal(await terminationReason(fixture), 'Workflow history count exceeds limit.');
  assert.equal((await fixture.events('w')).length, 8);
  await fixture.stop();
});

test('a run whose history is too large is terminated at its next change', async () => {
  const fixture = await open();
  fixture.settings.set('limit.historySize.error', 10_000);
  await fixture.start({ workflowId: 'w' });
  await signal(fixture, 11_000);
  await assert.rejects(signal(fixture), refused(GrpcCode.INVALID_ARGUMENT, 'Workflow history size exceeds limit.'));
  assert.equal(await terminationReason(fixture), 'Workflow history size exceeds limit.');
  await fixture.stop();
});

test('commands that make the mutable state too large do not stand; the run ends with its workflow task failed', async () => {
  const fixture = await open();
  fixture.settings.set('limit.mutableStateSize.error', 1_500);
  await fixture.start({ workflowId: 'w' });
  const task = await fixture.pollWorkflowTask();
  await assert.rejects(
    fixture.complete({
      taskToken: task.taskToken,
      commands: Array.from({ length: 20 }, (_, i) => activityCommand(`a${i}`)),
    }),
    refused(GrpcCode.INVALID_ARGUMENT, 'Workflow mutable state size exceeds limit.'),
  );
  await assert.rejects(signal(fixture), completed);
  assert.deepEqual(await fixture.eventNames('w'), [
    'WorkflowExecutionStarted',
    'WorkflowTaskScheduled',
    'WorkflowTaskStarted',
    'WorkflowTaskFailed',
    'WorkflowExecutionTerminated',
  ]);
  assert.equal(fixture.activityTasks.length, 0);
  await fixture.stop();
});

test('inputs of pending activities do not count: they are history', async () => {
  const fixture = await open();
  fixture.settings.set('limit.mutableStateSize.error', 3_000);
  await fixture.start({ workflowId: 'w' });
  const task = await fixture.pollWorkflowTask();
  await fixture.complete({ taskToken: task.taskToken, commands: [activityCommand('a', 100_000)] });
  await signal(fixture);
  const { pendingActivities } = await fixture.rpc('DescribeWorkflowExecution', DESCRIBE, {
    execution: { workflowId: 'w' },
  });
  assert.equal(pendingActivities.length, 1);
  await fixture.stop();
});

test('a timer that finds the run too large ends it too', async () => {
  const fixture = await open();
  await fixture.start({ workflowId: 'w' });
  const task = await fixture.pollWorkflowTask();
  await fixture.complete({
    taskToken: task.taskToken,
    commands: [
      {
        commandType: CommandType.START_TIMER,
        startTimerCommandAttributes: { timerId: 't', startToFireTimeout: 60_000 },
      },
    ],
  });
  fixture.settings.set('limit.historyCount.error', 5);
  await fixture.clock.advance(61_000);
  assert.equal(await terminationReason(fixture), 'Workflow history count exceeds limit.');
  await fixture.stop();
});
