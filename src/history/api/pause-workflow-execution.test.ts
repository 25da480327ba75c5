import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CommandType, EventType, WorkflowExecutionStatus } from '#proto/temporal/api/enums/v1';
import {
  DescribeWorkflowExecutionRequest,
  DescribeWorkflowExecutionResponse,
  PauseWorkflowExecutionRequest,
  PauseWorkflowExecutionResponse,
  SignalWorkflowExecutionRequest,
  SignalWorkflowExecutionResponse,
  UnpauseWorkflowExecutionRequest,
  UnpauseWorkflowExecutionResponse,
} from '#proto/temporal/api/workflowservice/v1';
import { GrpcCode, ServiceError } from '../../base/service-error.ts';
import { MemoryStoreFactory } from '../../persistence/memory/factory.ts';
import { type HistoryFixture, historyFixture } from '../testing/history-fixture.ts';

const DESCRIBE = [DescribeWorkflowExecutionRequest, DescribeWorkflowExecutionResponse] as const;
const PAUSE = [PauseWorkflowExecutionRequest, PauseWorkflowExecutionResponse] as const;
const UNPAUSE = [UnpauseWorkflowExecutionRequest, UnpauseWorkflowExecutionResponse] as const;
const SIGNAL = [SignalWorkflowExecutionRequest, SignalWorkflowExecutionResponse] as const;

const open = async () => historyFixture(await new MemoryStoreFactory().openExecutionStore(0));
const pause = (fixture: HistoryFixture, requestId = 'p') =>
  fixture.rpc('PauseWorkflowExecution', PAUSE, { workflowId: 'w', identity: 'operator', reason: 'stop', requestId });
const unpause = (fixture: HistoryFixture) => fixture.rpc('UnpauseWorkflowExecution', UNPAUSE, { workflowId: 'w' });
const refused = (code: GrpcCode, message?: string) => (error: unknown) =>
  error instanceof ServiceError && error.code === code && (message === undefined || error.message === message);

test('a paused run gives workers nothing; unpaused, it gives them what waited', async () => {
  const fixture = await open();
  await fixture.start({ workflowId: 'w' });
  const task = await fixture.pollWorkflowTask();
  await fixture.complete({
    taskToken: task.taskToken,
    commands: [
      {
        commandType: CommandType.SCHEDULE_ACTIVITY_TASK,
        scheduleActivityTaskCommandAttributes: {
          activityId: 'a',
          activityType: { name: 'type' },
          taskQueue: { name: 'test-queue' },
          startToCloseTimeout: 60_000,
        },
      },
    ],
  });
  await fixture.clock.advance(0);
  await pause(fixture);
  const { workflowExecutionInfo, workflowExtendedInfo } = await fixture.rpc('DescribeWorkflowExecution', DESCRIBE, {
    execution: { workflowId: 'w' },
  });
  assert.equal(workflowExecutionInfo?.status, WorkflowExecutionStatus.PAUSED);
  assert.equal(workflowExtendedInfo?.pauseInfo?.reason, 'stop');
  await assert.rejects(fixture.pollActivityTask(), refused(GrpcCode.NOT_FOUND));
  await fixture.rpc('SignalWorkflowExecution', SIGNAL, { workflowExecution: { workflowId: 'w' }, signalName: 's' });
  await fixture.clock.advance(1_000);
  assert.equal(fixture.workflowTasks.length, 0);

  await unpause(fixture);
  assert.equal((await fixture.pollActivityTask()).activityId, 'a');
  assert.ok((await fixture.pollWorkflowTask()).startedEventId > 0);
  assert.deepEqual((await fixture.eventNames('w')).slice(5), [
    'WorkflowExecutionPaused',
    'WorkflowExecutionSignaled',
    'WorkflowExecutionUnpaused',
    'WorkflowTaskScheduled',
    'WorkflowTaskStarted',
  ]);
  const ignorable = (await fixture.events('w')).filter(({ workerMayIgnore }) => workerMayIgnore);
  assert.deepEqual(
    ignorable.map(({ eventType }) => eventType),
    [EventType.WORKFLOW_EXECUTION_PAUSED, EventType.WORKFLOW_EXECUTION_UNPAUSED],
  );
  await fixture.stop();
});

test('a workflow task that waited for a worker when the run was paused is handed over after it', async () => {
  const fixture = await open();
  await fixture.start({ workflowId: 'w' });
  await fixture.clock.advance(0);
  await pause(fixture);
  await assert.rejects(fixture.pollWorkflowTask(), refused(GrpcCode.NOT_FOUND));
  await unpause(fixture);
  assert.equal((await fixture.pollWorkflowTask()).startedEventId, 5);
  await fixture.stop();
});

test('a worker may finish the task it had; the next waits for the unpause', async () => {
  const fixture = await open();
  await fixture.start({ workflowId: 'w' });
  const task = await fixture.pollWorkflowTask();
  await pause(fixture);
  await assert.rejects(
    fixture.complete({ taskToken: task.taskToken, forceCreateNewWorkflowTask: true }),
    refused(GrpcCode.FAILED_PRECONDITION, 'Workflow is paused and force create new workflow task is not allowed.'),
  );
  await fixture.complete({ taskToken: task.taskToken });
  assert.equal(fixture.workflowTasks.length, 0);
  await unpause(fixture);
  await fixture.pollWorkflowTask();
  await fixture.stop();
});

test('a run that waits for its first task can be paused: it starts neither earlier for that nor during the pause', async () => {
  const fixture = await open();
  await fixture.start({ workflowId: 'w', workflowStartDelay: 60_000 });
  await pause(fixture);
  await unpause(fixture);
  await fixture.clock.advance(30_000);
  assert.deepEqual((await fixture.eventNames('w')).slice(1), ['WorkflowExecutionPaused', 'WorkflowExecutionUnpaused']);
  await pause(fixture, 'again');
  await fixture.clock.advance(60_000);
  assert.equal(fixture.workflowTasks.length, 0);
  await unpause(fixture);
  assert.ok((await fixture.pollWorkflowTask()).startedEventId > 0);
  await fixture.stop();
});

test('pausing again is one pause if it is the same request, and refused otherwise', async () => {
  const fixture = await open();
  await fixture.start({ workflowId: 'w' });
  await assert.rejects(unpause(fixture), refused(GrpcCode.FAILED_PRECONDITION, 'workflow is not paused.'));
  await pause(fixture, 'one');
  await pause(fixture, 'one');
  await assert.rejects(pause(fixture, 'two'), refused(GrpcCode.FAILED_PRECONDITION, 'workflow is already paused.'));
  assert.equal((await fixture.eventNames('w')).filter((name) => name === 'WorkflowExecutionPaused').length, 1);
  await fixture.stop();
});

test('a run id that is none is refused', async () => {
  const fixture = await open();
  await fixture.start({ workflowId: 'w' });
  await assert.rejects(
    fixture.rpc('PauseWorkflowExecution', PAUSE, { workflowId: 'w', runId: 'no-uuid' }),
    refused(GrpcCode.INVALID_ARGUMENT, 'RunId is not valid UUID.'),
  );
  await assert.rejects(
    fixture.rpc('PauseWorkflowExecution', PAUSE, {}),
    refused(GrpcCode.INVALID_ARGUMENT, "Can't load workflow execution.  WorkflowId not set."),
  );
  await fixture.stop();
});
