// What the frontend refuses of activities without a workflow, in the words of Temporal 1.32; each row is a valid request with one fault.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApiRequest } from '#proto/ostinato/history/v1';
import { Link, Payload } from '#proto/temporal/api/common/v1';
import { ActivityIdConflictPolicy, ActivityIdReusePolicy, TaskQueueKind } from '#proto/temporal/api/enums/v1';
import { UserMetadata } from '#proto/temporal/api/sdk/v1';
import * as api from '#proto/temporal/api/workflowservice/v1';
import { GrpcCode } from '../base/service-error.ts';
import { shardIdOf } from '../runtime/shard-id.ts';
import { LONG, RUN_ID } from './testing/check-rows.ts';
import { FrontendHarness, NAMESPACE_ID } from './testing/frontend-harness.ts';
import { type Row, refuses } from './testing/refuses.ts';

const { UNIMPLEMENTED } = GrpcCode;
const activity = { namespace: 'default', activityId: 'a' };

const disabled: Row = {
  fault: 'switched off',
  change: {},
  settings: { 'activity.enableStandalone': false },
  message: 'Standalone activity is disabled',
  code: UNIMPLEMENTED,
};
const idRows: readonly Row[] = [
  { fault: 'no activity id', change: { activityId: '' }, message: 'activity ID is required' },
  {
    fault: 'a long activity id',
    change: { activityId: LONG },
    message: 'activity ID exceeds length limit. Length=1001 Limit=1000',
  },
  {
    fault: 'a run id that is no UUID',
    change: { runId: 'x' },
    message: 'invalid run id: must be a valid UUID',
  },
];
const requestRows: readonly Row[] = [
  {
    fault: 'a long request id',
    change: { requestId: LONG },
    message: 'request ID exceeds length limit. Length=1001 Limit=1000',
  },
  {
    fault: 'a long identity',
    change: { identity: LONG },
    message: 'identity exceeds length limit. Length=1001 Limit=1000',
  },
];
const longReason: Row = {
  fault: 'a long reason',
  change: { reason: 'x'.repeat(11) },
  settings: { 'limit.blobSize.error': 10 },
  message: 'reason exceeds length limit',
};
const operatorRows: readonly Row[] = [
  disabled,
  {
    fault: 'operators switched off',
    change: {},
    settings: { 'history.enableStandaloneActivityOperatorCommands': false },
    message: 'Standalone activity operator commands are disabled',
    code: UNIMPLEMENTED,
  },
  ...idRows,
  ...requestRows,
];
const negativeJitter: Row = {
  fault: 'a negative jitter',
  change: { jitter: -1 },
  message: 'invalid jitter: negative duration',
};

const START: api.StartActivityExecutionRequestInit = {
  ...activity,
  activityType: { name: 't' },
  taskQueue: { name: 'q' },
  startToCloseTimeout: 1000,
};
refuses('StartActivityExecution', api.StartActivityExecutionRequest, START, [
  disabled,
  ...requestRows,
  { fault: 'no activity id', change: { activityId: '' }, message: 'activityId is not set' },
  { fault: 'no type', change: { activityType: undefined }, message: 'activityType is not set' },
  { fault: 'no queue', change: { taskQueue: undefined }, message: 'taskQueue is not set' },
  {
    fault: "the server's own queue",
    change: { taskQueue: { name: 'temporal-sys-per-ns-tq' } },
    message: 'cannot use internal per-namespace task queue:temporal-sys-per-ns-tq',
  },
  {
    fault: 'a long activity id',
    change: { activityId: LONG },
    message: 'activityId exceeds length limit. Length=1001 Limit=1000',
  },
  {
    fault: 'a long type',
    change: { activityType: { name: LONG } },
    message: 'activityType exceeds length limit. Length=1001 Limit=1000',
  },
  {
    fault: 'no timeout',
    change: { startToCloseTimeout: undefined },
    message:
      'a valid StartToCloseTimeout or ScheduleToCloseTimeout must be set on the activity. ActivityId=a ActivityType=t',
  },
  {
    fault: 'a negative timeout',
    change: { startToCloseTimeout: -1000 },
    message: 'invalid StartToCloseTimeout: negative duration',
  },
  { fault: 'a negative delay', change: { startDelay: -1000 }, message: 'invalid StartDelay: negative duration' },
  {
    fault: 'a delay where none is allowed',
    change: { startDelay: 1000 },
    settings: { 'activity.startDelayEnabled': false },
    message: 'start_delay is not enabled for this namespace',
  },
  {
    fault: 'a bad retry policy',
    change: { retryPolicy: { backoffCoefficient: 0.5 } },
    message: 'BackoffCoefficient cannot be less than 1 on retry policy.',
  },
  {
    fault: 'a bad priority',
    change: { priority: { priorityKey: -1 } },
    message: "invalid priorities: priority key can't be negative",
  },
  {
    fault: 'a large input',
    change: { input: new Uint8Array([0x0a, 0x0a, 0x12, 0x08, 1, 2, 3, 4, 5, 6, 7, 8]) },
    settings: { 'limit.blobSize.error': 10, 'limit.blobSize.warn': 5 },
    message: 'input exceeds length limit',
  },
  {
    fault: 'a large summary',
    change: { userMetadata: UserMetadata.encode({ summary: Payload.encode({ data: Buffer.alloc(1000) }) }) },
    message: 'user_metadata.summary exceeds size limit. Length=1003 Limit=400',
  },
  {
    fault: 'large details',
    change: { userMetadata: UserMetadata.encode({ details: Payload.encode({ data: Buffer.alloc(20_000) }) }) },
    message: 'user_metadata.details exceeds size limit. Length=20004 Limit=20000',
  },
  {
    fault: 'callbacks',
    change: { completionCallbacks: [{ nexus: { url: 'http://host/' } }] },
    message: 'completion callbacks are not enabled for this namespace',
  },
  { fault: 'an empty link', change: { links: [Link.encode({})] }, message: 'unsupported link variant' },
  {
    fault: 'a link to no activity',
    change: { links: [Link.encode({ activity: { namespace: 'n', runId: RUN_ID } })] },
    message: 'activity link must not have an empty activity ID field',
  },
  {
    fault: 'callbacks attached without their request',
    change: { onConflictOptions: { attachCompletionCallbacks: true } },
    message: 'on_conflict_options: attach_completion_callbacks requires attach_request_id to be set',
  },
  {
    fault: 'a request attached with nothing',
    change: { onConflictOptions: { attachRequestId: true } },
    message: 'on_conflict_options: attach_request_id requires at least one completion callback or link',
  },
]);

refuses('DescribeActivityExecution', api.DescribeActivityExecutionRequest, activity, [
  disabled,
  ...idRows,
  {
    fault: 'a token without a run',
    change: { longPollToken: Buffer.from('t') },
    message: 'run id is required when long poll token is provided',
  },
]);
refuses('PollActivityExecution', api.PollActivityExecutionRequest, activity, [disabled, ...idRows]);
refuses('DeleteActivityExecution', api.DeleteActivityExecutionRequest, activity, [disabled, ...idRows]);
for (const [method, codec] of [
  ['RequestCancelActivityExecution', api.RequestCancelActivityExecutionRequest],
  ['TerminateActivityExecution', api.TerminateActivityExecutionRequest],
] as const) {
  refuses<object>(method, codec, activity, [disabled, ...idRows, ...requestRows, longReason]);
}
refuses('ListActivityExecutions', api.ListActivityExecutionsRequest, { namespace: 'default' }, [disabled]);
refuses('CountActivityExecutions', api.CountActivityExecutionsRequest, { namespace: 'default' }, [disabled]);
refuses('PauseActivityExecution', api.PauseActivityExecutionRequest, activity, [...operatorRows, longReason]);
refuses('UnpauseActivityExecution', api.UnpauseActivityExecutionRequest, activity, [...operatorRows, negativeJitter]);
refuses('ResetActivityExecution', api.ResetActivityExecutionRequest, activity, [...operatorRows, negativeJitter]);

const UPDATE: api.UpdateActivityExecutionOptionsRequestInit = {
  ...activity,
  activityOptions: { startToCloseTimeout: 1000 },
  updateMask: { paths: ['start_to_close_timeout'] },
};
const changing = (path: string, activityOptions: object, message: string): Row => ({
  fault: `a bad ${path}`,
  change: { activityOptions, updateMask: { paths: [path] } },
  message,
});
refuses('UpdateActivityExecutionOptions', api.UpdateActivityExecutionOptionsRequest, UPDATE, [
  ...operatorRows,
  {
    fault: 'a mask and the original options',
    change: { restoreOriginal: true },
    message: 'Both UpdateMask and RestoreOriginal are provided',
  },
  { fault: 'no options', change: { activityOptions: undefined }, message: 'ActivityOptions are not provided' },
  { fault: 'no mask', change: { updateMask: undefined }, message: 'UpdateMask is not provided' },
  { fault: 'an empty mask', change: { updateMask: {} }, message: 'UpdateMask must specify at least one path' },
  changing('nothing', {}, 'unsupported update_mask path: "nothing"'),
  changing('task_queue.name', {}, 'taskQueue is not set'),
  changing('heartbeat_timeout', { heartbeatTimeout: -1 }, 'invalid HeartbeatTimeout: negative duration'),
  changing('start_delay', { startDelay: -1 }, 'invalid StartDelay: negative duration'),
  changing('priority', { priority: { priorityKey: -1 } }, "priority key can't be negative"),
  changing('priority.fairness_weight', { priority: { fairnessWeight: -1 } }, 'must be greater than zero'),
  changing(
    'retry_policy.backoff_coefficient',
    { retryPolicy: { backoffCoefficient: 0.5 } },
    'BackoffCoefficient cannot be less than 1 on retry policy.',
  ),
  changing(
    'retry_policy.maximum_attempts',
    { retryPolicy: { maximumAttempts: -1 } },
    'MaximumAttempts cannot be negative on retry policy.',
  ),
]);

test('a start goes to the shard of its activity with the defaults filled', async () => {
  const harness = new FrontendHarness();
  harness.answer = () => api.StartActivityExecutionResponse.encode({ runId: 'run' });
  await harness.call('StartActivityExecution', api.StartActivityExecutionRequest.encode(START));
  const [routed] = harness.routed;
  assert.equal(routed?.target, shardIdOf(NAMESPACE_ID, 'a', 4));
  const request = api.StartActivityExecutionRequest.decode(ApiRequest.decode(routed?.request as Uint8Array).request);
  assert.equal(request.idReusePolicy, ActivityIdReusePolicy.ALLOW_DUPLICATE);
  assert.equal(request.idConflictPolicy, ActivityIdConflictPolicy.FAIL);
  assert.notEqual(request.requestId, '');
  assert.equal(request.taskQueue?.kind, TaskQueueKind.NORMAL);
  assert.deepEqual(request.retryPolicy, {
    initialInterval: 1000,
    backoffCoefficient: 2,
    maximumInterval: 100_000,
    maximumAttempts: 0,
    nonRetryableErrorTypes: [],
  });
  const { scheduleToCloseTimeout, scheduleToStartTimeout, startToCloseTimeout, heartbeatTimeout } = request;
  assert.deepEqual(
    [scheduleToCloseTimeout, scheduleToStartTimeout, startToCloseTimeout, heartbeatTimeout],
    [0, 0, 1000, 0],
  );
});

test('an answer by id without a workflow goes to the shard of the activity', async () => {
  const harness = new FrontendHarness();
  await harness.call('RespondActivityTaskCompletedById', api.RespondActivityTaskCompletedByIdRequest.encode(activity));
  assert.equal(harness.routed[0]?.target, shardIdOf(NAMESPACE_ID, 'a', 4));
});

test("an operator's command about an activity of a workflow goes to that", async () => {
  const harness = new FrontendHarness();
  const request = { ...activity, workflowId: 'w', reason: 'why', identity: 'me' };
  await harness.call('PauseActivityExecution', api.PauseActivityExecutionRequest.encode(request));
  const [routed] = harness.routed;
  assert.equal(routed?.method, 'PauseActivity');
  assert.equal(routed?.target, shardIdOf(NAMESPACE_ID, 'w', 4));
  const sent = api.PauseActivityRequest.decode(ApiRequest.decode(routed?.request as Uint8Array).request);
  assert.deepEqual([sent.execution?.workflowId, sent.id, sent.reason, sent.identity], ['w', 'a', 'why', 'me']);
});
