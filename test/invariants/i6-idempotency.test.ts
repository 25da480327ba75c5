// I6: every mutating request with a request id is idempotent, across crashes too: written, answer lost, process dead, asked again.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CommandType, UpdateWorkflowExecutionLifecycleStage as Stage } from '#proto/temporal/api/enums/v1';
import { Acceptance, Request, Response } from '#proto/temporal/api/update/v1';
import {
  type PollWorkflowTaskQueueResponse,
  RequestCancelWorkflowExecutionRequest,
  RequestCancelWorkflowExecutionResponse,
  ResetWorkflowExecutionRequest,
  ResetWorkflowExecutionResponse,
  SignalWithStartWorkflowExecutionRequest,
  SignalWithStartWorkflowExecutionResponse,
  StartWorkflowExecutionRequest,
  StartWorkflowExecutionResponse,
  UpdateWorkflowExecutionRequest,
  UpdateWorkflowExecutionResponse,
} from '#proto/temporal/api/workflowservice/v1';
import { completeRun, Lab, watched } from './lab.ts';

const START = [StartWorkflowExecutionRequest, StartWorkflowExecutionResponse] as const;
const SIGNAL_WITH_START = [SignalWithStartWorkflowExecutionRequest, SignalWithStartWorkflowExecutionResponse] as const;
const CANCEL = [RequestCancelWorkflowExecutionRequest, RequestCancelWorkflowExecutionResponse] as const;
const RESET = [ResetWorkflowExecutionRequest, ResetWorkflowExecutionResponse] as const;
const UPDATE = [UpdateWorkflowExecutionRequest, UpdateWorkflowExecutionResponse] as const;
const START_REQUEST = {
  namespace: 'test',
  workflowId: 'w',
  workflowType: { name: 'test-workflow' },
  taskQueue: { name: 'test-queue' },
  requestId: 'start-request',
};

/** The request is written, its answer is lost with the process; then it comes again, twice. */
async function repeated<T>(lab: Lab, request: () => Promise<T>): Promise<[T, T]> {
  lab.failNextCommit('crash-after');
  await assert.rejects(request());
  await lab.restart();
  return [await request(), await request()];
}

async function countOf(lab: Lab, name: string, runId = ''): Promise<number> {
  return (await lab.fixture.eventNames('w', runId)).filter((each) => each === name).length;
}

test('a start', async () => {
  const lab = await Lab.open();
  const [first, second] = await repeated(lab, () => lab.fixture.rpc('StartWorkflowExecution', START, START_REQUEST));
  assert.equal(first.runId, second.runId);
  assert.equal(first.started, true);
  assert.equal(lab.fixture.workflowTasks.length, 1);
});

test('a start whose run has ended meanwhile', async () => {
  const lab = await Lab.open();
  const start = () => lab.fixture.rpc('StartWorkflowExecution', START, START_REQUEST);
  const { runId } = await start();
  await lab.answer(await lab.fixture.pollWorkflowTask(), completeRun());
  await lab.restart();
  assert.equal((await start()).runId, runId, 'the repetition began another run');
});

test('a signal', async () => {
  const lab = await Lab.open();
  await lab.fixture.start({ workflowId: 'w' });
  await repeated(lab, () => lab.signal('w', 's', 'signal-request'));
  assert.equal(await countOf(lab, 'WorkflowExecutionSignaled'), 1);
});

test('a signal that was buffered while a workflow task was with a worker', async () => {
  const lab = await Lab.open();
  await lab.fixture.start({ workflowId: 'w', workflowTaskTimeout: 60_000 });
  await lab.fixture.pollWorkflowTask();
  await repeated(lab, () => lab.signal('w', 's', 'signal-request'));
  await lab.clock.advance(70_000);
  assert.equal(await countOf(lab, 'WorkflowExecutionSignaled'), 1);
});

test('a signal with start that starts, and one that signals', async () => {
  const lab = await Lab.open();
  const call = (requestId: string) =>
    lab.fixture.rpc('SignalWithStartWorkflowExecution', SIGNAL_WITH_START, {
      ...START_REQUEST,
      requestId,
      signalName: `signal of ${requestId}`,
    });
  const [started, again] = await repeated(lab, () => call('first'));
  assert.equal(started.runId, again.runId);
  assert.equal(await countOf(lab, 'WorkflowExecutionSignaled'), 1);
  const [signaled] = await repeated(lab, () => call('second'));
  assert.equal(signaled.runId, started.runId);
  assert.equal(await countOf(lab, 'WorkflowExecutionSignaled'), 2);
});

test('a cancel request', async () => {
  const lab = await Lab.open();
  await lab.fixture.start({ workflowId: 'w' });
  await repeated(lab, () =>
    lab.fixture.rpc('RequestCancelWorkflowExecution', CANCEL, {
      namespace: 'test',
      workflowExecution: { workflowId: 'w' },
      requestId: 'cancel-request',
    }),
  );
  assert.equal(await countOf(lab, 'WorkflowExecutionCancelRequested'), 1);
});

test('a reset, also when another run followed the one it made', async () => {
  const lab = await Lab.open();
  const runId = await lab.fixture.start({ workflowId: 'w' });
  await lab.answer(await lab.fixture.pollWorkflowTask(), completeRun());
  const reset = () =>
    lab.fixture.rpc('ResetWorkflowExecution', RESET, {
      namespace: 'test',
      workflowExecution: { workflowId: 'w', runId },
      workflowTaskFinishEventId: 4,
      requestId: 'reset-request',
      reason: 'a test',
    });
  const [first, second] = await repeated(lab, reset);
  assert.equal(first.runId, second.runId);
  assert.notEqual(first.runId, runId);
  await lab.answer(await lab.fixture.pollWorkflowTask(), completeRun());
  const next = await lab.fixture.rpc('StartWorkflowExecution', START, { ...START_REQUEST, requestId: 'another' });
  assert.equal((await reset()).runId, first.runId, 'the repetition reset once more');
  assert.equal((await lab.fixture.eventNames('w', next.runId)).at(-1), 'WorkflowTaskScheduled');
});

test('an update: asked again after the crash it is answered from history, not carried out twice', async () => {
  const lab = await Lab.open();
  await lab.fixture.start({ workflowId: 'w' });
  await lab.fixture.complete({ taskToken: (await lab.fixture.pollWorkflowTask()).taskToken });
  const update = () =>
    lab.fixture.begin('UpdateWorkflowExecution', UPDATE, {
      namespace: 'test',
      workflowExecution: { workflowId: 'w' },
      waitPolicy: { lifecycleStage: Stage.COMPLETED },
      request: { meta: { updateId: 'u' }, input: { name: 'note' } },
    });
  const waiting = watched(update());
  await lab.settle();
  const task = await lab.fixture.pollWorkflowTask();
  lab.failNextCommit('crash-after');
  await assert.rejects(carryOut(lab, task));
  await waiting.promise.catch(() => {});
  await lab.restart();
  const answers = [watched(update()), watched(update())];
  await lab.settle();
  for (const { promise } of answers) assert.equal((await promise).stage, Stage.COMPLETED);
  assert.equal(await countOf(lab, 'WorkflowExecutionUpdateAccepted'), 1);
  assert.equal(await countOf(lab, 'WorkflowExecutionUpdateCompleted'), 1);
});

/** Accepts and completes the update that the task carries. */
function carryOut(lab: Lab, task: PollWorkflowTaskQueueResponse): Promise<unknown> {
  const [message] = task.messages;
  assert.ok(message !== undefined, 'the task carries no update');
  const request = Request.decode(message.body?.value ?? Buffer.alloc(0));
  const any = (typeName: string, value: Uint8Array) => ({ typeUrl: `type.googleapis.com/${typeName}`, value });
  const accept = Acceptance.encode({
    acceptedRequestMessageId: message.id,
    acceptedRequestSequencingEventId: message.eventId,
    acceptedRequest: request,
  });
  const { protocolInstanceId } = message;
  return lab.fixture.complete({
    taskToken: task.taskToken,
    commands: ['accept', 'complete'].map((messageId) => ({
      commandType: CommandType.PROTOCOL_MESSAGE,
      protocolMessageCommandAttributes: { messageId },
    })),
    messages: [
      { id: 'accept', protocolInstanceId, body: any(Acceptance.typeName, accept) },
      {
        id: 'complete',
        protocolInstanceId,
        body: any(Response.typeName, Response.encode({ meta: { updateId: 'u' }, outcome: {} })),
      },
    ],
  });
}
