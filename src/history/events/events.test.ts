import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ParentInfo } from '#proto/ostinato/history/v1';
import { StartChildWorkflowExecutionCommandAttributes } from '#proto/temporal/api/command/v1';
import { Memo, Payload, Payloads, SearchAttributes } from '#proto/temporal/api/common/v1';
import { ContinueAsNewInitiator, EventType, RetryState } from '#proto/temporal/api/enums/v1';
import { Failure } from '#proto/temporal/api/failure/v1';
import { HistoryEvent, type HistoryEventInit } from '#proto/temporal/api/history/v1';
import { StartWorkflowExecutionRequest } from '#proto/temporal/api/workflowservice/v1';
import * as events from './index.ts';

const NULL = Payload.encode({ metadata: new Map([['encoding', Buffer.from('binary/null')]]) });
const EMPTY_LIST = Payload.encode({
  metadata: new Map([['encoding', Buffer.from('json/plain')]]),
  data: Buffer.from('[]'),
});
const VALUE = Payload.encode({ data: Buffer.from('v') });
const origin = { workflowTaskCompletedEventId: 4, userMetadata: undefined };
/** As the event comes back from history. */
const stored = (event: HistoryEventInit): HistoryEvent => HistoryEvent.decode(HistoryEvent.encode(event));

describe('null fields', () => {
  const memo = (...fields: [string, Uint8Array][]) => Memo.encode({ fields: new Map(fields) });

  it('are left out of what begins something new', () => {
    const kept = events.withoutNullMemoFields(memo(['a', VALUE], ['b', NULL], ['c', EMPTY_LIST]));
    assert.deepEqual([...Memo.decode(kept as Uint8Array).fields.keys()], ['a']);
    assert.equal(events.withoutNullMemoFields(memo(['b', NULL])), undefined);
    assert.equal(events.withoutNullMemoFields(undefined), undefined);
    const untouched = memo(['a', VALUE]);
    assert.equal(events.withoutNullMemoFields(untouched), untouched);
    const attributes = SearchAttributes.encode({
      indexedFields: new Map([
        ['a', VALUE],
        ['b', EMPTY_LIST],
      ]),
    });
    const keptAttributes = events.withoutNullSearchAttributes(attributes) as Uint8Array;
    assert.deepEqual([...SearchAttributes.decode(keptAttributes).indexedFields.keys()], ['a']);
  });

  it('stay in an upsert', () => {
    const upserted = memo(['b', NULL]);
    const event = stored(events.workflowPropertiesModified(upserted, origin));
    assert.deepEqual(event.workflowPropertiesModifiedEventAttributes?.upsertedMemo, upserted);
  });
});

describe('WorkflowExecutionStarted', () => {
  const request = StartWorkflowExecutionRequest.decode(
    StartWorkflowExecutionRequest.encode({
      workflowId: 'w',
      workflowType: { name: 'T' },
      taskQueue: { name: 'tq' },
      workflowExecutionTimeout: 60_000,
      workflowStartDelay: 5000,
      identity: 'me',
      lastCompletionResult: Payloads.encode({ payloads: [VALUE] }),
      memo: Memo.encode({ fields: new Map([['b', NULL]]) }),
    }),
  );

  it('begins a chain for a client', () => {
    const event = stored(events.workflowExecutionStarted(request, events.firstRunOf(request, 'run', 1000.4)));
    const attributes = event.workflowExecutionStartedEventAttributes;
    assert.ok(attributes);
    assert.equal(event.eventType, EventType.WORKFLOW_EXECUTION_STARTED);
    assert.equal(attributes.originalExecutionRunId, 'run');
    assert.equal(attributes.firstExecutionRunId, 'run');
    assert.equal(attributes.continuedExecutionRunId, '');
    assert.equal(attributes.attempt, 1);
    assert.equal(attributes.firstWorkflowTaskBackoff, 5000);
    assert.equal(attributes.workflowExecutionExpirationTime, 61_000);
    assert.equal(attributes.initiator, ContinueAsNewInitiator.UNSPECIFIED);
    assert.deepEqual(attributes.lastCompletionResult, request.lastCompletionResult);
    assert.equal(attributes.memo, undefined);
  });

  it('names the cron schedule as its initiator and waits for it', () => {
    const cron = { ...request, cronSchedule: '0 * * * *', workflowStartDelay: undefined };
    const chain = events.firstRunOf(cron, 'run', Date.parse('2024-01-01T00:20:00Z'));
    assert.equal(chain.initiator, ContinueAsNewInitiator.CRON_SCHEDULE);
    assert.equal(chain.firstWorkflowTaskBackoffMs, 40 * 60_000);
  });

  it('carries a parent', () => {
    const parent = ParentInfo.decode(
      ParentInfo.encode({ namespace: 'ns', namespaceId: 'id', execution: { workflowId: 'p' }, initiatedId: 5 }),
    );
    const chain = { ...events.firstRunOf(request, 'run', 0), parent, rootExecution: { workflowId: 'root' } };
    const attributes = stored(events.workflowExecutionStarted(request, chain)).workflowExecutionStartedEventAttributes;
    assert.equal(attributes?.parentWorkflowExecution?.workflowId, 'p');
    assert.equal(attributes?.parentInitiatedEventId, 5);
    assert.equal(attributes?.rootWorkflowExecution?.workflowId, 'root');
  });
});

describe('a child', () => {
  const child = {
    initiatedEventId: 5,
    startedEventId: 6,
    namespace: 'ns',
    namespaceId: 'id',
    execution: { workflowId: 'c', runId: 'r' },
    workflowType: { name: 'T' },
  };
  const closed = (event: HistoryEventInit) => stored(events.childWorkflowExecutionClosed(child, stored(event)));

  it("is initiated in its parent's history by the command", () => {
    const command = StartChildWorkflowExecutionCommandAttributes.decode(
      StartChildWorkflowExecutionCommandAttributes.encode({ namespace: 'ns', workflowId: 'c', control: 'x' }),
    );
    const validated = {
      ...command,
      workflowType: { name: 'T' },
      taskQueue: { name: 'tq', kind: 1, normalName: '' },
      workflowRunTimeout: 1,
      workflowTaskTimeout: 2,
    };
    const event = stored(events.startChildWorkflowExecutionInitiated(validated, 'id', origin));
    const attributes = event.startChildWorkflowExecutionInitiatedEventAttributes;
    assert.equal(attributes?.workflowTaskCompletedEventId, 4);
    assert.equal(attributes?.namespaceId, 'id');
    assert.equal(attributes?.control, 'x');
    const failed = stored(events.startChildWorkflowExecutionFailed(5, attributes!, 1));
    assert.equal(failed.startChildWorkflowExecutionFailedEventAttributes?.workflowType?.name, 'T');
    assert.equal(failed.startChildWorkflowExecutionFailedEventAttributes?.cause, 1);
  });

  it('closes for its parent as it closed for itself', () => {
    const result = Payloads.encode({ payloads: [VALUE] });
    const completed = closed({
      eventType: EventType.WORKFLOW_EXECUTION_COMPLETED,
      workflowExecutionCompletedEventAttributes: { result },
    });
    assert.equal(completed.eventType, EventType.CHILD_WORKFLOW_EXECUTION_COMPLETED);
    assert.deepEqual(completed.childWorkflowExecutionCompletedEventAttributes?.result, result);
    assert.equal(completed.childWorkflowExecutionCompletedEventAttributes?.startedEventId, 6);

    const failure = Failure.encode({ message: 'm' });
    const failed = closed({
      eventType: EventType.WORKFLOW_EXECUTION_FAILED,
      workflowExecutionFailedEventAttributes: { failure, retryState: RetryState.MAXIMUM_ATTEMPTS_REACHED },
    });
    const failedAttributes = failed.childWorkflowExecutionFailedEventAttributes;
    assert.deepEqual(failedAttributes?.failure, failure);
    assert.equal(failedAttributes?.retryState, RetryState.MAXIMUM_ATTEMPTS_REACHED);

    const types = [
      [EventType.WORKFLOW_EXECUTION_CANCELED, EventType.CHILD_WORKFLOW_EXECUTION_CANCELED],
      [EventType.WORKFLOW_EXECUTION_TIMED_OUT, EventType.CHILD_WORKFLOW_EXECUTION_TIMED_OUT],
      [EventType.WORKFLOW_EXECUTION_TERMINATED, EventType.CHILD_WORKFLOW_EXECUTION_TERMINATED],
    ] as const;
    for (const [own, parents] of types) assert.equal(closed({ eventType: own }).eventType, parents);
    assert.throws(() => closed({ eventType: EventType.WORKFLOW_EXECUTION_CONTINUED_AS_NEW }), /does not close a child/);
  });
});

describe('the buffer', () => {
  it('holds what happens to a workflow, not what its task does', () => {
    for (const name of ['WORKFLOW_EXECUTION_SIGNALED', 'ACTIVITY_TASK_COMPLETED', 'TIMER_FIRED'] as const) {
      assert.equal(events.isBuffered(EventType[name]), true, name);
    }
    for (const name of ['WORKFLOW_EXECUTION_OPTIONS_UPDATED', 'WORKFLOW_EXECUTION_UPDATE_ADMITTED'] as const) {
      assert.equal(events.isBuffered(EventType[name]), true, name);
    }
    for (const name of ['ACTIVITY_TASK_SCHEDULED', 'TIMER_CANCELED', 'WORKFLOW_EXECUTION_TERMINATED'] as const) {
      assert.equal(events.isBuffered(EventType[name]), false, name);
    }
  });

  it('is written with completions last, each group in its order', () => {
    const of = (eventType: number, id: string) => ({ eventType, id });
    const buffered = [
      of(EventType.ACTIVITY_TASK_COMPLETED, 'done 1'),
      of(EventType.WORKFLOW_EXECUTION_SIGNALED, 'signal 1'),
      of(EventType.ACTIVITY_TASK_STARTED, 'started 1'),
      of(EventType.CHILD_WORKFLOW_EXECUTION_FAILED, 'child failed'),
      of(EventType.TIMER_FIRED, 'timer'),
    ];
    const order = events.flushBufferedOrder(buffered).map(({ id }) => id);
    assert.deepEqual(order, ['signal 1', 'started 1', 'timer', 'done 1', 'child failed']);
  });
});

it('an options update may be ignored by workers that do not know it', () => {
  const event = events.workflowExecutionOptionsUpdated({ attachedRequestId: 'r' });
  assert.equal(event.workerMayIgnore, true);
});
