import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Payloads } from '#proto/temporal/api/common/v1';
import {
  EventType,
  ResetReapplyExcludeType,
  ResetReapplyType,
  UpdateAdmittedEventOrigin,
} from '#proto/temporal/api/enums/v1';
import { Failure } from '#proto/temporal/api/failure/v1';
import { HistoryEvent, type HistoryEventInit } from '#proto/temporal/api/history/v1';
import { PostResetOperation, type PostResetOperationInit } from '#proto/temporal/api/workflow/v1';
import * as reset from './index.ts';

const event = (eventType: number, attributes: HistoryEventInit): HistoryEvent =>
  HistoryEvent.decode(HistoryEvent.encode({ eventType, ...attributes }));

const signal = event(EventType.WORKFLOW_EXECUTION_SIGNALED, {
  workflowExecutionSignaledEventAttributes: { signalName: 's' },
});
const admitted = event(EventType.WORKFLOW_EXECUTION_UPDATE_ADMITTED, {
  workflowExecutionUpdateAdmittedEventAttributes: { request: { meta: { updateId: 'a' } }, origin: 1 },
});
const accepted = event(EventType.WORKFLOW_EXECUTION_UPDATE_ACCEPTED, {
  workflowExecutionUpdateAcceptedEventAttributes: { acceptedRequest: { meta: { updateId: 'b' } } },
});
const acceptedAfterAdmitted = event(EventType.WORKFLOW_EXECUTION_UPDATE_ACCEPTED, {
  workflowExecutionUpdateAcceptedEventAttributes: { protocolInstanceId: 'a' },
});
const options = event(EventType.WORKFLOW_EXECUTION_OPTIONS_UPDATED, {
  workflowExecutionOptionsUpdatedEventAttributes: { attachedRequestId: 'r', attachedCompletionCallbacks: [{}] },
});
const childStarted = event(EventType.CHILD_WORKFLOW_EXECUTION_STARTED, {
  childWorkflowExecutionStartedEventAttributes: { initiatedEventId: 5 },
});
const childCompleted = event(EventType.CHILD_WORKFLOW_EXECUTION_COMPLETED, {
  childWorkflowExecutionCompletedEventAttributes: { initiatedEventId: 5, startedEventId: 6 },
});
const childInitiated = event(EventType.START_CHILD_WORKFLOW_EXECUTION_INITIATED, {
  startChildWorkflowExecutionInitiatedEventAttributes: { workflowId: 'c' },
});
const others = [
  event(EventType.WORKFLOW_EXECUTION_CANCEL_REQUESTED, { workflowExecutionCancelRequestedEventAttributes: {} }),
  event(EventType.TIMER_FIRED, { timerFiredEventAttributes: {} }),
  event(EventType.WORKFLOW_EXECUTION_TERMINATED, { workflowExecutionTerminatedEventAttributes: {} }),
  childInitiated,
];
const ALL = reset.reapplyExclusions([], ResetReapplyType.ALL_ELIGIBLE);

describe('reset point', () => {
  it('is a finished workflow task of the run', () => {
    assert.equal(reset.resolveResetPoint(4, 10), 3);
    assert.equal(reset.resolveResetPoint(9, 10), 8);
    for (const bad of [-1, 0, 1, 10, 11]) {
      const message = 'Workflow task finish ID must be > 1 && <= workflow last event ID.';
      assert.throws(() => reset.resolveResetPoint(bad, 10), { code: 3, message });
    }
  });

  it('lies inside a workflow task, and children stay out of it when the setting says so', () => {
    const run = { hasPendingWorkflowTask: true, pendingChildExecutionCount: 1 };
    reset.checkRebuiltRun(run, 3, true);
    assert.throws(() => reset.checkRebuiltRun(run, 3, false), {
      code: 3,
      message: 'WorkflowResetter encountered pending child workflows.',
    });
    assert.throws(() => reset.checkRebuiltRun({ ...run, hasPendingWorkflowTask: false }, 3, true), {
      code: 3,
      message: 'Can only reset workflow to event ID in range [WorkflowTaskScheduled +1, WorkflowTaskStarted + 1]: 4',
    });
  });

  it('only options can be updated afterwards', () => {
    const operations = (...inits: PostResetOperationInit[]) =>
      inits.map((init) => PostResetOperation.decode(PostResetOperation.encode(init)));
    reset.validatePostResetOperations(operations({ updateWorkflowOptions: {} }));
    const message = 'unsupported post reset operation: *workflow.PostResetOperation_SignalWorkflow_';
    assert.throws(() => reset.validatePostResetOperations(operations({ signalWorkflow: {} })), { code: 3, message });
  });

  it('keeps the request id of the first start', () => {
    const ids = new Map([
      ['attached', { eventType: EventType.WORKFLOW_EXECUTION_OPTIONS_UPDATED }],
      ['start', { eventType: EventType.WORKFLOW_EXECUTION_STARTED }],
    ]);
    assert.equal(reset.startRequestId(ids, EventType.WORKFLOW_EXECUTION_STARTED, 'created'), 'start');
    assert.equal(reset.startRequestId(new Map(), EventType.WORKFLOW_EXECUTION_STARTED, 'created'), 'created');
  });
});

describe('reapplied events', () => {
  const kinds = (events: HistoryEvent[], exclusions = ALL) =>
    reset.planReapply(events, exclusions).map(({ kind }) => kind);

  it('are signals, updates, options and what became of children, in order', () => {
    const events = [
      signal,
      admitted,
      acceptedAfterAdmitted,
      accepted,
      options,
      childStarted,
      childCompleted,
      ...others,
    ];
    assert.deepEqual(kinds(events), ['signal', 'update', 'update', 'options', 'child', 'child']);
  });

  it('an accepted update comes back as admitted, its request once', () => {
    const [first, second] = reset.planReapply([admitted, acceptedAfterAdmitted, accepted], ALL);
    assert.ok(first?.kind === 'update' && second?.kind === 'update');
    assert.deepEqual([first.request.meta?.updateId, first.origin], ['a', 1]);
    assert.deepEqual([second.request.meta?.updateId, second.origin], ['b', UpdateAdmittedEventOrigin.REAPPLY]);
  });

  it('are fewer when the request excludes kinds, in the new way or the old', () => {
    const events = [signal, admitted, accepted, options];
    const { SIGNAL, UPDATE, NEXUS, CANCEL_REQUEST } = ResetReapplyExcludeType;
    const excluding = (types: number[], include: number = ResetReapplyType.UNSPECIFIED) =>
      kinds(events, reset.reapplyExclusions(types, include));
    assert.deepEqual(excluding([SIGNAL]), ['update', 'update', 'options']);
    assert.deepEqual(excluding([UPDATE]), ['signal', 'options']);
    assert.deepEqual(excluding([], ResetReapplyType.SIGNAL), ['signal', 'options']);
    assert.deepEqual(excluding([], ResetReapplyType.NONE), ['options']);
    assert.deepEqual(excluding([SIGNAL], ResetReapplyType.SIGNAL), ['options']);
    assert.equal(reset.reapplyExclusions([SIGNAL, UPDATE, NEXUS, CANCEL_REQUEST], 3).everything, true);
    assert.equal(reset.reapplyExclusions([SIGNAL, UPDATE], ResetReapplyType.NONE).everything, false);
  });

  it('of children only reach a child that the new run knows, and a start only once', () => {
    assert.equal(reset.takesChildEvent(childStarted, undefined), false);
    assert.equal(reset.takesChildEvent(childStarted, { startedEventId: 0 }), true);
    assert.equal(reset.takesChildEvent(childStarted, { startedEventId: 6 }), false);
    assert.equal(reset.takesChildEvent(childCompleted, { startedEventId: 6 }), true);
  });

  it('callbacks that the new run has already are not attached twice', () => {
    const attributes = options.workflowExecutionOptionsUpdatedEventAttributes!;
    assert.equal(
      reset.isKnownAttachment(attributes, (id) => id === 'r'),
      true,
    );
    assert.equal(
      reset.isKnownAttachment(attributes, () => false),
      false,
    );
    assert.equal(
      reset.isKnownAttachment({ ...attributes, unsetVersioningOverride: true }, () => true),
      false,
    );
  });

  it('go on in the run that the history continued as', () => {
    const continued = event(EventType.WORKFLOW_EXECUTION_CONTINUED_AS_NEW, {
      workflowExecutionContinuedAsNewEventAttributes: { newExecutionRunId: 'next' },
    });
    assert.equal(reset.continuedAsRunId(continued), 'next');
    assert.equal(reset.continuedAsRunId(signal), '');
    assert.equal(reset.continuedAsRunId(undefined), '');
  });
});

it('activities at the reset point are scheduled again, or fail if they were started', () => {
  const lastHeartbeatDetails = Payloads.encode({});
  assert.deepEqual(reset.planActivityAtReset({ startedEventId: 0, lastHeartbeatDetails }, 'why'), {
    kind: 'reschedule',
  });
  const plan = reset.planActivityAtReset({ startedEventId: 7, lastHeartbeatDetails }, 'why');
  assert.ok(plan.kind === 'fail');
  const failure = Failure.decode(plan.failure);
  assert.equal(failure.message, 'why');
  assert.deepEqual(failure.resetWorkflowFailureInfo?.lastHeartbeatDetails, lastHeartbeatDetails);
});
