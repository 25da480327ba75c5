import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CommandType, EventTypeNames, HistoryEventFilterType } from '#proto/temporal/api/enums/v1';
import { History } from '#proto/temporal/api/history/v1';
import {
  GetWorkflowExecutionHistoryRequest,
  type GetWorkflowExecutionHistoryRequestInit,
  GetWorkflowExecutionHistoryResponse,
  GetWorkflowExecutionHistoryReverseRequest,
  GetWorkflowExecutionHistoryReverseResponse,
  RespondWorkflowTaskFailedRequest,
  RespondWorkflowTaskFailedResponse,
  SignalWorkflowExecutionRequest,
  SignalWorkflowExecutionResponse,
} from '#proto/temporal/api/workflowservice/v1';
import { GrpcCode, ServiceError } from '../../base/service-error.ts';
import { MemoryStoreFactory } from '../../persistence/memory/factory.ts';
import { type HistoryFixture, historyFixture, type WaitingCall } from '../testing/history-fixture.ts';

const GET = [GetWorkflowExecutionHistoryRequest, GetWorkflowExecutionHistoryResponse] as const;
const REVERSE = [GetWorkflowExecutionHistoryReverseRequest, GetWorkflowExecutionHistoryReverseResponse] as const;
const SIGNAL = [SignalWorkflowExecutionRequest, SignalWorkflowExecutionResponse] as const;
const FAIL_TASK = [RespondWorkflowTaskFailedRequest, RespondWorkflowTaskFailedResponse] as const;

const open = async () => historyFixture(await new MemoryStoreFactory().openExecutionStore(0));
const names = (history: Uint8Array | undefined) =>
  History.decode(history ?? Buffer.alloc(0)).events.map((event) => EventTypeNames.get(event.eventType));
const ids = (history: Uint8Array | undefined) =>
  History.decode(history ?? Buffer.alloc(0)).events.map((event) => event.eventId);

function poll(fixture: HistoryFixture, request: GetWorkflowExecutionHistoryRequestInit, options?: WaitingCall) {
  const answer: { response?: GetWorkflowExecutionHistoryResponse; error?: unknown; isAnswered: boolean } = {
    isAnswered: false,
  };
  fixture.begin('GetWorkflowExecutionHistory', GET, request, options).then(
    (response) => {
      answer.response = response;
      answer.isAnswered = true;
    },
    (error) => {
      answer.error = error;
    },
  );
  return answer;
}

async function get(fixture: HistoryFixture, request: GetWorkflowExecutionHistoryRequestInit, options?: WaitingCall) {
  const answer = poll(fixture, request, options);
  await fixture.clock.advance(0);
  if (answer.error !== undefined) throw answer.error;
  assert.ok(answer.response !== undefined, 'answered at once');
  return answer.response;
}

const signal = (fixture: HistoryFixture, workflowId: string) =>
  fixture.rpc('SignalWorkflowExecution', SIGNAL, { workflowExecution: { workflowId }, signalName: 's' });

async function completeWorkflow(fixture: HistoryFixture) {
  const task = await fixture.pollWorkflowTask();
  await fixture.complete({
    taskToken: task.taskToken,
    commands: [
      { commandType: CommandType.COMPLETE_WORKFLOW_EXECUTION, completeWorkflowExecutionCommandAttributes: {} },
    ],
  });
}

test('pages are batches, forward and backward, and cover everything once', async () => {
  const fixture = await open();
  await fixture.start({ workflowId: 'w' });
  for (let i = 0; i < 5; i++) await signal(fixture, 'w');
  const forward: number[] = [];
  let token: Uint8Array = Buffer.alloc(0);
  let pages = 0;
  do {
    const page = await get(fixture, {
      execution: { workflowId: 'w' },
      maximumPageSize: 2,
      nextPageToken: token,
    });
    forward.push(...ids(page.history));
    token = page.nextPageToken;
    pages++;
  } while (token.length !== 0);
  assert.deepEqual(forward, [1, 2, 3, 4, 5, 6, 7]);
  assert.equal(pages, 4, 'the third is full: an empty one follows');

  const backward: number[] = [];
  token = Buffer.alloc(0);
  do {
    const page = await fixture.rpc('GetWorkflowExecutionHistoryReverse', REVERSE, {
      execution: { workflowId: 'w' },
      maximumPageSize: 4,
      nextPageToken: token,
    });
    backward.push(...ids(page.history));
    token = page.nextPageToken;
  } while (token.length !== 0);
  assert.deepEqual(backward, forward.toReversed());
  await fixture.stop();
});

test('a reader of the first pages sees what was added meanwhile on the last', async () => {
  const fixture = await open();
  await fixture.start({ workflowId: 'w' });
  await signal(fixture, 'w');
  const first = await get(fixture, { execution: { workflowId: 'w' }, maximumPageSize: 1 });
  await signal(fixture, 'w');
  const second = await get(fixture, { execution: { workflowId: 'w' }, nextPageToken: first.nextPageToken });
  assert.deepEqual([...ids(first.history), ...ids(second.history)], [1, 2, 3, 4]);
  assert.equal(second.nextPageToken.length, 0);
  await fixture.stop();
});

test('a long poll waits for the next event, also for a start that only memory knows', async () => {
  const fixture = await open();
  const runId = await fixture.start({ workflowId: 'w' });
  const first = await get(fixture, { execution: { workflowId: 'w' }, waitNewEvent: true });
  assert.deepEqual(names(first.history), ['WorkflowExecutionStarted', 'WorkflowTaskScheduled']);
  const waiting = poll(fixture, {
    execution: { workflowId: 'w', runId },
    waitNewEvent: true,
    nextPageToken: first.nextPageToken,
  });
  await fixture.clock.advance(5_000);
  assert.equal(waiting.isAnswered, false);
  await fixture.pollWorkflowTask();
  assert.deepEqual(names(waiting.response?.history), ['WorkflowTaskStarted']);
  assert.notEqual(waiting.response?.nextPageToken.length, 0);
  await fixture.stop();
});

test('a long poll ends empty with a token when its time is up, a second before the caller gives up', async () => {
  const fixture = await open();
  await fixture.start({ workflowId: 'w' });
  const first = await get(fixture, { execution: { workflowId: 'w' }, waitNewEvent: true });
  const request = { execution: { workflowId: 'w' }, waitNewEvent: true, nextPageToken: first.nextPageToken };
  const patient = poll(fixture, request);
  const hurried = poll(fixture, request, { context: { deadlineMs: fixture.clock.nowMs() + 6_000 } });
  await fixture.clock.advance(4_999);
  assert.equal(hurried.isAnswered, false);
  await fixture.clock.advance(1);
  assert.deepEqual(ids(hurried.response?.history), []);
  assert.notEqual(hurried.response?.nextPageToken.length, 0);
  await fixture.clock.advance(14_999);
  assert.equal(patient.isAnswered, false);
  await fixture.clock.advance(1);
  assert.deepEqual(ids(patient.response?.history), []);
  const again = poll(fixture, { ...request, nextPageToken: patient.response?.nextPageToken ?? Buffer.alloc(0) });
  await signal(fixture, 'w');
  assert.deepEqual(names(again.response?.history), ['WorkflowExecutionSignaled']);
  await fixture.stop();
});

test('a poll for the close event gets nothing else', async () => {
  const fixture = await open();
  const runId = await fixture.start({ workflowId: 'w' });
  const waiting = poll(fixture, {
    execution: { workflowId: 'w' },
    waitNewEvent: true,
    historyEventFilterType: HistoryEventFilterType.CLOSE_EVENT,
  });
  await signal(fixture, 'w');
  await fixture.clock.advance(1_000);
  assert.equal(waiting.isAnswered, false);
  await completeWorkflow(fixture);
  assert.deepEqual(names(waiting.response?.history), ['WorkflowExecutionCompleted']);
  assert.equal(waiting.response?.nextPageToken.length, 0);
  const later = await get(fixture, {
    execution: { workflowId: 'w', runId },
    historyEventFilterType: HistoryEventFilterType.CLOSE_EVENT,
  });
  assert.deepEqual(names(later.history), ['WorkflowExecutionCompleted']);
  await fixture.stop();
});

test('the poll for a close event goes on with its token', async () => {
  const fixture = await open();
  await fixture.start({ workflowId: 'w' });
  const request = {
    execution: { workflowId: 'w' },
    waitNewEvent: true,
    historyEventFilterType: HistoryEventFilterType.CLOSE_EVENT,
  };
  const first = poll(fixture, request);
  await fixture.clock.advance(20_000);
  assert.deepEqual(ids(first.response?.history), []);
  const second = poll(fixture, { ...request, nextPageToken: first.response?.nextPageToken ?? Buffer.alloc(0) });
  await fixture.clock.advance(10_000);
  assert.equal(second.isAnswered, false);
  await completeWorkflow(fixture);
  assert.deepEqual(names(second.response?.history), ['WorkflowExecutionCompleted']);
  await fixture.stop();
});

test('clients see the events of a task that is being repeated, command line and web UI do not', async () => {
  const fixture = await open();
  await fixture.start({ workflowId: 'w' });
  const task = await fixture.pollWorkflowTask();
  await fixture.rpc('RespondWorkflowTaskFailed', FAIL_TASK, { taskToken: task.taskToken });
  const written = [
    'WorkflowExecutionStarted',
    'WorkflowTaskScheduled',
    'WorkflowTaskStarted',
    'WorkflowTaskFailed',
  ] as const;
  const sdk = await get(fixture, { execution: { workflowId: 'w' } }, { clientName: 'temporal-go' });
  assert.deepEqual(names(sdk.history), [...written, 'WorkflowTaskScheduled']);
  for (const clientName of ['temporal-cli', 'temporal-ui']) {
    const page = await get(fixture, { execution: { workflowId: 'w' } }, { clientName });
    assert.deepEqual(names(page.history), written);
  }
  await fixture.pollWorkflowTask();
  const started = await get(fixture, { execution: { workflowId: 'w' } });
  assert.deepEqual(names(started.history), [...written, 'WorkflowTaskScheduled', 'WorkflowTaskStarted']);
  assert.deepEqual(ids(started.history), [1, 2, 3, 4, 5, 6]);
  fixture.settings.set('history.sendTransientOrSpeculativeWorkflowTaskEvents', false);
  assert.deepEqual(names((await get(fixture, { execution: { workflowId: 'w' } })).history), written);
  await fixture.stop();
});

test('raw history carries the batches as they are stored', async () => {
  const fixture = await open();
  fixture.settings.set('frontend.sendRawWorkflowHistory', true);
  await fixture.start({ workflowId: 'w' });
  await signal(fixture, 'w');
  const page = await get(fixture, { execution: { workflowId: 'w' } });
  assert.deepEqual(ids(page.history), []);
  assert.deepEqual(
    page.rawHistory.map(({ data }) => ids(data)),
    [[1, 2], [3]],
  );
  await fixture.stop();
});

test('tokens of other runs and bytes that are no token are refused', async () => {
  const fixture = await open();
  await fixture.start({ workflowId: 'w' });
  const refusal = (message: string) => (error: unknown) =>
    error instanceof ServiceError && error.code === GrpcCode.INVALID_ARGUMENT && error.message === message;
  await assert.rejects(
    get(fixture, { execution: { workflowId: 'w' }, nextPageToken: Buffer.from('no token') }),
    refusal('Invalid NextPageToken.'),
  );
  const page = await get(fixture, { execution: { workflowId: 'w' }, waitNewEvent: true });
  await assert.rejects(
    get(fixture, {
      execution: { workflowId: 'w', runId: '11111111-1111-4111-8111-111111111111' },
      nextPageToken: page.nextPageToken,
    }),
    refusal('RunId in the request does not match the NextPageToken.'),
  );
  await fixture.stop();
});
