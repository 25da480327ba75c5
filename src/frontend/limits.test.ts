// Rates of namespaces, of visibility and of the host, and the number of calls that wait.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ResourceExhaustedFailure } from '#proto/temporal/api/errordetails/v1';
import * as api from '#proto/temporal/api/workflowservice/v1';
import { GrpcCode } from '../base/service-error.ts';
import { decodeStatus } from '../proto/service-errors.ts';
import { FrontendHarness } from './testing/frontend-harness.ts';
import { describe, start } from './testing/requests.ts';

async function exhausted(harness: FrontendHarness, method: string, message: Uint8Array, timeoutMs = 60_000) {
  const { status, headers } = await harness.call(method, message, { timeoutMs });
  assert.equal(status?.code, GrpcCode.RESOURCE_EXHAUSTED);
  const [detail] = decodeStatus(status.details as Uint8Array).details;
  return {
    message: status.message,
    ...ResourceExhaustedFailure.decode(detail?.value as Uint8Array),
    headers: Object.fromEntries(headers),
  };
}

test('a namespace has its rate, and gets it back with time', async () => {
  const harness = new FrontendHarness();
  harness.settings.set('frontend.namespaceRPS', 2);
  for (let i = 0; i < 4; i++) {
    assert.equal((await harness.call('DescribeWorkflowExecution', describe())).status, undefined);
  }
  assert.deepEqual(await exhausted(harness, 'DescribeWorkflowExecution', describe()), {
    message: 'namespace rate limit exceeded',
    cause: 1,
    scope: 1,
    headers: { 'x-resource-exhausted-cause': 'RpsLimit', 'x-resource-exhausted-scope': 'Namespace' },
  });
  assert.equal((await harness.call('DescribeWorkflowExecution', describe('other'))).status, undefined);
  await harness.clock.advance(500);
  assert.equal((await harness.call('DescribeWorkflowExecution', describe())).status, undefined);
});

test('lower priorities starve first', async () => {
  const harness = new FrontendHarness();
  harness.settings.set('frontend.namespaceRPS', 2);
  for (let i = 0; i < 4; i++) await harness.call('StartWorkflowExecution', start());
  await exhausted(harness, 'DescribeWorkflowExecution', describe());
  const asOperator = await harness.call('DescribeWorkflowExecution', describe(), {
    headers: { 'caller-type': 'operator' },
  });
  assert.equal(asOperator.status, undefined);
});

test('visibility has a rate of its own', async () => {
  const harness = new FrontendHarness();
  const list = api.ListWorkflowExecutionsRequest.encode({ namespace: 'default' });
  for (let i = 0; i < 10; i++) assert.equal((await harness.call('ListWorkflowExecutions', list)).status, undefined);
  assert.equal((await exhausted(harness, 'ListWorkflowExecutions', list)).scope, 1);
  assert.equal((await harness.call('DescribeWorkflowExecution', describe())).status, undefined);
});

test('the host has its rate', async () => {
  const harness = new FrontendHarness({ hostCount: () => 2 });
  harness.settings.set('frontend.globalRPS', 2);
  await harness.call('DescribeWorkflowExecution', describe());
  await harness.call('DescribeWorkflowExecution', describe('other'));
  const refusal = await exhausted(harness, 'DescribeWorkflowExecution', describe());
  assert.equal(refusal.message, 'service rate limit exceeded');
  assert.equal(refusal.scope, 2);
});

test('calls that wait are counted until they end', async () => {
  const harness = new FrontendHarness();
  harness.settings.set('frontend.namespaceCount', 1);
  harness.answer = () => new Promise(() => {});
  const poll = api.PollActivityTaskQueueRequest.encode({ namespace: 'default', taskQueue: { name: 'q' } });
  const first = harness.begin('PollActivityTaskQueue', poll, { timeoutMs: 60_000 });
  assert.deepEqual(await exhausted(harness, 'PollActivityTaskQueue', poll), {
    message: 'namespace concurrent poller limit exceeded',
    cause: 2,
    scope: 1,
    headers: { 'x-resource-exhausted-cause': 'ConcurrentLimit', 'x-resource-exhausted-scope': 'Namespace' },
  });
  first.cancel();
  harness.answer = () => new Uint8Array(0);
  assert.equal((await harness.call('PollActivityTaskQueue', poll, { timeoutMs: 60_000 })).status, undefined);
  const read = api.GetWorkflowExecutionHistoryRequest.encode({ namespace: 'default', execution: { workflowId: 'w' } });
  harness.settings.set('frontend.namespaceCount', 0);
  assert.equal((await harness.call('GetWorkflowExecutionHistory', read)).status, undefined, 'a read does not wait');
});
