// Errors on their way to the client: unreadable requests, the services' answers, owners that are away, inner faults.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as api from '#proto/temporal/api/workflowservice/v1';
import { GrpcCode, ServiceError } from '../base/service-error.ts';
import { decodeStatus, notFound } from '../proto/service-errors.ts';
import { unreadableRequest } from '../proto/unreadable-request.ts';
import { WireError } from '../proto/wire.ts';
import { FrontendHarness } from './testing/frontend-harness.ts';
import { describe, start, TASK_TOKEN } from './testing/requests.ts';

test('bytes that are no request are answered as grpc-go answers them', async () => {
  const harness = new FrontendHarness();
  const garbage = await harness.refusal('StartWorkflowExecution', new Uint8Array([0x0a, 0xff]));
  assert.equal(garbage.code, GrpcCode.INTERNAL);
  assert.equal(garbage.message, 'grpc: error unmarshalling request: proto: cannot parse invalid wire-format data');
  const badText = await harness.refusal('StartWorkflowExecution', new Uint8Array([0x0a, 1, 0xff]));
  assert.equal(badText.message, 'grpc: error unmarshalling request: string field contains invalid UTF-8');
});

test('what only history can find unreadable is answered in the same way, unmasked and without a detail', async () => {
  const harness = new FrontendHarness();
  harness.answer = () => Promise.reject(unreadableRequest(new WireError('unexpected EOF')));
  const message = api.RespondWorkflowTaskCompletedRequest.encode({ taskToken: TASK_TOKEN, namespace: 'default' });
  const status = await harness.refusal('RespondWorkflowTaskCompleted', message);
  assert.equal(status.code, GrpcCode.INTERNAL);
  assert.equal(status.message, 'grpc: error unmarshalling request: proto: cannot parse invalid wire-format data');
  assert.equal(status.details, undefined);
});

test('what the service answers is passed on with its detail', async () => {
  const harness = new FrontendHarness();
  harness.answer = () => Promise.reject(notFound('workflow not found for ID: order-1'));
  const status = await harness.refusal('DescribeWorkflowExecution', describe());
  assert.equal(status.code, GrpcCode.NOT_FOUND);
  assert.equal(status.message, 'workflow not found for ID: order-1');
  assert.match(decodeStatus(status.details as Uint8Array).details[0]?.typeUrl ?? '', /NotFoundFailure$/);
});

test('an owner that is not there is asked once more', async () => {
  const harness = new FrontendHarness();
  let failures = 1;
  harness.answer = () => {
    if (failures-- > 0) throw new ServiceError(GrpcCode.UNAVAILABLE, 'history is restarting');
    return new Uint8Array(0);
  };
  const first = harness.call('StartWorkflowExecution', start());
  await harness.clock.advance(200);
  assert.equal((await first).status, undefined);
  const [before, after] = harness.routed;
  assert.deepEqual(before?.request, after?.request, 'with the same request id');
  failures = 2;
  const second = harness.refusal('StartWorkflowExecution', start());
  await harness.clock.advance(200);
  assert.equal((await second).code, GrpcCode.UNAVAILABLE);
  assert.equal(harness.routed.length, 4);
});

test('inner faults are masked unless told otherwise', async () => {
  const harness = new FrontendHarness();
  harness.answer = () => Promise.reject(new Error('disk on fire'));
  const masked = await harness.refusal('DescribeWorkflowExecution', describe());
  assert.equal(masked.code, GrpcCode.UNKNOWN);
  // go-farm: Fingerprint32("disk on fire")
  assert.equal(masked.message, 'something went wrong, please retry (286c1e6f)');
  harness.settings.set('frontend.maskInternalErrorDetails', false);
  const open = await harness.refusal('DescribeWorkflowExecution', describe());
  assert.equal(open.message, 'disk on fire');
});
