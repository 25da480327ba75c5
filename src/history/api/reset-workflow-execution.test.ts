import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CommandType, EventType } from '#proto/temporal/api/enums/v1';
import { WorkflowExecutionAlreadyStartedFailure } from '#proto/temporal/api/errordetails/v1';
import {
  DescribeWorkflowExecutionRequest,
  DescribeWorkflowExecutionResponse,
  ResetWorkflowExecutionRequest,
  ResetWorkflowExecutionResponse,
  RespondWorkflowTaskFailedRequest,
  RespondWorkflowTaskFailedResponse,
  SignalWorkflowExecutionRequest,
  SignalWorkflowExecutionResponse,
  UpdateWorkflowExecutionOptionsRequest,
  UpdateWorkflowExecutionOptionsResponse,
} from '#proto/temporal/api/workflowservice/v1';
import { ServiceError } from '../../base/service-error.ts';
import { MemoryStoreFactory } from '../../persistence/memory/factory.ts';
import { type HistoryFixture, historyFixture } from '../testing/history-fixture.ts';

const RESET = [ResetWorkflowExecutionRequest, ResetWorkflowExecutionResponse] as const;
const FAIL = [RespondWorkflowTaskFailedRequest, RespondWorkflowTaskFailedResponse] as const;
const SIGNAL = [SignalWorkflowExecutionRequest, SignalWorkflowExecutionResponse] as const;
const UPDATE_OPTIONS = [UpdateWorkflowExecutionOptionsRequest, UpdateWorkflowExecutionOptionsResponse] as const;
const DESCRIBE = [DescribeWorkflowExecutionRequest, DescribeWorkflowExecutionResponse] as const;
const workflowId = 'w';
/** Events 1 to 4 of a run are its start and its first workflow task. */
const FIRST_TASK_COMPLETED = 4;
/** More microtasks than a reset of a small history takes. */
const TURNS = 60;

const open = async () => historyFixture(await new MemoryStoreFactory().openExecutionStore(0));

/** A run that waits for a timer, one workflow task behind it. */
async function startWaiting(fixture: HistoryFixture): Promise<void> {
  await fixture.start({ workflowId });
  const task = await fixture.pollWorkflowTask();
  await fixture.complete({
    taskToken: task.taskToken,
    commands: [
      {
        commandType: CommandType.START_TIMER,
        startTimerCommandAttributes: { timerId: 't', startToFireTimeout: 3_600_000 },
      },
    ],
  });
}

const reset = (fixture: HistoryFixture, requestId: string) =>
  fixture.rpc('ResetWorkflowExecution', RESET, {
    workflowExecution: { workflowId },
    workflowTaskFinishEventId: FIRST_TASK_COMPLETED,
    requestId,
    reason: 'test',
  });

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await null;
}

test('a signal that comes in while a reset reads is taken along, whenever it comes', async () => {
  for (let turn = 0; turn < TURNS; turn++) {
    const fixture = await open();
    await startWaiting(fixture);
    const resetting = reset(fixture, 'a');
    await turns(turn);
    const signalling = fixture.rpc('SignalWorkflowExecution', SIGNAL, {
      workflowExecution: { workflowId },
      signalName: 'late',
    });
    const [{ runId }] = await Promise.all([resetting, signalling]);
    const signals = (await fixture.events(workflowId, runId)).filter(
      ({ eventType }) => eventType === EventType.WORKFLOW_EXECUTION_SIGNALED,
    );
    assert.equal(signals.length, 1, `signalled ${turn} turns after the reset began`);
    await fixture.stop();
  }
});

test('resets of one run at the same time follow each other, and one of them is done once', async () => {
  for (let turn = 0; turn < TURNS; turn++) {
    const fixture = await open();
    await startWaiting(fixture);
    const first = reset(fixture, 'a');
    await turns(turn);
    const [a, again] = await Promise.all([first, reset(fixture, 'a')]);
    assert.equal(again.runId, a.runId, `repeated ${turn} turns after the reset began`);
    await fixture.stop();
  }
});

test('a run can be cut right behind a workflow task that failed', async () => {
  const fixture = await open();
  await fixture.start({ workflowId });
  const { taskToken } = await fixture.pollWorkflowTask();
  await fixture.rpc('RespondWorkflowTaskFailed', FAIL, { taskToken });
  await fixture.complete({ taskToken: (await fixture.pollWorkflowTask()).taskToken });
  const { runId } = await fixture.rpc('ResetWorkflowExecution', RESET, {
    workflowExecution: { workflowId },
    workflowTaskFinishEventId: 5,
    requestId: 'a',
    reason: 'test',
  });
  assert.deepEqual(await fixture.eventNames(workflowId, runId), [
    'WorkflowExecutionStarted',
    'WorkflowTaskScheduled',
    'WorkflowTaskStarted',
    'WorkflowTaskFailed',
    'WorkflowTaskScheduled',
    'WorkflowTaskStarted',
    'WorkflowTaskFailed',
    'WorkflowTaskScheduled',
  ]);
  await fixture.stop();
});

test('who starts a workflow id again hears of the request that started the run first, not of the reset', async () => {
  const fixture = await open();
  await fixture.start({ workflowId, requestId: 'first' });
  await fixture.complete({ taskToken: (await fixture.pollWorkflowTask()).taskToken });
  await reset(fixture, 'a reset');
  await assert.rejects(fixture.start({ workflowId, requestId: 'second' }), (error) => {
    assert.ok(error instanceof ServiceError);
    const [detail] = error.details;
    assert.ok(detail);
    assert.equal(WorkflowExecutionAlreadyStartedFailure.decode(detail.value).startRequestId, 'first');
    return true;
  });
  await fixture.stop();
});

test('options that were changed after the reset point hold in the new run', async () => {
  const fixture = await open();
  await startWaiting(fixture);
  await fixture.rpc('UpdateWorkflowExecutionOptions', UPDATE_OPTIONS, {
    workflowExecution: { workflowId },
    workflowExecutionOptions: { priority: { priorityKey: 2 } },
    updateMask: { paths: ['priority'] },
  });
  const { runId } = await reset(fixture, 'a');
  const described = await fixture.rpc('DescribeWorkflowExecution', DESCRIBE, { execution: { workflowId, runId } });
  assert.equal(described.workflowExecutionInfo?.priority?.priorityKey, 2);
  const names = await fixture.eventNames(workflowId, runId);
  assert.equal(names.filter((name) => name === 'WorkflowExecutionOptionsUpdated').length, 1);
  await fixture.stop();
});
