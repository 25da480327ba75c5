// What workers answer: its way by the token, and what is too large for it. A query that none answers.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApiRequest } from '#proto/ostinato/history/v1';
import { RespondQueryTaskCompletedRequest } from '#proto/ostinato/matching/v1';
import { QueryTaskToken, TaskToken } from '#proto/ostinato/token/v1';
import { QueryResultType } from '#proto/temporal/api/enums/v1';
import { Failure } from '#proto/temporal/api/failure/v1';
import * as api from '#proto/temporal/api/workflowservice/v1';
import { GrpcCode, ServiceError } from '../base/service-error.ts';
import { shardIdOf } from '../runtime/shard-id.ts';
import { FrontendHarness, NAMESPACE_ID } from './testing/frontend-harness.ts';
import { BYTES_10, TASK_TOKEN } from './testing/requests.ts';

test('a completion finds its workflow by the token, with or without a namespace', async () => {
  for (const namespace of ['', 'default']) {
    const harness = new FrontendHarness();
    const message = api.RespondWorkflowTaskCompletedRequest.encode({
      namespace,
      taskToken: TASK_TOKEN,
      identity: 'worker-1',
      commands: [{ commandType: 1 }],
    });
    await harness.call('RespondWorkflowTaskCompleted', message);
    const [routed] = harness.routed;
    assert.equal(routed?.target, shardIdOf(NAMESPACE_ID, 'order-1', 4));
    const envelope = ApiRequest.decode(routed?.request as Uint8Array);
    assert.deepEqual(new Uint8Array(envelope.request), new Uint8Array(message));
  }
});

test('eager activities are taken back from clients that cannot run them', async () => {
  const message = api.RespondWorkflowTaskCompletedRequest.encode({
    taskToken: TASK_TOKEN,
    commands: [
      { commandType: 1, scheduleActivityTaskCommandAttributes: { activityId: 'a', requestEagerExecution: true } },
    ],
  });
  for (const [version, eager] of [
    ['1.4.3', false],
    ['1.4.4', true],
    ['1.4.4', true],
    ['nightly', true],
  ] as const) {
    const harness = new FrontendHarness();
    await harness.call('RespondWorkflowTaskCompleted', message, {
      headers: {
        'client-name': 'temporal-typescript',
        ...(version === 'nightly' ? {} : { 'client-version': version }),
      },
    });
    const { commands } = harness.lastRequest(ApiRequest, api.RespondWorkflowTaskCompletedRequest);
    assert.equal(commands[0]?.scheduleActivityTaskCommandAttributes?.requestEagerExecution, eager, version);
  }
});

test('a large activity result fails the activity instead', async () => {
  for (const [method, codec, fields, answer] of [
    [
      'RespondActivityTaskCompleted',
      api.RespondActivityTaskCompletedRequest,
      { taskToken: TASK_TOKEN, result: BYTES_10 },
      'Complete result exceeds size limit.',
    ],
    [
      'RespondActivityTaskCanceled',
      api.RespondActivityTaskCanceledRequest,
      { taskToken: TASK_TOKEN, details: BYTES_10 },
      'Cancel details exceed size limit.',
    ],
    [
      'RespondActivityTaskCompletedById',
      api.RespondActivityTaskCompletedByIdRequest,
      { namespace: 'default', workflowId: 'order-1', activityId: 'a', result: BYTES_10 },
      'Complete result exceeds size limit.',
    ],
    [
      'RecordActivityTaskHeartbeat',
      api.RecordActivityTaskHeartbeatRequest,
      { taskToken: TASK_TOKEN, details: BYTES_10 },
      'Heartbeat details exceed size limit.',
    ],
  ] as const) {
    const harness = new FrontendHarness();
    harness.settings.set('limit.blobSize.warn', 5);
    harness.settings.set('limit.blobSize.error', 9);
    const { response } = await harness.call(method, (codec.encode as (init: object) => Uint8Array)(fields));
    assert.equal(harness.routed[0]?.method, 'RespondActivityTaskFailed');
    const request = harness.lastRequest(ApiRequest, api.RespondActivityTaskFailedRequest);
    const failure = Failure.decode(request.failure as Uint8Array);
    assert.equal(failure.message, answer);
    assert.equal(failure.serverFailureInfo?.nonRetryable, true);
    const token = TaskToken.decode(request.taskToken);
    assert.equal(token.workflowId, 'order-1');
    assert.equal(token.activityId, 'a');
    if (method === 'RecordActivityTaskHeartbeat') {
      assert.equal(api.RecordActivityTaskHeartbeatResponse.decode(response as Uint8Array).cancelRequested, true);
    }
  }
});

test('a large activity failure is cut and the worker told', async () => {
  const harness = new FrontendHarness();
  harness.settings.set('limit.blobSize.warn', 60);
  harness.settings.set('limit.blobSize.error', 60);
  const failure = Failure.encode({
    message: 'é'.repeat(100),
    stackTrace: 'at work',
    applicationFailureInfo: { type: 'Broken', nonRetryable: true },
  });
  const { response } = await harness.call(
    'RespondActivityTaskFailed',
    api.RespondActivityTaskFailedRequest.encode({ taskToken: TASK_TOKEN, failure, lastHeartbeatDetails: BYTES_10 }),
  );
  const answer = api.RespondActivityTaskFailedResponse.decode(response as Uint8Array);
  assert.deepEqual(
    answer.failures.map((told) => Failure.decode(told).message),
    ['Failure exceeds size limit.'],
  );
  const request = harness.lastRequest(ApiRequest, api.RespondActivityTaskFailedRequest);
  assert.notEqual(request.lastHeartbeatDetails, undefined);
  const cause = Failure.decode(Failure.decode(request.failure as Uint8Array).cause as Uint8Array);
  assert.equal(cause.applicationFailureInfo?.type, 'Broken');
  assert.equal(cause.applicationFailureInfo?.nonRetryable, true);
  assert.equal(cause.message, 'é'.repeat(21));
  assert.equal(cause.stackTrace, '');
});

test("a query's answer goes to the partition that waits for it", async () => {
  const harness = new FrontendHarness();
  const taskToken = QueryTaskToken.encode({ namespaceId: NAMESPACE_ID, taskQueue: '/_sys/orders/2', taskId: 't' });
  const message = api.RespondQueryTaskCompletedRequest.encode({ taskToken, queryResult: BYTES_10 });
  await harness.call('RespondQueryTaskCompleted', message);
  assert.equal(harness.routed[0]?.target, `${NAMESPACE_ID}:/_sys/orders/2:1`);
  const envelope = RespondQueryTaskCompletedRequest.decode(harness.routed[0]?.request as Uint8Array);
  assert.equal(envelope.taskId, 't');

  harness.settings.set('limit.blobSize.error', 9);
  harness.settings.set('limit.blobSize.warn', 9);
  await harness.call('RespondQueryTaskCompleted', message);
  const answer = harness.lastRequest(RespondQueryTaskCompletedRequest, api.RespondQueryTaskCompletedRequest);
  assert.equal(answer.completedType, QueryResultType.FAILED);
  assert.equal(answer.errorMessage, 'Blob data size exceeds limit.');

  const empty = QueryTaskToken.encode({ namespaceId: NAMESPACE_ID });
  const refusal = await harness.refusal(
    'RespondQueryTaskCompleted',
    api.RespondQueryTaskCompletedRequest.encode({ taskToken: empty }),
  );
  assert.equal(refusal.message, 'Invalid TaskToken.');
});

test('a query that nobody answers in time says so', async () => {
  const harness = new FrontendHarness();
  harness.answer = () => Promise.reject(new ServiceError(GrpcCode.DEADLINE_EXCEEDED, 'context deadline exceeded'));
  const status = await harness.refusal(
    'QueryWorkflow',
    api.QueryWorkflowRequest.encode({
      namespace: 'default',
      execution: { workflowId: 'w' },
      query: { queryType: 'q' },
    }),
  );
  assert.equal(status.code, GrpcCode.DEADLINE_EXCEEDED);
  assert.equal(status.message, 'query timed out before a worker could process it');
});
